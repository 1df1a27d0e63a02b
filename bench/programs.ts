import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { installPackages } from '../test/live/machines.ts'
import type { Options } from './options.ts'

const installed = (program: string): boolean =>
  (process.env['PATH'] ?? '').split(':').some((path) => existsSync(join(path, program)))

export const hasMydumper = (): boolean => ['mydumper', 'myloader'].every(installed)

/** 'mydumper 0.10.0'. */
export const mydumperVersion = (): string =>
  execFileSync('mydumper', ['--version'], { encoding: 'utf8' }).split(',', 1)[0] ?? 'mydumper'

/** Says what cannot be measured without it; installs it if requested. */
export const demandMydumper = ({ installMydumper }: Options, say: (text: string) => void): void => {
  if (hasMydumper()) return
  if (installMydumper) installPackages(['mydumper'])
  else
    say(
      'mydumper and myloader are not installed: the ratio to them is not had. ' +
        'Install the package mydumper (apt-get install mydumper), or run again with --install-mydumper',
    )
}

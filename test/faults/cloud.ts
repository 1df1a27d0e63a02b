import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Ran, run } from '../../lab/machines.ts'
import { cli, project } from '../../lab/place.ts'
import type { Entry } from '../../src/engine/journal.ts'
import type { Light } from './light.ts'

/** A small cloud on a light pair, with one service made of stand-ins, and the operator's folder with swapctl.ini. */
export interface Cloud {
  readonly light: Light
  /** the operator's folder; also for files of the test */
  readonly desk: string
  /** the state directory of swapctl */
  readonly state: string
  /** the built command line, in the operator's network */
  swapctl(words: readonly string[], options?: SwapctlOptions): Promise<Ran>
  /** The same; throws its output unless it exits 0. */
  done(...words: readonly string[]): Promise<string>
  /** the words before the arguments in `swapctl` */
  readonly program: readonly string[]
  journal(): Promise<readonly Entry[]>
  /** Both machines as after `openCloud`, and an empty folder. */
  reset(): Promise<void>
  close(): Promise<void>
}

export interface SwapctlOptions {
  /** seconds; 300 when absent */
  readonly limit?: number
  /** what happens at lines of the journal: the file that test/faults/at-line.js reads */
  readonly atLine?: string
}

const standIns = join(project, 'test', 'faults', 'stand-ins')
const atLineHook = join(project, 'test', 'faults', 'at-line.js')
const schemas = join(project, 'test', 'fixtures', 'historic-schemas')

const must = async (argv: readonly string[]): Promise<void> => {
  const { code, stdout, stderr } = await run(argv)
  if (code !== 0) throw new Error(`${argv.join(' ')} ended with ${code}: ${stdout}${stderr}`)
}

/** Installs packages on the source, and creates a repository for apt on the target. */
const install = async (light: Light): Promise<void> => {
  const out = join(light.folder, 'stand-ins')
  try {
    await must(['bash', join(standIns, 'build.sh'), out, schemas])
    const source = join(light.root('source'), 'srv', 'stand-ins')
    await cp(join(out, 'source'), source, { recursive: true })
    await cp(join(schemas, 'zed', 'keystone.sql.gz'), join(source, 'schema.sql.gz'))
    await cp(join(standIns, 'cloud.sh'), join(source, 'cloud.sh'))
    await cp(join(out, 'target'), join(light.root('target'), 'srv', 'stand-ins'), { recursive: true })
  } finally {
    await rm(out, { recursive: true, force: true })
  }
  await light.sh('target', "echo 'deb [trusted=yes] file:/srv/stand-ins ./' >/etc/apt/sources.list")
  await light.inside('source', ['bash', '/srv/stand-ins/cloud.sh', light.vip])
}

const settings = (light: Light): string => `[swap]
name = light
release = 2025.1

[source]
host = ${light.address('source')}
host_key = ${light.hostKey('source')}
key = ${light.key}
openrc = /root/openrc

[target]
host = ${light.address('target')}
host_key = ${light.hostKey('target')}
key = ${light.key}

[address api]
address = ${light.vip}/24
source_interface = eth0
target_interface = eth0

; longer than a busy machine needs for a cutover that is killed after each of its lines
[cutover]
budget = 300
`

/** Creates the cloud on newly opened machines. `kept`: `reset` returns to it, which takes a boot. */
export const openCloud = async (light: Light, kept = true): Promise<Cloud> => {
  await install(light)
  if (kept) await light.keep()
  const desk = join(light.folder, 'desk')
  await mkdir(desk)
  await writeFile(join(desk, 'swapctl.ini'), settings(light))
  const state = join(desk, 'swap-state')
  const ini = ['-c', join(desk, 'swapctl.ini')]
  const program = [...light.operator, process.execPath, cli, ...ini]
  const swapctl: Cloud['swapctl'] = (words, { limit = 300, atLine } = {}) => {
    const watched = ['env', `SWAPCTL_AT_LINE=${atLine}`, process.execPath, '--import', atLineHook, cli, ...ini]
    return run([...(atLine === undefined ? program : [...light.operator, ...watched]), ...words], { limit })
  }
  return {
    light,
    desk,
    state,
    program,
    swapctl,
    done: async (...words) => {
      const { code, stdout, stderr } = await swapctl(words)
      if (code !== 0) throw new Error(`swapctl ${words.join(' ')} ended with ${code}:\n${stdout}${stderr}`)
      return stdout + stderr
    },
    journal: async () => entriesOf(await readFile(join(state, 'journal.jsonl'), 'utf8').catch(() => '')),
    reset: async () => {
      await light.reset()
      await rm(state, { recursive: true, force: true })
    },
    close: () => light.close(),
  }
}

const entriesOf = (text: string): readonly Entry[] =>
  text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Entry)

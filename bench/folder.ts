import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const prefix = 'swapctl-bench-'

/** The system's default, before TMPDIR is set to this run's folder. */
const top = tmpdir()

export const ownFolder = (): string => join(top, `${prefix}${process.pid}`)

const textOf = (path: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

/** Kills programs that have a path in this folder on their command line, and removes it. */
export const cleanUp = (folder: string): void => {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name)))
    if (Number(pid) !== process.pid && textOf(`/proc/${pid}/cmdline`).includes(`${folder}/`)) kill(Number(pid))
  rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
}

const kill = (pid: number): void => {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended by itself.
  }
}

/** Creates this run's folder for all temporary files; removes what killed runs have left. */
export const makeFolder = (): string => {
  for (const name of readdirSync(top)) {
    const pid = new RegExp(`^${prefix}(\\d+)$`).exec(name)?.[1]
    if (pid !== undefined && textOf(`/proc/${pid}/cmdline`) === '') cleanUp(join(top, name))
  }
  mkdirSync(ownFolder(), { mode: 0o700 })
  process.env['TMPDIR'] = ownFolder()
  return ownFolder()
}

import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const prefix = 'swapctl-bench-'

/** The system's own; TMPDIR is set to the folder of this run later on. */
const top = tmpdir()

export const ownFolder = (): string => join(top, `${prefix}${process.pid}`)

const textOf = (path: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

/** Ends what was started with a path under this folder among its words, and removes it. */
export const cleanUp = (folder: string): void => {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name)))
    if (Number(pid) !== process.pid && textOf(`/proc/${pid}/cmdline`).includes(`${folder}/`)) kill(Number(pid))
  rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
}

const kill = (pid: number): void => {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It ended by itself meanwhile.
  }
}

/** Makes the folder of this run, where all temporary files go from now on; takes away what killed runs have left. */
export const makeFolder = (): string => {
  for (const name of readdirSync(top)) {
    const pid = new RegExp(`^${prefix}(\\d+)$`).exec(name)?.[1]
    if (pid !== undefined && textOf(`/proc/${pid}/cmdline`) === '') cleanUp(join(top, name))
  }
  mkdirSync(ownFolder(), { mode: 0o700 })
  process.env['TMPDIR'] = ownFolder()
  return ownFolder()
}

import { link, readFile, readlink, rename, rm, writeFile } from 'node:fs/promises'
import { hostname, userInfo } from 'node:os'
import { join } from 'node:path'
import { refuse } from '../errors.ts'
import { makeDirectory } from '../state.ts'

export interface Holder {
  readonly user: string
  readonly host: string
  readonly pid: number
  /** tells this process from a later one with the same pid; '' where the system has no /proc */
  readonly started: string
  /** tells machines of the same name, and containers of one machine, apart */
  readonly place: string
  readonly at: string
  readonly command: string
}

const remedy = (file: string): string => `Wait until it ends. If you know that it is gone, remove ${file}.`

/** Boot and start time of a process; undefined when there is none with this pid. */
const startOf = async (pid: number): Promise<string | undefined> => {
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return undefined
  }
  try {
    const boot = (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim()
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
    // The name in parentheses may hold spaces; the 20th field after it is the start time in ticks since boot.
    return `${boot} ${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''}`
  } catch {
    return ''
  }
}

const placeOf = async (): Promise<string> => {
  const id = await readFile('/etc/machine-id', 'utf8').catch(() => '')
  return `${id.trim()} ${await readlink('/proc/self/ns/pid').catch(() => '')}`
}

/** This process, described so that another process can tell whether it still runs. */
export const self = async (command: string): Promise<Holder> => ({
  user: userInfo().username,
  host: hostname(),
  pid: process.pid,
  started: (await startOf(process.pid)) ?? '',
  place: await placeOf(),
  at: new Date().toISOString(),
  command,
})

const readHolder = async (file: string): Promise<Holder | undefined> => {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Holder
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw refuse(file, `the lock cannot be read: ${(error as Error).message}`, remedy(file), error)
  }
}

export const told = (holder: Holder): string =>
  `swapctl ${holder.command}, started by ${holder.user} on ${holder.host} (pid ${holder.pid}) at ${holder.at}`

/** Only a process on this machine and in this pid namespace can be known to be gone. */
export const isGone = async (holder: Holder): Promise<boolean> =>
  holder.host === hostname() && holder.place === (await placeOf()) && (await startOf(holder.pid)) !== holder.started

/** Removes the lock of a dead process, unless another swapctl has already replaced it. */
const putAside = async (file: string, holder: Holder): Promise<void> => {
  const aside = `${file}.${process.pid}`
  await rename(file, aside).catch(() => {})
  const taken = await readHolder(aside)
  if (taken !== undefined && taken.pid !== holder.pid) await link(aside, file).catch(() => {})
  await rm(aside, { force: true })
}

/** link() creates the file with its whole content or not at all. True: the lock is ours. */
const claim = async (file: string, holder: Holder): Promise<boolean> => {
  const mine = `${file}.new.${process.pid}`
  await writeFile(mine, `${JSON.stringify(holder)}\n`, { mode: 0o600 })
  try {
    await link(mine, file)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw refuse(file, `cannot create the lock: ${(error as Error).message}`, 'Check the state directory.', error)
  } finally {
    await rm(mine, { force: true })
  }
}

/**
 * Locks the state directory for one command; resolves with the function that releases it. A lock left by a dead process
 * of this machine is taken over, and `say` is told. Throws SwapError (exit 2) naming the holder.
 */
export const takeLock = async (
  state: string,
  command: string,
  say: (text: string) => void = () => {},
): Promise<() => Promise<void>> => {
  await makeDirectory(state)
  const file = join(state, 'lock')
  const mine = await self(command)
  for (let attempt = 0; attempt < 5; attempt += 1) {
    if (await claim(file, mine)) return () => rm(file, { force: true })
    const holder = await readHolder(file)
    if (holder === undefined) continue
    if (!(await isGone(holder))) throw refuse(file, `this swap is in use: ${told(holder)}`, remedy(file))
    say(`Taking over the lock of ${told(holder)}: that process has ended.`)
    await putAside(file, holder)
  }
  throw refuse(file, 'other processes keep taking the lock', remedy(file))
}

import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { ownFolder } from './folder.ts'

const ticksPerSecond = 100

/** utime, stime, cutime, cstime: proc(5), fields 14 to 17. */
const ticks = (pid: string): readonly number[] => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .slice(11, 15)
      .map(Number)
  } catch {
    return []
  }
}

const isOwn = (pid: string): boolean => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(`${ownFolder()}/`)
  } catch {
    return false
  }
}

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0)

/** Processor seconds of the servers, and of the finished children of these and of this program. */
export const cpuSeconds = async (): Promise<number> => {
  // An sshd session ends shortly after its client, and counts only then.
  await sleep(300)
  const servers = readdirSync('/proc').filter(
    (name) => /^\d+$/.test(name) && name !== String(process.pid) && isOwn(name),
  )
  const all = servers.flatMap(ticks)
  return (sum(all) + sum(ticks('self').slice(2))) / ticksPerSecond
}

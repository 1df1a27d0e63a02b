import { setTimeout as sleep } from 'node:timers/promises'
import { SwapError } from '../../errors.ts'
import { markName } from '../../hosts/channel.ts'
import { type Host, type HostName, type Hosts, isSide } from '../../hosts/host.ts'
import type { Action } from '../step.ts'

/** `grep -z` over every process' environment: '/proc/4711/environ:SWAPCTL_STEP=nova/sync:4711\0...' -> [4711] */
const parseMarked = (stdout: string, mark: string): readonly number[] =>
  stdout.split('\0').flatMap((line) => {
    const [, pid, rest] = /^\/proc\/(\d+)\/environ:[^=]*=(.*)$/s.exec(line) ?? []
    // Child processes inherit the variable; only the program itself has the pid that is in it.
    return pid !== undefined && rest === `${mark}:${pid}` ? [Number(pid)] : []
  })

/** Programs that a dead swapctl started for a step and that still run. */
export const leftovers = async (host: Host, mark: string): Promise<readonly number[]> => {
  const script = `grep -zas "^${markName}=" /proc/[0-9]*/environ || true`
  const { stdout } = await host.run({ argv: ['sh', '-c', script], limit: 60 })
  return parseMarked(stdout, mark)
}

/**
 * The mark of a stream's two programs. If swapctl dies they get no more data, and a machine that lost its connection
 * does not notice: they would wait for ever.
 */
export const streamMark = (mark: string): string => `${mark}|`

const endStreams = async (host: Host, mark: string): Promise<void> => {
  const pids = await leftovers(host, streamMark(mark))
  if (pids.length === 0) return
  const script = 'for pid; do kill -s KILL -- "-$pid" 2>/dev/null; done; :'
  await host.run({ argv: ['sh', '-c', script, 'end', ...pids.map(String)], limit: 30 })
}

/** The machines that actions run programs on. */
export const machinesOf = (actions: readonly Action[]): readonly HostName[] => [
  ...new Set(
    actions.flatMap((action): HostName[] => {
      if (action.kind === 'pipe') return [action.from.on, action.to.on]
      return action.kind === 'follow' ? [action.from, action.on] : [action.on]
    }),
  ),
]

const patience = 3600

const awaitOn = async (hosts: Hosts, mark: string, name: HostName, progress: (text: string) => void): Promise<void> => {
  const began = Date.now()
  await endStreams(hosts(name), mark)
  for (;;) {
    const pids = [...(await leftovers(hosts(name), mark)), ...(await leftovers(hosts(name), streamMark(mark)))]
    if (pids.length === 0) return
    const who = `process ${pids.join(', ')} on ${name}, left by an earlier run`
    if (Date.now() - began > patience * 1000)
      throw new SwapError(
        name,
        `${who} does not end`,
        `Check that process, end it if necessary, then run the same command again.`,
      )
    progress(`waiting for ${who}`)
    await sleep(1000)
  }
}

/**
 * Waits until no program of an interrupted run of this step runs on these machines: two schema migrations at once are
 * worse than a late one. Programs of a stream are killed, because the stream starts again from the beginning. Throws
 * SwapError after an hour, naming the process. Does not wait for a machine of neither side that does not answer:
 * resolves with what to look at there.
 */
export const awaitLeftovers = async (
  hosts: Hosts,
  mark: string,
  machines: readonly HostName[],
  progress: (text: string) => void,
): Promise<readonly string[]> => {
  const unknown: string[] = []
  for (const name of new Set(machines))
    try {
      await awaitOn(hosts, mark, name, progress)
    } catch (error) {
      if (!(error instanceof SwapError) || isSide(name)) throw error
      unknown.push(`${name}: ${error.message}; check there for processes that an earlier run of ${mark} left running`)
    }
  return unknown
}

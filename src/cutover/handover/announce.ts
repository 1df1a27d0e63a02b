import type { Of } from '../../engine/step.ts'
import type { HostName } from '../../hosts/host.ts'
import { programText } from '../../text/program.ts'

/**
 * Python, since every controller has it and arping needs a second for each announcement: between "the target has it" and
 * "the source lets go" only milliseconds may pass. Each round is a gratuitous ARP request and a reply, since some kernels
 * and switches ignore one of the two (neutron sends both), or for IPv6 an unsolicited neighbour
 * advertisement with the override flag (RFC 4861, 7.2.6).
 */
export const program = programText('announce.py', import.meta.url)

/** An address on an interface of one side, with what `ip addr` has to be told besides. */
export interface Place {
  readonly address: string
  readonly prefix: number
  readonly device: string
  /** '+' for the usual one */
  readonly broadcast?: string
  readonly label?: string
}

/** Five words for each place, empty where there is nothing: what all programs here take. */
export const places = (all: readonly Place[]): readonly string[] =>
  all.flatMap((it) => [it.address, String(it.prefix), it.device, it.broadcast ?? '', it.label ?? ''])

export const announcing = (on: HostName, script: string, words: readonly string[], limit: number): Of<'exec'> => ({
  kind: 'exec',
  on,
  argv: ['sh', '-ec', script, ...words],
  stdin: program,
  limit,
})

/** What was put back meanwhile is not to be announced any more. */
const announceThere = programText('announce.sh', import.meta.url)

/** Tells the network `rounds` times, `pause` seconds apart, that this machine now has the addresses; fails when it has not. */
export const announceAction = (on: HostName, all: readonly Place[], rounds: number, pause: number): Of<'exec'> =>
  announcing(on, announceThere, ['announce', String(rounds), String(pause), ...places(all)], rounds * pause + 20)

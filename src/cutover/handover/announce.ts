import type { Of } from '../../engine/step.ts'
import type { HostName } from '../../hosts/host.ts'
import { programText } from '../../text/program.ts'

/**
 * Python, because every controller has it and arping takes a second per announcement: between "the target has it" and
 * "the source lets go" only milliseconds may pass. Each round is a gratuitous ARP request and a reply, because some
 * kernels and switches ignore one of the two (neutron sends both); for IPv6 an unsolicited neighbour advertisement with
 * the override flag (RFC 4861, 7.2.6).
 */
export const program = programText('announce.py', import.meta.url)

/** An address on an interface of one side, with the attributes that `ip addr` needs. */
export interface Place {
  readonly address: string
  readonly prefix: number
  readonly device: string
  /** '+' for the default one */
  readonly broadcast?: string
  readonly label?: string
}

/** Five words per place, '' where a value is absent: the arguments of all programs here. */
export const places = (all: readonly Place[]): readonly string[] =>
  all.flatMap((it) => [it.address, String(it.prefix), it.device, it.broadcast ?? '', it.label ?? ''])

export const announcing = (on: HostName, script: string, words: readonly string[], limit: number): Of<'exec'> => ({
  kind: 'exec',
  on,
  argv: ['sh', '-ec', script, ...words],
  stdin: program,
  limit,
})

/** An address that was rolled back meanwhile must not be announced any more. */
const announceThere = programText('announce.sh', import.meta.url)

/**
 * Announces `rounds` times, `pause` seconds apart, that this machine has the addresses; fails when it does not have
 * them.
 */
export const announceAction = (on: HostName, all: readonly Place[], rounds: number, pause: number): Of<'exec'> =>
  announcing(on, announceThere, ['announce', String(rounds), String(pause), ...places(all)], rounds * pause + 20)

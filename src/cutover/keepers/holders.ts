import type { NetworkLink } from '../../ask/addresses.ts'
import { ask } from '../../ask/question.ts'
import type { MovingAddress } from '../../config.ts'
import type { Host, Hosts } from '../../hosts/host.ts'
import { python } from '../../hosts/python.ts'
import { programText } from '../../text/program.ts'

/**
 * Asks the network of one interface who has an address, as nobody: an ARP probe whose sender is 0.0.0.0 (RFC 5227, 2.1.1),
 * or a neighbour solicitation from :: (RFC 4862, 5.4.2). No neighbour learns from either, so that it may be asked while
 * somebody serves there. Three times in the first half, since one may be lost; prints the MAC of each that says it has it.
 * Bound to its own protocol, the socket does not hear what this machine itself sends.
 */
export const program = programText('holders.py', import.meta.url)

/** The MAC addresses of all who say on this machine's interface that they have the address; never the machine itself. */
export const askHolders = async (host: Host, address: string, device: string): Promise<readonly string[]> =>
  ask(host, {
    argv: ['sh', '-ec', `${python} "$0" "$@"`, address, device, '0.8'],
    stdin: program,
    parse: (text) => text.split(/\s+/).filter((mac) => mac !== ''),
  })

/**
 * Who has a moving address besides the source, asked from both sides: each hears what the other cannot, itself least of
 * all. `own`: the source's interfaces. After the hold the target is a stranger too, when it answers.
 */
export const askStrangers = async (
  hosts: Hosts,
  { address, sourceInterface, targetInterface }: MovingAddress,
  own: readonly Pick<NetworkLink, 'mac'>[],
): Promise<readonly string[]> => {
  const heard = await Promise.all([
    askHolders(hosts('source'), address, sourceInterface),
    askHolders(hosts('target'), address, targetInterface),
  ])
  return [...new Set(heard.flat())].filter((mac) => !own.some((link) => link.mac === mac)).sort()
}

import type { NetworkLink } from '../../ask/addresses.ts'
import { ask } from '../../ask/question.ts'
import type { MovingAddress } from '../../config.ts'
import type { Host, Hosts } from '../../hosts/host.ts'
import { python } from '../../hosts/python.ts'
import { programText } from '../../text/program.ts'

/**
 * Asks on one interface which machines have an address, without revealing the sender: an ARP probe from 0.0.0.0 (RFC
 * 5227, 2.1.1), or a neighbour solicitation from :: (RFC 4862, 5.4.2). Neighbours learn nothing from either, so it is
 * safe while the address is in use. Sent three times in the first half, because one may be lost; prints the MAC of each
 * that answers. The socket is bound to its own protocol and so does not receive what this machine sends.
 */
export const program = programText('holders.py', import.meta.url)

/** The MAC addresses of all machines that answer for the address on this interface; never this machine's own. */
export const askHolders = async (host: Host, address: string, device: string): Promise<readonly string[]> =>
  ask(host, {
    argv: ['sh', '-ec', `${python} "$0" "$@"`, address, device, '0.8'],
    stdin: program,
    parse: (text) => text.split(/\s+/).filter((mac) => mac !== ''),
  })

/**
 * Which machines other than the source have a moving address. Asked from both sides, because no machine receives its
 * own answer. `own`: the source's interfaces. After the hold the target counts as a stranger too, if it answers.
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

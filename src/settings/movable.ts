import { BlockList, isIPv6 } from 'node:net'

const ranges: readonly (readonly [string, number, string])[] = [
  ['0.0.0.0', 8, 'means "this network" and is not the address of a machine'],
  ['127.0.0.0', 8, 'is a loopback address: only the same machine reaches it'],
  ['169.254.0.0', 16, 'is a link-local address: no router forwards it'],
  ['224.0.0.0', 4, 'is a multicast address: it belongs to a group, not to a machine'],
  ['240.0.0.0', 4, 'is reserved or the broadcast address'],
  ['::', 128, 'means "any address" and is not the address of a machine'],
  ['::1', 128, 'is a loopback address: only the same machine reaches it'],
  ['::ffff:0:0', 96, 'is an IPv4 address written as IPv6: name it as IPv4'],
  ['fe80::', 10, 'is a link-local address: it belongs to one link and cannot be announced on another'],
  ['ff00::', 8, 'is a multicast address: it belongs to a group, not to a machine'],
]

const lists = ranges.map(([network, prefix, why]) => {
  const list = new BlockList()
  list.addSubnet(network, prefix, isIPv6(network) ? 'ipv6' : 'ipv4')
  return { list, six: isIPv6(network), why }
})

/**
 * Why an address cannot move to another machine by announcing it there (RFC 5227, RFC 4861); undefined when it can.
 * Kinds of addresses: RFC 6890 and RFC 4291.
 */
export const whyUnmovable = (address: string): string | undefined =>
  // To Node an IPv4 address is in ::ffff:0:0/96 as well.
  lists.find(({ list, six }) => six === isIPv6(address) && list.check(address, six ? 'ipv6' : 'ipv4'))?.why

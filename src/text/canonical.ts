import { isIPv6 } from 'node:net'

/**
 * One spelling per address: fd00:0::1 and FD00::1 are the same. An address with a zone (fe80::1%eth0) stays as it is.
 */
export const canonical = (address: string): string =>
  isIPv6(address) && !address.includes('%') ? new URL(`http://[${address}]`).hostname.slice(1, -1) : address

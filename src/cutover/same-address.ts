import { isIPv6 } from 'node:net'

/** One spelling for each address: fd00:0::1 and FD00::1 are the same. */
const canonical = (address: string): string =>
  isIPv6(address) ? new URL(`http://[${address}]`).hostname.slice(1, -1) : address

const sameAddress = (one: string, other: string): boolean => canonical(one) === canonical(other)

/** Whether 'A/P' or 'A' is this address. */
export const names = (text: string, address: string): boolean =>
  sameAddress(
    text
      .trim()
      .replace(/^["']|["']$/g, '')
      .replace(/\/\d+$/, ''),
    address,
  )

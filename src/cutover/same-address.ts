import { canonical } from '../text/canonical.ts'

const sameAddress = (one: string, other: string): boolean => canonical(one) === canonical(other)

/** Whether 'A/P', 'A/MASK' or 'A' is this address. */
export const names = (text: string, address: string): boolean =>
  sameAddress(
    text
      .trim()
      .replace(/^["']|["']$/g, '')
      .replace(/\/[\d.]+$/, ''),
    address,
  )

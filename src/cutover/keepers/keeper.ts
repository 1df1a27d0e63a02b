import { shell } from '../../hosts/host.ts'

/** A program that sets an address by itself, whatever the network configuration says. */
export interface Keeper {
  /** 'keepalived: /etc/keepalived/keepalived.conf, line 12' */
  readonly says: string
  /** what to run on that machine so that it leaves the address alone */
  readonly commands: readonly string[]
  /** swapctl may be able to do that itself: see held.ts */
  readonly by?: 'keepalived' | 'pacemaker'
  /** it runs, and it is unclear whether it sets this address */
  readonly unsure?: true
}

/** One file or answer read on the machine. */
export interface Part {
  readonly kind: string
  readonly path: string
  readonly lines: readonly string[]
}

/** Matches the line's text, not its number: running the first of two such commands shifts the lines for the second. */
export const deletion = (path: string, line: string): string =>
  shell(['sed', '-i.before-swapctl', `/^${line.replace(/[\\/.*[\]^$]/g, '\\$&')}$/d`, path])

import { shell } from '../../hosts/host.ts'

/** Something that gives a machine an address by itself, whatever its network configuration says. */
export interface Keeper {
  /** 'keepalived: /etc/keepalived/keepalived.conf, line 12' */
  readonly says: string
  /** what to type on that machine so that it leaves the address alone */
  readonly commands: readonly string[]
  /** swapctl may be able to end that itself: see held.ts */
  readonly by?: 'keepalived' | 'pacemaker'
  /** it runs, and nobody knows whether it sets this address */
  readonly unsure?: true
}

/** One file, or one answer, of what was read on the machine. */
export interface Part {
  readonly kind: string
  readonly path: string
  readonly lines: readonly string[]
}

/** By what the line says, not by its number: of two that are typed one after the other, the first has moved the second. */
export const deletion = (path: string, line: string): string =>
  shell(['sed', '-i.before-swapctl', `/^${line.replace(/[\\/.*[\]^$]/g, '\\$&')}$/d`, path])

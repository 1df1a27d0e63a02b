import { isIP } from 'node:net'
import { canonical } from '../text/canonical.ts'

/** The parts of 'root@10.0.0.11:2222'. */
export interface SshAddress {
  readonly user: string
  readonly host: string
  readonly port: number
}

const name = /^[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?$/

/**
 * [USER@]HOST[:PORT] as in ssh URLs; an IPv6 address needs brackets only before a port. Undefined for anything else.
 */
export const parsePlace = (text: string): SshAddress | undefined => {
  const [, user = 'root', rest = ''] = /^(?:([A-Za-z_][\w.-]*)@)?(\S+)$/.exec(text) ?? []
  if (isIP(rest) === 6) return { user, host: canonical(rest), port: 22 }
  const [, bracketed, plain = '', digits] = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/.exec(rest) ?? []
  const host = bracketed ?? plain
  const port = Number(digits ?? 22)
  const known =
    bracketed === undefined
      ? isIP(host) === 4 || (name.test(host) && !host.includes('..') && !/^[\d.]+$/.test(host))
      : isIP(host) === 6
  return known && port >= 1 && port <= 65_535 ? { user, host: canonical(host), port } : undefined
}

import { isIP } from 'node:net'
import { canonical } from '../text/canonical.ts'

/** The parts of 'root@10.0.0.11:2222'; what is not written is left to the caller. */
export interface Given {
  readonly user?: string
  readonly host: string
  readonly port?: number
}

const name = /^[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?$/

/**
 * [USER@]HOST[:PORT] as in ssh URLs; an IPv6 address needs brackets only before a port. Undefined for anything else.
 */
export const parseGiven = (text: string): Given | undefined => {
  const [, user, rest = ''] = /^(?:([A-Za-z_][\w.-]*)@)?(\S+)$/.exec(text) ?? []
  const by = user === undefined ? {} : { user }
  if (isIP(rest) === 6) return { ...by, host: canonical(rest) }
  const [, bracketed, plain = '', digits] = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/.exec(rest) ?? []
  const host = bracketed ?? plain
  const known =
    bracketed === undefined
      ? isIP(host) === 4 || (name.test(host) && !host.includes('..') && !/^[\d.]+$/.test(host))
      : isIP(host) === 6
  if (!known) return undefined
  if (digits === undefined) return { ...by, host: canonical(host) }
  const port = Number(digits)
  return port >= 1 && port <= 65_535 ? { ...by, host: canonical(host), port } : undefined
}

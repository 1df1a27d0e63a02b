import { isIP } from 'node:net'
import { lines } from '../../ask/question.ts'
import type { MovingAddress } from '../../config.ts'
import { names } from '../same-address.ts'
import { statementsOf, whyOpen } from './keepalived.ts'
import type { Part } from './keeper.ts'

/** A running keepalived that sets moving addresses. */
export interface Vrrp {
  /** its systemd unit: 'keepalived.service' */
  readonly unit: string
  /** seconds between two advertisements, the longest of all instances */
  readonly interval: number
  /** its vrrp_scripts, which decide whether it may have the addresses; a command may contain a secret */
  readonly scripts: readonly { readonly name: string; readonly command: string }[]
  /**
   * why swapctl must not stop it; undefined: it may be stopped and masked, and the machine keeps the addresses without
   * it
   */
  readonly refused?: string
}

/** Seconds; the default of `advert_int` (keepalived.conf(5)). */
const defaultInterval = 1

const unitOf = (parts: readonly Part[]): string | undefined => {
  const units = new Set(parts.filter(({ kind }) => kind === 'unit').map(({ path }) => path))
  const [first] = units
  return units.size === 1 && first !== '' ? first : undefined
}

const addressOf = (word: string): string => word.replace(/\/\d+$/, '')

/**
 * What else a keepalived does besides setting moving addresses, which would stop with it: `virtual_server IP PORT`,
 * routes and rules of an instance, and addresses that stay (keepalived.conf(5), "VRRP instance" and "LVS
 * configuration").
 */
const whyNeeded = (parts: readonly Part[], moving: readonly MovingAddress[]): string | undefined => {
  const statements = statementsOf(parts)
  const moves = (address: string) => moving.some((one) => names(address, one.address))
  const inBlock = (block: RegExp) => statements.filter(({ within }) => block.test(within.at(-1) ?? ''))
  const set = inBlock(/^virtual_ipaddress(_excluded)?$/).map(({ words }) => addressOf(words[0] ?? ''))
  const stays = set.find((address) => isIP(address) !== 0 && !moves(address))
  if (stays !== undefined) return `it also sets ${stays}, which is in no [address] section`
  const routes = inBlock(/^virtual_(routes|rules)$/)[0]
  if (routes !== undefined) return `it also sets routes or rules: ${routes.words.join(' ')}`
  const balanced = statements.find(
    ({ words: [word, address = ''], within }) =>
      within.length === 0 && (word === 'virtual_server_group' || (word === 'virtual_server' && !moves(address))),
  )
  return balanced === undefined ? undefined : `it also balances ${balanced.words.join(' ')}`
}

/** undefined when no running keepalived sets one of the addresses. */
export const vrrpOf = (parts: readonly Part[], moving: readonly MovingAddress[]): Vrrp | undefined => {
  const config = parts.filter(({ kind }) => kind === 'keepalived')
  const statements = statementsOf(config)
  const sets = statements.some(
    ({ words, within }) =>
      /^virtual_ipaddress/.test(within.at(-1) ?? '') && moving.some((one) => names(words[0] ?? '', one.address)),
  )
  if (!sets || !parts.some(({ kind, path }) => kind === 'daemon' && path === 'keepalived')) return undefined
  const unit = unitOf(parts)
  const intervals = statements.flatMap(({ words: [word, value] }) => (word === 'advert_int' ? [Number(value)] : []))
  const scripts = statements.flatMap(({ words: [word, ...rest], within }) =>
    word === 'script' ? [{ name: within.at(-1) ?? '', command: rest.join(' ') }] : [],
  )
  const [inTheWay] = parts.filter(({ kind }) => kind === 'unit').flatMap((part) => lines(part.lines.join('\n')))
  const unread = parts.filter(({ kind }) => kind === 'unread').map(({ path }) => path)
  const refused =
    unit === undefined
      ? 'no single systemd unit runs it, so swapctl cannot prevent its next start'
      : inTheWay !== undefined
        ? `systemctl cannot mask its unit, because ${inTheWay} exists: move that file to /usr/local/lib/systemd/system, then: systemctl daemon-reload; systemctl reenable ${unit}`
        : (whyOpen(config, unread) ?? whyNeeded(config, moving))
  return {
    unit: unit ?? '',
    interval: Math.max(defaultInterval, ...intervals.filter(Number.isFinite)),
    scripts,
    ...(refused === undefined ? {} : { refused }),
  }
}

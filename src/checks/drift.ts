import type { Member } from '../survey.ts'
import type { Setting } from './config.ts'

/** A machine's own addresses and host name, longest first, so that none is matched inside another. */
const ownOf = ({ side }: Member): readonly string[] => {
  const short = side.hostname.split('.')[0] ?? ''
  const addresses = side.addresses.filter((one) => one.interface !== 'lo').map((one) => one.address)
  return [...addresses, side.hostname, short].filter((one) => one !== '').toSorted((a, b) => b.length - a.length)
}

const pattern = (words: readonly string[]): RegExp =>
  new RegExp(
    `(?<![\\w.-])(?:${words.map((one) => one.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|')})(?![\\w-]|\\.\\w)`,
    'g',
  )

/** The values of every option, in order. */
const picture = (settings: readonly Setting[]): ReadonlyMap<string, string> => {
  const found = new Map<string, string>()
  for (const { file, key, value } of settings) {
    const name = `${file}: ${key}`
    found.set(name, found.has(name) ? `${found.get(name)}\n${value}` : value)
  }
  return found
}

/** A value with the machine's own address and name replaced by placeholders. */
const impersonal = (value: string | undefined, member: Member): string | undefined => {
  const own = ownOf(member)
  return own.length === 0 ? value : value?.replaceAll(pattern(own), '{own}')
}

export interface Described {
  readonly member: Member
  readonly settings: readonly Setting[]
}

/**
 * Options in which a machine differs from the first of its side, apart from its own addresses and name: 'source:ctl2:
 * /etc/nova/nova.conf: workers'. Names only, because values may contain passwords.
 */
export const driftOf = ([first, ...others]: readonly Described[]): readonly string[] => {
  if (first === undefined) return []
  const lead = picture(first.settings)
  return others.flatMap(({ member, settings }) => {
    const theirs = picture(settings)
    const names = [...new Set([...lead.keys(), ...theirs.keys()])]
    const differ = (name: string): boolean =>
      lead.get(name) !== theirs.get(name) &&
      impersonal(lead.get(name), first.member) !== impersonal(theirs.get(name), member)
    return names.filter(differ).map((name) => `${member.name}: ${name}`)
  })
}

import { isIP } from 'node:net'
import { dirname, resolve } from 'node:path'
import { type Config, defaultBudget, leastBudget, type MovingAddress, mostBudget } from '../config.ts'
import { refuse } from '../errors.ts'
import { canonical } from '../text/canonical.ts'
import { readWritten } from './file.ts'
import { hopOptions, hopsIn } from './hop.ts'
import { jumpsOf } from './jumps.ts'
import { machineName, machineOf, placeOf } from './machine.ts'
import { whyUnmovable } from './movable.ts'
import { pairsOf, sideComplaints, sidesOf } from './sides.ts'
import { type Section, sectionsOf } from './text.ts'
import { type About, complain, expand, integer, rateIn, refuseTwice, releaseIn } from './values.ts'

interface Kind {
  /** 'perhaps': [source] for a side with one machine, [source NAME] for each machine of a larger one */
  readonly named: boolean | 'perhaps'
  readonly options: Readonly<Record<string, 'required' | 'optional'>>
}

const machine = {
  host: 'required',
  port: 'optional',
  user: 'optional',
  become: 'optional',
  become_password_file: 'optional',
  key: 'optional',
  key_passphrase_file: 'optional',
  host_key: 'required',
} as const

const reached = { ...machine, jump: 'optional' } as const
const { become: _how, become_password_file: _file, ...jump } = machine

/** Every section and option that exists; anything else in the file is refused as a mistake. */
export const sections: Readonly<Record<string, Kind>> = {
  swap: { named: false, options: { name: 'required', release: 'required', state: 'optional', parallel: 'optional' } },
  source: { named: 'perhaps', options: { ...reached, openrc: 'optional' } },
  target: { named: 'perhaps', options: reached },
  address: {
    named: true,
    options: { address: 'required', source_interface: 'required', target_interface: 'required' },
  },
  counterpart: { named: true, options: { source: 'required', target: 'required' } },
  hop: { named: true, options: hopOptions },
  compute: { named: true, options: reached },
  jump: { named: true, options: jump },
  limits: {
    named: false,
    options: {
      command: 'optional',
      schema: 'optional',
      packages: 'optional',
      checksum: 'optional',
      silence: 'optional',
      question: 'optional',
      api: 'optional',
    },
  },
  cutover: { named: false, options: { budget: 'optional', retarget: 'optional' } },
  stage: { named: false, options: { rate: 'optional' } },
}

/**
 * Reads the settings file. Throws SwapError (exit 2) naming file, section and option for anything unknown, missing,
 * duplicate or malformed; all mistakes of one kind are named together.
 */
export const readSettings = (path: string): Config => {
  const file = resolve(path)
  const text = readWritten(file, 'Name another file: --config FILE')
  if (text === undefined)
    throw refuse(file, 'there are no settings', 'Write them with: swapctl init --source HOST --target HOST')
  return configOf(file, text)
}

/**
 * The pure part of readSettings, apart from the mode of password files: text to Config. Relative paths start at the
 * file's directory.
 */
export const configOf = (file: string, text: string): Config => {
  const all = sectionsOf(file, text)
  const complaints = [...all.flatMap((section) => complaintsOf(section)), ...sideComplaints(all)]
  for (const kind of ['swap', 'source', 'target', 'address'])
    if (!all.some((section) => section.kind === kind)) complaints.push(`section [${titleOf(kind)}] is missing`)
  if (complaints.length > 0)
    throw refuse(file, complaints.join('\n  '), 'Fix the settings; `swapctl init` writes a commented example')
  return build(file, all)
}

const titleOf = (kind: string): string => (kindOf(kind)?.named === true ? `${kind} NAME` : kind)

/** Option names are user input: 'constructor' and '__proto__' must not match. */
const kindOf = (name: string): Kind | undefined => (Object.hasOwn(sections, name) ? sections[name] : undefined)

const complaintsOf = (section: Section): string[] => {
  const kind = kindOf(section.kind)
  if (kind === undefined)
    return [`section [${section.title}] is unknown; known: ${Object.keys(sections).map(titleOf).join(', ')}`]
  const complaints: string[] = []
  if (kind.named !== 'perhaps' && kind.named !== (section.name !== ''))
    complaints.push(`section [${section.title}] must be written [${titleOf(section.kind)}]`)
  for (const key of Object.keys(section.values))
    if (!Object.hasOwn(kind.options, key))
      complaints.push(`[${section.title}] ${key}: unknown option; known: ${Object.keys(kind.options).join(', ')}`)
  for (const [key, need] of Object.entries(kind.options))
    if (need === 'required' && (section.values[key] ?? '') === '')
      complaints.push(`[${section.title}] ${key} is missing`)
  return complaints
}

const build = (file: string, all: readonly Section[]): Config => {
  const here = dirname(file)
  const named = (kind: string): readonly Section[] => all.filter((section) => section.kind === kind)
  const one = (kind: string): Section => named(kind)[0] as Section
  const swap = one('swap').values
  const jumps = jumpsOf(file, all)
  const sides = sidesOf(file, all, jumps)
  const addresses = named('address').map((section) => movingOf(file, section))
  const counterparts = named('counterpart').map((section) => pairOf(file, section))
  refuseTwice(
    file,
    'address',
    about(
      named('address'),
      addresses.map(({ address }) => address),
    ),
  )
  refuseTwice(
    file,
    'source',
    about(
      named('counterpart'),
      counterparts.map(({ source }) => source),
    ),
  )
  refuseMoving(file, named('counterpart'), counterparts, addresses)
  refuseSwapped(file, named('counterpart'), counterparts)
  const computes = named('compute').map((section) => ({
    ...machineOf(file, section, machineName(file, section)),
    ...jumps.of(section),
  }))
  refuseTwice(file, 'host', about(named('compute'), computes.map(placeOf)))
  jumps.refuseOwn([...sides.source.machines, ...sides.target.machines, ...computes], addresses)
  return {
    file,
    name: plainName(file, one('swap'), 'name'),
    state: resolve(here, expand(swap['state'] ?? 'swap-state')),
    release: releaseIn(file, one('swap'), 'release', swap['release'] as string),
    ...sides,
    addresses,
    counterparts: [...pairsOf(sides), ...counterparts],
    hops: hopsIn(file, named('hop'), swap['release'] as string),
    computes,
    parallel: integer(file, one('swap'), 'parallel', 3, 1, 16),
    ...limitsIn(file, named('limits')[0]),
    ...budgetIn(file, named('cutover')[0]),
    ...retargetIn(file, named('cutover')[0]),
    ...rateIn(file, named('stage')[0]),
  }
}

/** An address that is replaced cannot replace another: rows would be mapped twice. */
const refuseSwapped = (
  file: string,
  sections: readonly Section[],
  pairs: readonly { readonly source: string; readonly target: string }[],
): void => {
  for (const [index, { target }] of pairs.entries())
    if (pairs.some((other) => other.source === target))
      throw complain(file, sections[index] as Section, 'target', `${target} is the source of another counterpart`)
}

const budgetIn = (file: string, section: Section | undefined): Pick<Config, 'budget'> => {
  if (section?.values['budget'] === undefined) return { budget: defaultBudget }
  if (section.values['budget'] === 'off') return {}
  return { budget: integer(file, section, 'budget', defaultBudget, leastBudget, mostBudget) }
}

const retargetIn = (file: string, section: Section | undefined): Pick<Config, 'retarget'> => {
  const { retarget = 'no' } = section?.values ?? {}
  if (section !== undefined && !['yes', 'no'].includes(retarget))
    throw complain(file, section, 'retarget', `'${retarget}' is neither yes nor no`)
  return retarget === 'yes' ? { retarget: true } : {}
}

/** Limits in seconds, up to a week. */
const limitsIn = (file: string, section: Section | undefined): Pick<Config, 'limits'> => {
  if (section === undefined) return {}
  const set = Object.keys(section.values).map((key) => [key, integer(file, section, key, 0, 1, 7 * 86_400)])
  return { limits: Object.fromEntries(set) }
}

const movingOf = (file: string, section: Section): MovingAddress => {
  const {
    address = '',
    source_interface: sourceInterface = '',
    target_interface: targetInterface = '',
  } = section.values
  const [ip = '', prefix = '', ...more] = address.split('/')
  const family = isIP(ip)
  const length = Number(prefix)
  if (
    more.length > 0 ||
    family === 0 ||
    ip.includes('%') ||
    !/^\d+$/.test(prefix) ||
    length < 1 ||
    length > (family === 4 ? 32 : 128)
  )
    throw complain(file, section, 'address', `'${address}' is not ADDRESS/PREFIX, for example 10.20.0.10/24`)
  const why = whyUnmovable(ip)
  if (why !== undefined) throw complain(file, section, 'address', `${ip} cannot move: it ${why}`)
  for (const [key, value] of [
    ['source_interface', sourceInterface],
    ['target_interface', targetInterface],
  ] as const)
    if (!/^[A-Za-z0-9_@][A-Za-z0-9_.@-]{0,14}$/.test(value))
      throw complain(file, section, key, `'${value}' is not an interface name`)
    else if (value === 'lo') throw complain(file, section, key, 'other machines cannot reach an address on lo')
  refuseEnds(file, section, ip, length)
  // In the spelling of `ip addr`, with which it is compared.
  return { name: plainName(file, section), address: canonical(ip), prefix: length, sourceInterface, targetInterface }
}

/**
 * The first and the last address of an IPv4 network and the first of an IPv6 network are no machine's; networks of two
 * have neither (RFC 3021, RFC 6164).
 */
const refuseEnds = (file: string, section: Section, ip: string, length: number): void => {
  const four = isIP(ip) === 4
  const size = (four ? 32 : 128) - length
  if (size < 2) return
  const host = BigInt.asUintN(size, numberOf(ip))
  const last = four && host === 2n ** BigInt(size) - 1n
  const end = host === 0n ? 'network' : last ? 'broadcast' : undefined
  if (end !== undefined)
    throw complain(file, section, 'address', `${ip}/${length} is the ${end} address of its network`)
}

/** An address as a number. */
const numberOf = (ip: string): bigint => {
  if (isIP(ip) === 4) return ip.split('.').reduce((sum, byte) => sum * 256n + BigInt(byte), 0n)
  const [before = [], after = []] = canonical(ip)
    .split('::')
    .map((half) => half.split(':').filter((group) => group !== ''))
  const zeros = Array<string>(8 - before.length - after.length).fill('0')
  return [...before, ...zeros, ...after].reduce((sum, group) => sum * 65_536n + BigInt(`0x${group}`), 0n)
}

const pairOf = (file: string, section: Section): { source: string; target: string } => {
  const { source = '', target = '' } = section.values
  if (isIP(source) === 0) throw complain(file, section, 'source', `'${source}' is not an address`)
  if (isIP(target) === 0) throw complain(file, section, 'target', `'${target}' is not an address`)
  if (isIP(source) !== isIP(target))
    throw complain(file, section, 'target', `${target} and ${source} are of two families`)
  if (canonical(source) === canonical(target))
    throw complain(
      file,
      section,
      'target',
      `${target} is the source's address itself; one that moves has an [address] section`,
    )
  return { source: canonical(source), target: canonical(target) }
}

const about = (sections: readonly Section[], keys: readonly string[]): readonly About[] =>
  sections.map((section, index) => {
    const key = keys[index] ?? ''
    return { section, key, twice: (other) => `${key} is in ${other} already` }
  })

/** A moving address keeps its meaning in every value: a counterpart would redirect its users. */
const refuseMoving = (
  file: string,
  sections: readonly Section[],
  pairs: readonly { readonly source: string; readonly target: string }[],
  moving: readonly MovingAddress[],
): void => {
  for (const [index, { source, target }] of pairs.entries())
    for (const [option, address] of Object.entries({ source, target }))
      if (moving.some((one) => one.address === address))
        throw complain(file, sections[index] as Section, option, `${address} moves, and has no counterpart`)
}

/** Names become names of files, units and firewall tables: only letters, digits and dashes. */
const plainName = (file: string, section: Section, key?: string): string => {
  const name = key === undefined ? section.name : (section.values[key] ?? '')
  if (!/^[A-Za-z0-9][A-Za-z0-9-]{0,40}$/.test(name))
    throw complain(file, section, key ?? 'NAME', `'${name}' may contain only letters, digits and dashes`)
  return name
}

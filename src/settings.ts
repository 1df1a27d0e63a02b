import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { homedir } from 'node:os'
import { dirname, resolve } from 'node:path'
import { parse } from 'ini'
import { canonical } from './canonical.ts'
import { type Config, defaultBudget, leastBudget, type Machine, type MovingAddress, mostBudget } from './config.ts'
import { refuse } from './errors.ts'

interface Kind {
  readonly named: boolean
  readonly options: Readonly<Record<string, 'required' | 'optional'>>
}

const machine = { host: 'required', port: 'optional', user: 'optional', key: 'optional', host_key: 'required' } as const

/** Every section and option there is; anything else in the file is a mistake worth stopping for. */
export const sections: Readonly<Record<string, Kind>> = {
  swap: { named: false, options: { name: 'required', release: 'required', state: 'optional', parallel: 'optional' } },
  source: { named: false, options: { ...machine, openrc: 'optional' } },
  target: { named: false, options: machine },
  address: {
    named: true,
    options: { address: 'required', source_interface: 'required', target_interface: 'required' },
  },
  counterpart: { named: true, options: { source: 'required', target: 'required' } },
  hop: { named: true, options: { archive: 'required' } },
  compute: { named: true, options: machine },
  limits: {
    named: false,
    options: {
      command: 'optional',
      schema: 'optional',
      packages: 'optional',
      checksum: 'optional',
      silence: 'optional',
    },
  },
  cutover: { named: false, options: { budget: 'optional' } },
}

interface Section {
  readonly kind: string
  readonly name: string
  readonly title: string
  readonly values: Readonly<Record<string, string>>
}

/**
 * Reads the settings file. Throws SwapError (exit 2) naming file, section and option for anything unknown, missing,
 * given twice or malformed; every mistake of one kind is named at once.
 */
export const readSettings = (path: string): Config => {
  const file = resolve(path)
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (cause) {
    throw refuse(
      file,
      'the settings cannot be read',
      'Write them with: swapctl init --source HOST --target HOST',
      cause,
    )
  }
  return configOf(file, text)
}

/** Pure part of readSettings: text to Config. Relative paths are meant from the file's own folder. */
export const configOf = (file: string, text: string): Config => {
  const all = sectionsOf(file, text)
  const complaints = all.flatMap((section) => complaintsOf(section))
  for (const kind of ['swap', 'source', 'target', 'address'])
    if (!all.some((section) => section.kind === kind)) complaints.push(`section [${titleOf(kind)}] is missing`)
  if (complaints.length > 0)
    throw refuse(file, complaints.join('\n  '), 'Mend the settings; `swapctl init` writes a commented example')
  return build(file, all)
}

const titleOf = (kind: string): string => (sections[kind]?.named ? `${kind} NAME` : kind)

const sectionsOf = (file: string, text: string): readonly Section[] => {
  const repeated = repeatedLines(text)
  if (repeated.length > 0) throw refuse(file, repeated.join('\n  '), 'Keep one of them')
  const root = parse(text) as Record<string, unknown>
  return Object.entries(root).map(([title, content]) => {
    if (typeof content !== 'object' || content === null)
      throw refuse(file, `option '${title}' stands before any section`, 'Move it below a [section] line')
    const [kind = '', ...name] = title.split(' ')
    const values = Object.fromEntries(Object.entries(content).map(([key, value]) => [key, String(value).trim()]))
    return { kind, name: name.join(' ').trim(), title, values }
  })
}

/** ini keeps only the last of a repeated option, and cuts values at ; and #: neither may pass in silence. */
const repeatedLines = (text: string): readonly string[] => {
  const seen = new Set<string>()
  const complaints: string[] = []
  let section = ''
  for (const [index, line] of text.split('\n').entries()) {
    const trimmed = line.trim()
    if (trimmed.startsWith('[')) section = trimmed
    if (trimmed === '' || /^[;#[]/.test(trimmed)) continue
    const [key = '', ...rest] = trimmed.split('=')
    const id = `${section} ${key.trim()}`
    if (seen.has(id)) complaints.push(`line ${index + 1}: ${section} ${key.trim()} is given twice`)
    seen.add(id)
    const value = rest.join('=').trim()
    if (/[;#]/.test(value) && !/^".*"$/.test(value))
      complaints.push(`line ${index + 1}: ${section} ${key.trim()}: a value with ; or # must stand in double quotes`)
  }
  return complaints
}

const complaintsOf = (section: Section): string[] => {
  const kind = sections[section.kind]
  if (kind === undefined)
    return [`section [${section.title}] is unknown; known: ${Object.keys(sections).map(titleOf).join(', ')}`]
  const complaints: string[] = []
  if (kind.named !== (section.name !== ''))
    complaints.push(`section [${section.title}] must be written [${titleOf(section.kind)}]`)
  for (const key of Object.keys(section.values))
    if (kind.options[key] === undefined)
      complaints.push(`[${section.title}] ${key}: unknown option; known: ${Object.keys(kind.options).join(', ')}`)
  for (const [key, need] of Object.entries(kind.options))
    if (need === 'required' && (section.values[key] ?? '') === '')
      complaints.push(`[${section.title}] ${key}: is missing`)
  return complaints
}

const build = (file: string, all: readonly Section[]): Config => {
  const here = dirname(file)
  const named = (kind: string): readonly Section[] => all.filter((section) => section.kind === kind)
  const one = (kind: string): Section => named(kind)[0] as Section
  const swap = one('swap').values
  const source = machineOf(file, one('source'), 'source')
  const target = machineOf(file, one('target'), 'target')
  return {
    file,
    name: plainName(file, one('swap'), 'name'),
    state: resolve(here, expand(swap['state'] ?? 'swap-state')),
    release: (swap['release'] as string).toLowerCase(),
    source: { ...source, openrc: one('source').values['openrc'] ?? '/root/openrc' },
    target,
    addresses: named('address').map((section) => movingOf(file, section)),
    counterparts: [{ source: source.host, target: target.host }, ...named('counterpart').map((s) => pairOf(file, s))],
    hops: named('hop').map((section) => ({
      release: section.name.toLowerCase(),
      archive: resolve(here, expand(section.values['archive'] as string)),
    })),
    computes: named('compute').map((section) => machineOf(file, section, plainName(file, section))),
    parallel: integer(file, one('swap'), 'parallel', 3, 1, 16),
    ...limitsIn(file, named('limits')[0]),
    ...budgetIn(file, named('cutover')[0]),
  }
}

const budgetIn = (file: string, section: Section | undefined): Pick<Config, 'budget'> => {
  if (section?.values['budget'] === undefined) return { budget: defaultBudget }
  if (section.values['budget'] === 'off') return {}
  return { budget: integer(file, section, 'budget', defaultBudget, leastBudget, mostBudget) }
}

/** Seconds, up to a week. */
const limitsIn = (file: string, section: Section | undefined): Pick<Config, 'limits'> => {
  if (section === undefined) return {}
  const set = Object.keys(section.values).map((key) => [key, integer(file, section, key, 0, 1, 7 * 86_400)])
  return { limits: Object.fromEntries(set) }
}

const complain = (file: string, section: Section, key: string, what: string): Error =>
  refuse(file, `[${section.title}] ${key}: ${what}`, 'Mend this line of the settings')

const machineOf = (file: string, section: Section, name: string): Machine => {
  const { host = '', user = 'root', key = '~/.ssh/id_ed25519', host_key: hostKey = '' } = section.values
  if (!/^[A-Za-z0-9.:-]+$/.test(host)) throw complain(file, section, 'host', `'${host}' is no host name or address`)
  if (!/^SHA256:[A-Za-z0-9+/]{43}$/.test(hostKey))
    throw complain(file, section, 'host_key', `'${hostKey}' is no fingerprint as ssh-keygen -lf prints it (SHA256:...)`)
  return {
    name,
    host,
    port: integer(file, section, 'port', 22, 1, 65535),
    user,
    key: resolve(dirname(file), expand(key)),
    hostKey,
  }
}

const movingOf = (file: string, section: Section): MovingAddress => {
  const {
    address = '',
    source_interface: sourceInterface = '',
    target_interface: targetInterface = '',
  } = section.values
  const [ip = '', prefix = ''] = address.split('/')
  const family = isIP(ip)
  const length = Number(prefix)
  if (family === 0 || ip.includes('%') || !/^\d+$/.test(prefix) || length < 1 || length > (family === 4 ? 32 : 128))
    throw complain(file, section, 'address', `'${address}' is no ADDRESS/PREFIX such as 10.20.0.10/24`)
  for (const [key, value] of [
    ['source_interface', sourceInterface],
    ['target_interface', targetInterface],
  ] as const)
    if (!/^[A-Za-z0-9_.:@-]{1,15}$/.test(value)) throw complain(file, section, key, `'${value}' is no interface name`)
  // As `ip addr` says it: that is what it is compared with.
  return { name: plainName(file, section), address: canonical(ip), prefix: length, sourceInterface, targetInterface }
}

const pairOf = (file: string, section: Section): { source: string; target: string } => {
  const { source = '', target = '' } = section.values
  if (isIP(source) === 0) throw complain(file, section, 'source', `'${source}' is no address`)
  if (isIP(target) === 0) throw complain(file, section, 'target', `'${target}' is no address`)
  return { source, target }
}

/** Names become file names, unit names and table names of a firewall: letters, digits and dashes only. */
const plainName = (file: string, section: Section, key?: string): string => {
  const name = key === undefined ? section.name : (section.values[key] ?? '')
  if (!/^[A-Za-z0-9][A-Za-z0-9-]{0,40}$/.test(name))
    throw complain(file, section, key ?? 'NAME', `'${name}' may hold letters, digits and dashes only`)
  return name
}

const integer = (
  file: string,
  section: Section,
  key: string,
  otherwise: number,
  least: number,
  most: number,
): number => {
  const text = section.values[key]
  if (text === undefined) return otherwise
  const value = Number(text)
  if (!/^\d+$/.test(text) || value < least || value > most)
    throw complain(file, section, key, `'${text}' is no number from ${least} to ${most}`)
  return value
}

const expand = (path: string): string => path.replace(/^~(?=\/|$)/, homedir())

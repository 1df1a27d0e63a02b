import type { PlaceOption, Use } from '../services/agent.ts'
import { placesIn } from '../text/hosts-in.ts'
import { resolved } from '../transfer/effective.ts'
import { type ConfFile, getAll, parse, sameSection, sections } from '../transfer/oslo-conf.ts'
import { agentOf, type Present, presentOn, switchKeys } from './agents.ts'
import type { Process, Seen } from './seen.ts'
import { type Direction, directionOf, directions, type Ways } from './where.ts'

/** A place that programs of a compute lead to. */
export interface Lead {
  /** of agents, units or programs */
  readonly by: readonly string[]
  /** 'open': an established connection */
  readonly use: Use | 'open'
  readonly host: string
  readonly port?: number
  /** where it is set; absent for an open connection */
  readonly set?: { readonly file: string; readonly option: string }
  /** how many connections are open */
  readonly open?: number
}

export interface Judged extends Lead {
  readonly direction: Direction
  /** what its host resolves to there; [] when it does not */
  readonly addresses: readonly string[]
}

interface File {
  readonly path: string
  readonly conf: ConfFile
}

interface Setting {
  readonly file: string
  readonly section: string
  readonly name: string
  readonly value: string
}

/** A setting in force that names a place. */
export interface InForce extends Setting {
  readonly use: Use
  /** `value` before its references are filled in */
  readonly written: string
  /** every value of this option counts, not only its last one */
  readonly multi: boolean
}

/** The values in force of one option: the last one, or all. */
const valuesOf = (files: readonly File[], section: string, name: string, multi: boolean): readonly Setting[] => {
  const all = files.flatMap(({ path, conf }) =>
    getAll(conf, section, name).map((value) => ({ file: path, section, name, value })),
  )
  return multi ? all : all.slice(-1)
}

const words = (text: string): readonly string[] => text.split(' ')

/** Whether another option takes this one's place: one of the same section, or of [DEFAULT]. */
const isUnused = (files: readonly File[], { unless = '' }: PlaceOption, section: string): boolean =>
  words(unless).some((name) =>
    [section, 'DEFAULT'].some((one) => placesIn(valuesOf(files, one, name, false)[0]?.value ?? '').length > 0),
  )

const settingsOf = (files: readonly File[], places: readonly PlaceOption[]): readonly InForce[] => {
  const whole: ConfFile = { parts: files.flatMap(({ conf }) => conf.parts) }
  const seen = new Set<string>()
  return places.flatMap((place) =>
    sections(whole)
      .filter((section) => place.section === '*' || sameSection(section, place.section))
      .flatMap((section) => (isUnused(files, place, section) ? [] : [section]))
      .flatMap((section) => words(place.options).map((name) => ({ section, name })))
      .filter(({ section, name }) => {
        const key = `${section}\0${name}`
        return !seen.has(key) && seen.add(key)
      })
      .flatMap(({ section, name }) => valuesOf(files, section, name, place.multi === true))
      .filter(({ value }) => value.startsWith(place.begins ?? ''))
      .map((one) => ({
        ...one,
        use: place.use,
        written: one.value,
        multi: place.multi === true,
        value: resolved(whole, one.section, one.value) ?? one.value,
      })),
  )
}

/** The settings in force of one agent that name a place, by its files in their order. */
export const inForceOf = (
  { agent, files: paths }: Present,
  parsed: ReadonlyMap<string, ConfFile>,
): readonly InForce[] => {
  const files = paths.flatMap((path) => {
    const conf = parsed.get(path)
    return conf === undefined ? [] : [{ path, conf }]
  })
  return settingsOf(files, agent.places)
}

export const optionName = ({ section, name }: Pick<InForce, 'section' | 'name'>): string => `[${section}] ${name}`

const byConfig = (present: Present, parsed: ReadonlyMap<string, ConfFile>): readonly Lead[] =>
  inForceOf(present, parsed).flatMap((one) =>
    placesIn(one.value).map((place) => ({
      by: [present.agent.name],
      use: one.use,
      ...place,
      set: { file: one.file, option: optionName(one) },
    })),
  )

/** A file that oslo.config cannot read is named with its path. Throws SwapError. */
export const parsedOf = (seen: Seen, present: readonly Present[]): ReadonlyMap<string, ConfFile> =>
  new Map(
    [...new Set(present.flatMap(({ files }) => files))].map((path) => [path, parse(seen.files.get(path) ?? '', path)]),
  )

const bySwitch = ({ switchKeys: values }: Seen): readonly Lead[] =>
  switchKeys.flatMap((key) =>
    placesIn(values.get(key) ?? '').map((place) => ({
      by: ['Open vSwitch'],
      use: 'ovsdb' as const,
      ...place,
      set: { file: 'external_ids', option: key },
    })),
  )

const nameOf = ({ unit, program, pid }: Process): string => {
  const known = agentOf({ unit, program })?.name ?? unit
  return known === '' ? program || `process ${pid}` : known
}

const bySockets = ({ sockets, processes }: Seen): readonly Lead[] => {
  const named = new Map(processes.map((process) => [process.pid, nameOf(process)]))
  return sockets.map(({ peer, port, pids, program }) => {
    const by = pids.map((pid) => named.get(pid) ?? program)
    return { by: by.length === 0 ? ['the kernel'] : [...new Set(by)], use: 'open' as const, host: peer, port, open: 1 }
  })
}

/** The same place, set in the same option or open, is one line with the names of all. */
const joined = (all: readonly Lead[]): readonly Lead[] => {
  const found = new Map<string, Lead>()
  for (const one of all) {
    // An open connection is counted for each program.
    const key = [one.use, one.host, one.port, one.set?.file, one.set?.option, one.set === undefined ? one.by : ''].join(
      '\0',
    )
    const before = found.get(key)
    found.set(key, {
      ...one,
      by: [...new Set([...(before?.by ?? []), ...one.by])],
      ...(one.open === undefined ? {} : { open: one.open + (before?.open ?? 0) }),
    })
  }
  return [...found.values()]
}

/** Everything that leads from this compute to other machines, by its settings and by its open connections. */
export const leadsOf = (seen: Seen): readonly Lead[] => {
  const present = presentOn(seen)
  const parsed = parsedOf(seen, present)
  return joined([...present.flatMap((one) => byConfig(one, parsed)), ...bySwitch(seen), ...bySockets(seen)])
}

/**
 * With the direction of each, the worst first. Open connections of programs that are no agent count only when they lead
 * to one of the sides. `names`: what each name resolves to on that compute.
 */
export const judge = (
  leads: readonly Lead[],
  seen: Seen,
  names: ReadonlyMap<string, readonly string[]>,
  ways: Ways,
): readonly Judged[] => {
  const agents = new Set(presentOn(seen).map(({ agent }) => agent.name))
  return leads
    .map((lead) => {
      const addresses = names.get(lead.host) ?? []
      return { ...lead, addresses, direction: directionOf(addresses, seen.addresses, ways) }
    })
    .filter(({ use, by, direction, host }) => {
      if (use !== 'open') return true
      return direction !== 'elsewhere' || (by.some((name) => agents.has(name)) && !seen.addresses.has(host))
    })
    .toSorted((one, other) => directions.indexOf(one.direction) - directions.indexOf(other.direction))
}

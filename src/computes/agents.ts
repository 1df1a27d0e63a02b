import type { Agent, PlaceOption } from '../services/agent.ts'
import { commonPlaces } from '../services/agent.ts'
import { recipes } from '../services/index.ts'
import { otherAgents } from '../services/other-agents.ts'
import type { Seen } from './seen.ts'

/** An agent and the options that lead it somewhere. */
export interface Known extends Agent {
  readonly places: readonly PlaceOption[]
}

export const knownAgents: readonly Known[] = [
  ...recipes.flatMap(({ onComputes }) =>
    (onComputes?.agents ?? []).map((agent) => ({
      ...agent,
      places: [...(onComputes?.places ?? []), ...commonPlaces],
    })),
  ),
  ...otherAgents.agents.map((agent) => ({ ...agent, places: commonPlaces })),
]

export const unitNames: readonly string[] = knownAgents.flatMap(({ units }) => units)

export const trees: readonly string[] = [
  ...recipes.flatMap(({ onComputes }) => onComputes?.etc ?? []),
  ...otherAgents.etc,
]

export const switchKeys: readonly string[] = recipes.flatMap(({ onComputes }) => onComputes?.switchKeys ?? [])

/** An agent that is installed or runs on a compute. */
export interface Present {
  readonly agent: Known
  /** undefined: it runs without a unit */
  readonly unit?: string
  readonly active: boolean
  /** the files that it reads, in this order */
  readonly files: readonly string[]
}

const shortened = 15

/** Whether a process is of this agent: by its unit, or without one by its name, which the kernel shortens. */
const isOf =
  ({ name, units }: Agent) =>
  ({ unit, program }: Pick<Seen['processes'][number], 'unit' | 'program'>): boolean =>
    units.includes(unit) || (unit === '' && program === name.slice(0, shortened))

/** The agents of a compute, with the files that each reads. */
export const presentOn = (seen: Seen): readonly Present[] =>
  knownAgents.flatMap((agent) => {
    const unit = seen.units.find(({ name }) => agent.units.includes(name))
    const own = seen.processes.filter(isOf(agent))
    if (unit === undefined && own.length === 0) return []
    // Its helpers have command lines of their own.
    const told = own.filter(({ words }) => named(words).length > 0)
    const running = told.find(({ program }) => program === agent.name.slice(0, shortened)) ?? told[0]
    return [
      {
        agent,
        ...(unit === undefined ? {} : { unit: unit.name }),
        active: unit?.active ?? true,
        files: filesOf(agent, running?.words ?? unit?.words ?? [], [...seen.files.keys()]),
      },
    ]
  })

/** The agent that a process belongs to. */
export const agentOf = (process: Pick<Seen['processes'][number], 'unit' | 'program'>): Agent | undefined =>
  knownAgents.find((agent) => isOf(agent)(process))

interface Named {
  readonly kind: 'file' | 'dir'
  readonly path: string
}

/** `--config-file X`, `--config-dir=Y` of a command line, in their order. */
const named = (words: readonly string[]): readonly Named[] =>
  words.flatMap((word, at) => {
    const [, kind, inside] = /^--config-(file|dir)(?:=(.*))?$/.exec(word) ?? []
    const path = inside ?? words[at + 1]
    return kind === undefined || path === undefined ? [] : [{ kind: kind as 'file' | 'dir', path }]
  })

/** The *.conf files of a directory, by name, as oslo.config reads them. */
const within = (directory: string, paths: readonly string[]): readonly string[] => {
  const start = `${directory.replace(/\/+$/, '')}/`
  return paths
    .filter((path) => path.startsWith(start) && path.endsWith('.conf') && !path.slice(start.length).includes('/'))
    .toSorted()
}

/** Drop-in directories that are read when the command line names none: NAME.conf.d beside each NAME.conf. */
const dropIns = ({ name, files }: Agent): readonly string[] => {
  const home = files[0]?.slice(0, files[0].lastIndexOf('/')) ?? ''
  return [...new Set([`${files[0]}.d`, `${home}/${name}.conf.d`])]
}

/**
 * The files that an agent reads, in their order (oslo_config/cfg.py, _parse_config_files): those of its command line,
 * or its usual ones; drop-in directories after them, unless the command line names directories.
 */
export const filesOf = (agent: Agent, words: readonly string[], paths: readonly string[]): readonly string[] => {
  const given = named(words)
  const of = (kind: Named['kind']): boolean => given.some((one) => one.kind === kind)
  return [
    ...(of('file') ? [] : agent.files),
    ...given.flatMap(({ kind, path }) => (kind === 'file' ? [path] : within(path, paths))),
    ...(of('dir') ? [] : dropIns(agent).flatMap((directory) => within(directory, paths))),
  ].filter((path) => paths.includes(path))
}

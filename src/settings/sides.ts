import type { Config, Machine } from '../config.ts'
import { refuse } from '../errors.ts'
import type { Jumps } from './jumps.ts'
import { machineName, machineOf, placeOf } from './machine.ts'
import type { Section } from './text.ts'
import { complain, refuseTwice } from './values.ts'

type Side = 'source' | 'target'

const sidesIn = ['source', 'target'] as const

/** Names with another meaning, which no machine may have. */
const taken: readonly string[] = ['source', 'target', 'local']

const of = (all: readonly Section[], side: Side): readonly Section[] => all.filter(({ kind }) => kind === side)

/** Mistakes in the sections of the two sides, whatever their content; one line each. */
export const sideComplaints = (all: readonly Section[]): readonly string[] => [
  ...sidesIn.flatMap((side) => mixed(of(all, side))),
  ...sidesIn.flatMap((side) =>
    of(all, side)
      .filter(({ name }) => taken.includes(name))
      .map(({ title }) => `section [${title}]: this name is reserved; give the machine another one`),
  ),
  ...of(all, 'target')
    .filter(({ name }) => name !== '' && of(all, 'source').some((other) => other.name === name))
    .map(({ title, name }) => `section [${title}]: [source ${name}] already has this name`),
]

const mixed = (sections: readonly Section[]): readonly string[] => {
  const named = sections.filter(({ name }) => name !== '')
  return named.length === sections.length || named.length === 0
    ? []
    : [
        `section [${sections[0]?.kind}] has no name but there is also ${named.map(({ title }) => `[${title}]`).join(', ')}: with several machines, every section needs a name`,
      ]
}

/** The two sides from their sections. Throws SwapError (exit 2) naming file, section and option. */
export const sidesOf = (file: string, all: readonly Section[], jumps: Jumps): Pick<Config, 'source' | 'target'> => {
  const machines = (side: Side) =>
    of(all, side).map((section) => ({
      section,
      machine: {
        ...machineOf(file, section, section.name === '' ? side : machineName(file, section)),
        ...jumps.of(section),
      },
    }))
  const source = machines('source')
  const target = machines('target')
  // Such a machine would be frozen and serve at the same time, or count twice in a cluster.
  refuseTwice(
    file,
    'host',
    [...source, ...target].map(({ section, machine }) => ({
      section,
      key: placeOf(machine),
      twice: (other) => `${machine.host} is already the machine of ${other}`,
    })),
  )
  return {
    source: { machines: listOf(source), openrc: openrcOf(file, of(all, 'source')) },
    target: { machines: listOf(target) },
  }
}

interface Described {
  readonly section: Section
  readonly machine: Machine
}

const listOf = (all: readonly Described[]): readonly [Machine, ...Machine[]] => {
  const [first, ...others] = all.map(({ machine }) => machine)
  if (first === undefined) throw refuse('settings', 'a side without a machine', 'Report this')
  return [first, ...others]
}

/** A path on the side's first machine: may be given in any of the sections, with the same value. */
const openrcOf = (file: string, sections: readonly Section[]): string => {
  const given = sections.filter(({ values }) => values['openrc'] !== undefined)
  const path = given[0]?.values['openrc'] ?? '/root/openrc'
  const other = given.find(({ values }) => values['openrc'] !== path)
  if (other !== undefined)
    throw complain(file, other, 'openrc', `[${given[0]?.title}] names another file; the whole source has only one`)
  return path
}

/** The target machine that replaces each source machine: the one at the same position in the list, or the first. */
export const pairsOf = ({
  source,
  target,
}: Pick<Config, 'source' | 'target'>): readonly { readonly source: string; readonly target: string }[] =>
  source.machines.map(({ host }, index) => ({
    source: host,
    target: (target.machines[index] ?? target.machines[0]).host,
  }))

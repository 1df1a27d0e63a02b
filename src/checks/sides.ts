import { block, type Check, warn } from '../ask/check.ts'
import { membersIn } from '../ask/members.ts'
import type { Config } from '../config.ts'
import { refuse } from '../errors.ts'
import type { SideName } from '../hosts/host.ts'
import { firstName, sectionOf } from '../hosts/sides.ts'
import type { Survey } from '../survey.ts'

type Sides = Pick<Config, SideName>

const sides: readonly SideName[] = ['source', 'target']

const remedy = 'Set only one machine of the target in the settings'

/** Settings that this version does not support; [] when it supports all. */
const beyond = ({ target }: Sides): readonly string[] =>
  target.machines.length > 1
    ? [`the target has ${target.machines.length} machines: swapctl can only set up one, without Galera`]
    : []

/**
 * Throws SwapError (exit 2) before anything is changed when the target has several machines: the others would not
 * serve.
 */
export const refuseBeyond = (config: Sides & Pick<Config, 'file'>): void => {
  const found = beyond(config)
  if (found.length > 0) throw refuse(config.file, found.join('; '), remedy)
}

/** Half of an even number of members is no majority: such a cluster stops when one half fails. */
const evenSides = (config: Sides): readonly string[] =>
  sides
    .filter((side) => config[side].machines.length % 2 === 0)
    .map(
      (side) => `the ${side} has ${config[side].machines.length} machines: when half of them fail, no majority is left`,
    )

/** One machine looks the same by whatever address it is reached. */
const looks = ({ hostname, interfaces }: Survey['source']): string =>
  [hostname, ...interfaces.map(({ mac }) => mac).toSorted()].join(' ')

const twice: Check['ask'] = async ({ config, survey }) => {
  const all = [
    ...membersIn(survey, config).map(({ name, side }) => ({ name, look: looks(side) })),
    { name: firstName(config, 'target'), look: looks(survey.target) },
  ]
  return all.flatMap(({ name, look }, index) =>
    all
      .slice(0, index)
      .filter((other) => other.look === look)
      .map((other) =>
        block(
          `[${sectionOf(other.name)}] and [${sectionOf(name)}] are one machine: host name and network interfaces are the same`,
          `Give [${sectionOf(name)}] the address of another machine, or remove the section`,
        ),
      ),
  )
}

export const sideChecks: readonly Check[] = [
  {
    id: 'both/one-machine',
    level: 'block',
    title: 'No machine is named twice, by two of its addresses',
    source: 'swapctl',
    why: 'It would be frozen and serve at the same time, or count twice in a cluster.',
    remedy: 'Give the section the address of another machine, or remove it.',
    ask: twice,
  },
  {
    id: 'both/machines',
    level: 'block',
    title: 'The target is one machine',
    source: 'swapctl',
    why: 'swapctl would set up nothing on the others.',
    remedy,
    ask: async ({ config }) => beyond(config).map((says) => block(says, remedy)),
  },
  {
    id: 'both/quorum',
    level: 'warn',
    title: 'Each side has an odd number of machines',
    source: 'https://galeracluster.com/library/documentation/weighted-quorum.html',
    why: 'Galera and RabbitMQ stop serving without a majority.',
    remedy: 'Add a machine, or an arbitrator (garbd).',
    ask: async ({ config }) => evenSides(config).map((says) => warn(says, 'Add a machine, or an arbitrator (garbd)')),
  },
]

import type { MovingAddress } from '../config.ts'
import { askStrangers } from '../cutover/holders.ts'
import { persistenceFindings } from '../cutover/persist.ts'
import { block, type Check, type CheckContext, type Said } from '../source/check.ts'
import { askMaybe, type Question } from '../source/question.ts'
import type { Side } from '../survey.ts'

const inSection = (moving: MovingAddress, context: CheckContext): string =>
  `[address ${moving.name}] in ${context.config.file}`

/** Where an address that moves stands on both sides, from the survey alone. */
const held: Check['ask'] = async (context) =>
  context.config.addresses.flatMap((moving) => {
    const { source, target } = context.survey
    const at = source.addresses.find((one) => one.address === moving.address)
    const taken = target.addresses.find((one) => one.address === moving.address && one.interface !== 'lo')
    return [
      ...(at === undefined ? [notHeld(moving, context)] : misplaced(moving, at, context)),
      ...(taken === undefined
        ? []
        : [
            block(
              `the target already holds ${moving.address} on ${taken.interface}`,
              `Remove it there: ip addr del ${moving.address}/${taken.prefix} dev ${taken.interface}`,
            ),
          ]),
      ...missing(source, 'source', moving.sourceInterface, context, moving),
      ...missing(target, 'target', moving.targetInterface, context, moving),
    ]
  })

const notHeld = (moving: MovingAddress, context: CheckContext): Said =>
  block(
    `the source does not hold ${moving.address}`,
    `Correct ${inSection(moving, context)}, or give the address back to the source`,
  )

const misplaced = (
  moving: MovingAddress,
  at: { readonly interface: string; readonly prefix: number },
  context: CheckContext,
): readonly Said[] => {
  if (at.interface === moving.sourceInterface && at.prefix === moving.prefix) return []
  return [
    block(
      `the source holds ${moving.address}/${at.prefix} on ${at.interface}, not ${moving.address}/${moving.prefix} on ${moving.sourceInterface}`,
      `Correct ${inSection(moving, context)}`,
    ),
  ]
}

const missing = (
  side: Side,
  name: 'source' | 'target',
  wanted: string,
  context: CheckContext,
  moving: MovingAddress,
): readonly Said[] => {
  const found = side.interfaces.find((one) => one.name === wanted)
  if (found?.up === true) return []
  const says = found === undefined ? `the ${name} has no interface ${wanted}` : `${wanted} of the ${name} is down`
  return [
    block(says, `It has ${side.interfaces.map((one) => one.name).join(', ')}: correct ${inSection(moving, context)}`),
  ]
}

/** Two machines with the address, or one that is not the source: the cutover would fight with it (known failure P93). */
const foreign: Check['ask'] = async (context) => {
  const { config, survey, hosts } = context
  const found = await Promise.all(
    config.addresses.map(async (moving): Promise<readonly Said[]> => {
      const up = [
        [survey.source, moving.sourceInterface],
        [survey.target, moving.targetInterface],
      ] as const
      if (!up.every(([side, name]) => side.interfaces.some((one) => one.name === name && one.up))) return []
      return (await askStrangers(hosts, moving, survey.source.interfaces)).map((mac) =>
        block(
          `${moving.address} is already in use: ${mac} answers for it, which is no interface of the source`,
          `Find that machine and take the address from it, or correct ${inSection(moving, context)}`,
        ),
      )
    }),
  )
  return found.flat()
}

/** The operator's own way to a machine must not be an address that is about to leave it. */
const way: Check['ask'] = async ({ config, hosts }) => {
  const moving = new Set(config.addresses.map((one) => one.address))
  const machines = [
    { name: 'source' as const, host: config.source.host },
    { name: 'target' as const, host: config.target.host },
    ...config.computes.map((one) => ({ name: `compute:${one.name}` as const, host: one.host })),
  ]
  const found = await Promise.all(
    machines.map(async ({ name, host }) => {
      // A compute that does not answer is found by others, and must not hold up a cutover.
      const asked = askMaybe(hosts(name), sshAddress)
      const reached = (await (name.startsWith('compute:') ? asked.catch(() => undefined) : asked)) ?? host
      return moving.has(reached)
        ? [
            block(
              `ssh reaches ${name} by ${reached}, an address that moves`,
              `Set host of ${name} in ${config.file} to an address that stays`,
            ),
          ]
        : []
    }),
  )
  return found.flat()
}

/** The address at which sshd took this connection. */
const sshAddress: Question<string> = {
  argv: ['printenv', 'SSH_CONNECTION'],
  parse: (text) => text.trim().split(' ')[2] ?? '',
}

export const addressChecks: readonly Check[] = [
  {
    id: 'address/held',
    level: 'block',
    title: 'Addresses that move, on the interfaces named',
    source: 'known failure P93',
    ask: held,
  },
  {
    id: 'address/foreign',
    level: 'block',
    title: 'Nobody else answers for an address that moves',
    source: 'known failure P93: duplicate address (RFC 5227)',
    ask: foreign,
  },
  {
    id: 'address/persistence',
    level: 'block',
    title: 'Addresses that stay where they are put after a boot',
    source: 'known failure P94: the old controller comes back at its next boot',
    before: ['prepare', 'migrate', 'cutover'],
    ask: persistenceFindings,
  },
  {
    id: 'address/ssh',
    level: 'block',
    title: 'ssh by addresses that stay',
    source: 'the operator would cut himself off',
    before: ['prepare', 'migrate', 'cutover'],
    ask: way,
  },
]

import { commands } from '../../ask/facts.ts'
import { membersIn } from '../../ask/members.ts'
import { ask, askMaybe } from '../../ask/question.ts'
import type { Context } from '../../context.ts'
import type { Action, Step } from '../../engine/step.ts'
import { refuse } from '../../errors.ts'
import type { Host, SideMachine } from '../../hosts/host.ts'
import { idOn, idsOn, membersOf, said } from '../../hosts/sides.ts'
import type { InterfaceAddress } from '../../survey.ts'
import { enableUnit, forgetUnit } from '../keepers/unit.ts'
import { iptablesFence, iptablesRemoval } from './fence-iptables.ts'
import { askStands, proveFenced } from './fence-proof.ts'
import { type Fence, moving, nftRules, removal, sshPorts } from './fence-rules.ts'

const unitName = 'swapctl-fence'
const rulesPath = '/etc/swapctl/fence.nft'

/**
 * The first two steps of `migrate`: while both sides exist, no program of the target can reach the source's database,
 * queue, cache or APIs, nor the reverse. Both sides are fenced; each fence is enough by itself (in the lab a schema
 * upgrade on the target followed a cell mapping into the source's database). ssh stays open. The source gets no file:
 * its fence lasts until its next boot, the target's until it is removed.
 */
export const fenceSteps = (context: Context): readonly Step[] => [
  ...membersOf(context.config, 'source').map(
    (name): Step => ({
      id: idOn('fence/source', context.config, name),
      phase: 'migrate',
      title: `Block the target from the databases, queues and APIs of ${said(name)}: the source drops its packets`,
      after: [],
      changes: [name],
      run: async () => closeSource(context, name, await askTool(context.hosts(name))),
      undo: async () => openSource(name, await askTool(context.hosts(name))),
      stands: () => askStands(context.hosts(name), fenceOf(context, name)),
      proof: () => proveFenced(context, name, [name]),
    }),
  ),
  {
    id: 'fence/target',
    phase: 'migrate',
    title: 'Block the target from the databases, queues and APIs of the source: the target sends nothing there',
    after: idsOn('fence/source', context.config, 'source'),
    changes: ['target'],
    run: async () => closeTarget(context),
    undo: async () => openTarget,
    stands: () => askStands(context.hosts('target'), fenceOf(context, 'target')),
    proof: () => proveFenced(context, 'target', membersOf(context.config, 'source')),
  },
]

/** The fence that `migrate` raises on a machine. */
export const fenceOf = (context: Context, name: SideMachine): Fence =>
  name === 'target' ? targetFence(context) : sourceFence(context)

const real = (addresses: readonly InterfaceAddress[]): readonly string[] =>
  addresses.filter((it) => it.interface !== 'lo').map((it) => it.address)

/** Moving addresses are in both fences: on the network, either side may be the one that has them. */
const sourceFence = (context: Context): Fence => ({
  hook: 'input',
  peers: [...new Set([...real(context.survey.target.addresses), ...moving(context)])],
  open: sshPorts(context),
})

const targetFence = (context: Context): Fence => ({
  hook: 'output',
  peers: [
    ...new Set([
      ...membersIn(context.survey, context.config).flatMap(({ side }) => real(side.addresses)),
      ...moving(context),
    ]),
  ],
  open: sshPorts(context),
})

type Tool = 'nft' | 'iptables'

/** The packet filter that a machine has. A source older than nftables has iptables. */
const askTool = async (host: Host): Promise<Tool> => {
  const found = await ask(host, commands(['nft', 'iptables-restore']))
  const kernel = found.includes('nft') && (await askMaybe(host, { argv: ['nft', 'list', 'tables'], parse: () => true }))
  if (kernel) return 'nft'
  if (found.includes('iptables-restore')) return 'iptables'
  throw refuse(
    host.name,
    'has neither nft nor iptables: nothing can block the target from writing to its database',
    `Install nftables on the ${host.name}`,
  )
}

/** Through a pipe: nft 0.9 reopens /dev/stdin, which fails on the socket that sshd provides. */
const nft = (on: SideMachine, rules: string): Action => ({
  kind: 'exec',
  on,
  argv: ['sh', '-c', 'cat | nft -f -'],
  stdin: rules,
  limit: 30,
})

const closeSource = (context: Context, name: SideMachine<'source'>, tool: Tool): readonly Action[] =>
  tool === 'nft' ? [nft(name, nftRules(sourceFence(context)))] : iptablesFence(name, sourceFence(context))

const openSource = (name: SideMachine<'source'>, tool: Tool): readonly Action[] =>
  tool === 'nft' ? [nft(name, removal)] : iptablesRemoval(name)

const closeTarget = (context: Context): readonly Action[] => {
  const rules = nftRules(targetFence(context))
  return [
    nft('target', rules),
    { kind: 'write', on: 'target', path: rulesPath, mode: '0644', content: rules },
    ...enableUnit('target', {
      name: unitName,
      says: 'Blocks traffic from here to the services of the old controller',
      commands: [['nft', '-f', rulesPath]],
    }),
  ]
}

export const openTarget: readonly Action[] = [
  forgetUnit('target', unitName),
  { kind: 'remove', on: 'target', path: '/etc/swapctl' },
  nft('target', removal),
]

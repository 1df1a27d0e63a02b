import type { Context } from '../context.ts'
import { refuse, SwapError } from '../errors.ts'
import type { Host } from '../host.ts'
import { commands, listeners } from '../source/facts.ts'
import { ask, askMaybe } from '../source/question.ts'
import type { Action, Step } from '../step.ts'
import type { InterfaceAddress } from '../survey.ts'
import { askOpen, type Door } from './connections.ts'
import { iptablesFence, iptablesRemoval } from './fence-iptables.ts'
import { type Fence, nftRules, removal, stopped, table } from './fence-rules.ts'
import { enableUnit, forgetUnit } from './unit.ts'

const unitName = 'swapctl-fence'
const rulesPath = '/etc/swapctl/fence.nft'

/**
 * The first two steps of `migrate`: no program of the target can reach the source's database, queue, cache or APIs, nor
 * the other way round, while both exist. Both sides are closed, each enough by itself (lab trap: a schema upgrade on the
 * target followed a cell mapping into the source's database). ssh stays open. The source gets no file: its fence lasts
 * until it boots, the target's until it is taken down.
 */
export const fenceSteps = (context: Context): readonly Step[] => [
  {
    id: 'fence/source',
    phase: 'migrate',
    title: 'Keep the target out of the databases, queues and APIs of the source: the source drops its packets',
    after: [],
    run: async () => closeSource(context, await askTool(context.hosts('source'))),
    undo: async () => openSource(await askTool(context.hosts('source'))),
    proof: () => proveFenced(context, 'source'),
  },
  {
    id: 'fence/target',
    phase: 'migrate',
    title: 'Keep the target out of the databases, queues and APIs of the source: the target sends nothing there',
    after: ['fence/source'],
    run: async () => closeTarget(context),
    undo: async () => openTarget,
    proof: () => proveFenced(context, 'target'),
  },
]

const real = (addresses: readonly InterfaceAddress[]): readonly string[] =>
  addresses.filter((it) => it.interface !== 'lo').map((it) => it.address)

const sshPorts = ({ config }: Context): readonly number[] => [...new Set([config.source.port, config.target.port])]

const moving = ({ config }: Context): readonly string[] => config.addresses.map((it) => it.address)

/** Moving addresses are in both: whoever has one on the network is the other side. */
export const sourceFence = (context: Context): Fence => ({
  hook: 'input',
  peers: [...new Set([...real(context.survey.target.addresses), ...moving(context)])],
  open: sshPorts(context),
})

export const targetFence = (context: Context): Fence => ({
  hook: 'output',
  peers: [...new Set([...real(context.survey.source.addresses), ...moving(context)])],
  open: sshPorts(context),
})

type Tool = 'nft' | 'iptables'

/** What this machine filters packets with. A source from before nftables has iptables. */
const askTool = async (host: Host): Promise<Tool> => {
  const found = await ask(host, commands(['nft', 'iptables-restore']))
  const kernel = found.includes('nft') && (await askMaybe(host, { argv: ['nft', 'list', 'tables'], parse: () => true }))
  if (kernel) return 'nft'
  if (found.includes('iptables-restore')) return 'iptables'
  throw refuse(
    host.name,
    'has neither nft nor iptables: nothing could keep the target from writing to its database',
    `Install nftables on the ${host.name}`,
  )
}

/** Through a pipe: nft 0.9 opens /dev/stdin anew, which fails when sshd has made it a socket. */
const nft = (on: 'source' | 'target', rules: string): Action => ({
  kind: 'exec',
  on,
  argv: ['sh', '-c', 'cat | nft -f -'],
  stdin: rules,
  limit: 30,
})

const closeSource = (context: Context, tool: Tool): readonly Action[] =>
  tool === 'nft' ? [nft('source', nftRules(sourceFence(context)))] : iptablesFence(sourceFence(context))

const openSource = (tool: Tool): readonly Action[] => (tool === 'nft' ? [nft('source', removal)] : iptablesRemoval())

const closeTarget = (context: Context): readonly Action[] => {
  const rules = nftRules(targetFence(context))
  return [
    nft('target', rules),
    { kind: 'write', on: 'target', path: rulesPath, mode: '0644', content: rules },
    ...enableUnit('target', {
      name: unitName,
      says: 'No way from here to the services of the old controller',
      commands: [['nft', '-f', rulesPath]],
    }),
  ]
}

const openTarget: readonly Action[] = [
  forgetUnit('target', unitName),
  { kind: 'remove', on: 'target', path: '/etc/swapctl' },
  nft('target', removal),
]

/** Packets that each side's fence has stopped so far; undefined where there is no fence. */
export const askStopped = async (host: Host): Promise<number | undefined> =>
  (await askMaybe(host, { argv: ['nft', 'list', 'table', 'inet', table], parse: stopped })) ??
  (await askMaybe(host, { argv: ['iptables', '-nvxL', table], parse: stopped }))

/** What the source really serves on its own addresses, and so what the fence has to keep shut. */
const askDoors = async (context: Context): Promise<readonly Door[]> => {
  const own = context.survey.source.addresses.filter(
    (it) => it.interface !== 'lo' && !it.address.startsWith('fe80') && !moving(context).includes(it.address),
  )
  const heard = await ask(context.hosts('source'), listeners)
  return own
    .flatMap(({ address }) =>
      heard.filter((it) => it.address === '*' || it.address === address).map(({ port }) => ({ address, port })),
    )
    .filter((door) => !sshPorts(context).includes(door.port))
    .filter((door, index, all) => all.findIndex((it) => it.address === door.address && it.port === door.port) === index)
}

/** Tried for real: each door of the source from the target, and the same doors from the operator's machine. */
const proveFenced = async (context: Context, side: 'source' | 'target'): Promise<string> => {
  const { hosts, config } = context
  const doors = await askDoors(context)
  const ssh = { address: config.source.host, port: config.source.port }
  const before = (await askStopped(hosts(side))) ?? 0
  const [reached, allowed] = await Promise.all([
    askOpen(hosts('target'), doors),
    askOpen(hosts('local'), [...doors, ssh]),
  ])
  if (reached.length > 0)
    throw new SwapError(side, `the target still reaches ${text(reached)}`, `Look at: nft list table inet ${table}`)
  const count = (await askStopped(hosts(side))) ?? 0
  const others = allowed.filter((door) => door !== ssh)
  return [
    doors.length === 0 ? 'the source serves nothing on its own addresses' : `the target reaches none of ${text(doors)}`,
    others.length === 0 ? undefined : `the operator's machine does reach ${text(others)}`,
    `${count - before} packets stopped on the ${side}`,
  ]
    .filter((line) => line !== undefined)
    .join('; ')
}

const text = (doors: readonly Door[]): string => doors.map((door) => `${door.address}:${door.port}`).join(', ')

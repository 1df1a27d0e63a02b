import type { MovingAddress } from '../config.ts'
import type { Context } from '../context.ts'
import type { Action, Finding, Step } from '../engine/step.ts'
import { refuse } from '../errors.ts'
import type { Host } from '../hosts/host.ts'
import { ask, lines } from '../source/question.ts'
import { deviceOf, editFiles, isNamed, type Side } from './edits.ts'
import { askManager, type FileState, type Manager } from './manager.ts'

interface Change {
  readonly before: FileState
  readonly text: string
}

/** What has to change in a machine's files for the addresses to be there, or gone, after its next boot. */
export interface Persistence {
  /** each file once, however many addresses it names */
  readonly changes: readonly Change[]
  readonly findings: readonly Finding[]
}

/**
 * Reads how the moving addresses are (or will be) configured for good on one side. What swapctl does not know is a
 * finding that blocks. `mustBeNamed`: an address in none of the source's files is one too.
 */
export const findPersistence = async (
  host: Host,
  side: Side,
  addresses: readonly MovingAddress[],
  mustBeNamed: boolean,
): Promise<Persistence> => {
  const changes = new Map<string, Change>()
  const findings: Finding[] = []
  for (const moving of addresses) {
    const manager = await askManager(host, deviceOf(side, moving))
    const cluster = await askCluster(host, moving.address)
    const result =
      cluster.length > 0 ? { refused: `held by ${cluster.join(', ')}` } : edit(side, manager, moving, changes)
    if ('refused' in result) findings.push(finding(side, moving, result.refused, cluster.length > 0))
    else if (mustBeNamed && 'files' in manager && !isNamed(manager, moving.address))
      findings.push(
        finding(side, moving, `in none of the files for ${deviceOf(side, moving)}: what sets it at boot?`, false),
      )
    else for (const change of result.changes) changes.set(change.before.path, change)
  }
  return { changes: [...changes.values()], findings }
}

/** An address that shares a file with one before it is edited into that one's text. */
const edit = (
  side: Side,
  manager: Manager,
  moving: MovingAddress,
  known: ReadonlyMap<string, Change>,
): { readonly changes: readonly Change[] } | { readonly refused: string } => {
  if (!('files' in manager)) return { refused: unmanaged[manager.kind] }
  const files = manager.files.map((file) => ({ ...file, content: known.get(file.path)?.text ?? file.content }))
  const edits = editFiles(side, { kind: manager.kind, files }, moving)
  if ('refused' in edits) return edits
  return {
    changes: manager.files.flatMap((file) => {
      const text = edits.texts.get(file.path)
      return text === undefined ? [] : [{ before: known.get(file.path)?.before ?? file, text }]
    }),
  }
}

const unmanaged = {
  netplan: 'its interface is configured by netplan, whose files swapctl does not edit yet',
  NetworkManager: 'its interface is configured by NetworkManager, whose files swapctl does not edit yet',
  ifcfg: 'its interface is configured by network-scripts (ifcfg), whose files swapctl does not edit yet',
  unknown: 'nothing that swapctl knows configures its interface at boot',
} as const

const finding = (side: Side, moving: MovingAddress, says: string, cluster: boolean): Finding => ({
  id: `cutover/persist-${side}-${moving.name}`,
  level: 'block',
  says: `${side}: ${moving.address} (${deviceOf(side, moving)}): ${says}`,
  remedy: cluster
    ? 'Take the address out of it: it would bring the address back whatever swapctl does'
    : `Configure ${deviceOf(side, moving)} of the ${side} by systemd-networkd or ifupdown${side === 'source' ? ', with the address on a line or in a stanza of its own' : ''}`,
})

/** keepalived, pacemaker and ucarp bring an address back by themselves. */
const askCluster = async (host: Host, address: string): Promise<readonly string[]> =>
  ask(host, {
    argv: ['grep', '-rlwF', address, '/etc/keepalived', '/var/lib/pacemaker/cib', '/etc/ucarp', '/etc/default/ucarp'],
    codes: [1, 2],
    parse: lines,
  })

/** Everything that would keep an address from staying where the cutover puts it: asked before anything moves. */
export const persistenceFindings = async ({ config, hosts }: Context): Promise<readonly Finding[]> => {
  const found = await Promise.all([
    findPersistence(hosts('source'), 'source', config.addresses, true),
    findPersistence(hosts('target'), 'target', config.addresses, false),
  ])
  return found.flatMap(({ findings }) => findings)
}

const titles = {
  source: "Take the addresses out of the source's network configuration, for its next boot",
  target: "Put the addresses into the target's network configuration, for its next boot",
} as const

/**
 * Written before the addresses move, and read by nobody until they have. So the way back moves them first and gives the
 * files back afterwards, and no reload takes an address away while it serves.
 */
export const persistStep = (context: Context, side: Side, after: readonly string[]): Step => ({
  id: `cutover/persist-${side}`,
  phase: 'cutover',
  title: titles[side],
  after,
  run: async () => (await askChanges(context, side)).map(({ before, text }) => write(side, before, text)),
  undo: async () => {
    const changes = await askChanges(context, side)
    if (changes.length === 0) return []
    return [
      ...changes.map(({ before }) => write(side, before, before.content)),
      ...(await reloadActions(context, side)),
    ]
  },
  proof: async () => {
    const left = await askChanges(context, side)
    if (left.length > 0) throw refuse(side, `${left[0]?.before.path} is not as it was written`, 'See what rewrites it')
    return `the files of the ${side} say where the addresses are after a boot`
  },
})

const askChanges = async ({ config, hosts }: Context, side: Side): Promise<readonly Change[]> => {
  const { changes, findings } = await findPersistence(hosts(side), side, config.addresses, false)
  const [first] = findings
  if (first !== undefined) throw refuse(side, first.says, first.remedy)
  return changes
}

const write = (on: Side, { path, mode, owner }: FileState, content: string): Action => ({
  kind: 'write',
  on,
  path,
  mode,
  owner,
  content,
})

/** `reload` came with systemd 244. */
const reloadScript = 'networkctl reload || systemctl try-restart systemd-networkd.service'

/**
 * networkd goes by the files it read: without this, a link that goes down and up gives the source its address back
 * (seen with systemd 247).
 */
const reload = (on: Side): Action => ({ kind: 'exec', on, argv: ['sh', '-ec', reloadScript], limit: 60 })

/** Makes networkd, where it looks after the interface, read the files that were written before the addresses moved. */
export const reloadActions = async ({ config, hosts }: Context, side: Side): Promise<readonly Action[]> => {
  const managers = await Promise.all(config.addresses.map((it) => askManager(hosts(side), deviceOf(side, it))))
  return managers.some(({ kind }) => kind === 'networkd') ? [reload(side)] : []
}

import type { MovingAddress } from '../config.ts'
import type { Context } from '../context.ts'
import type { Action, Finding, Step } from '../engine/step.ts'
import { refuse } from '../errors.ts'
import type { Host } from '../hosts/host.ts'
import { ask, type Question } from '../source/question.ts'
import { deviceOf, editFiles, isNamed, type Side } from './edits.ts'
import { askKeepers, type Keeper } from './keepers.ts'
import { askManager, type FileState, type Manager, readersOf } from './manager.ts'
import { type Reader, readLines } from './reading.ts'

export interface Change {
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
    const keepers = await askKeepers(host, moving, deviceOf(side, moving))
    findings.push(...keepers.map((keeper) => kept(side, moving, keeper)))
    const result = edit(side, manager, moving, changes)
    if (keepers.length > 0) continue
    if ('refused' in result) findings.push(finding(side, moving, result.refused))
    else if (mustBeNamed && 'files' in manager && !isNamed(manager, moving.address))
      findings.push(finding(side, moving, `in none of the files for ${deviceOf(side, moving)}: what sets it at boot?`))
    else for (const change of result.changes) changes.set(change.before.path, change)
  }
  const generated = [...changes.values()].filter(({ before }) => byCloudInit.test(before.content))
  if (generated.length > 0 && (await ask(host, cloudInit)))
    findings.push(...generated.map(({ before }) => rewritten(side, before.path)))
  const secret = [...changes.values()].filter(({ before }) => holdsSecret(before.content))
  findings.push(...secret.map(({ before }) => secretive(side, before.path)))
  return { changes: [...changes.values()], findings }
}

/**
 * Keys of netplan, keyfiles, wpa_supplicant in ifupdown and ifcfg files that have a secret for a value (nm-settings(5),
 * interfaces(5)); not those that say who asks for one (psk-flags). Pure.
 */
export const holdsSecret = (text: string): boolean =>
  text.split('\n').some((line) => /^\s*[\w-]*(psk|password|passwd|secret|cak|wep-key\d?)\s*[=:\s]\s*\S/i.test(line))

/** The journal keeps a file that is edited, so that it can be given back from it alone. */
const secretive = (side: Side, path: string): Finding => ({
  id: `cutover/persist-${side}`,
  level: 'block',
  says: `${side}: ${path}, which has to change, holds a secret, and would stand in swapctl's journal with it`,
  remedy: `On the ${side}: put the addresses that move into a file without secrets, or take the secret out of this one`,
})

/** What cloud-init writes above the files that it makes. */
const byCloudInit = /^#.*(cloud-init|information provided by the datasource)/m

/** Whether cloud-init is there and may write the network's configuration anew at a boot (its documentation, "Network configuration"). */
const cloudInit: Question<boolean> = {
  argv: [
    'sh',
    '-c',
    'test -e /etc/cloud/cloud.cfg && test ! -e /etc/cloud/cloud-init.disabled && ! grep -rqsE "config: *.?disabled" /etc/cloud && echo yes',
  ],
  codes: [1],
  parse: (text) => text.trim() === 'yes',
}

const rewritten = (side: Side, path: string): Finding => ({
  id: `cutover/persist-${side}`,
  level: 'block',
  says: `${side}: ${path} is written by cloud-init, which may do so again at a boot`,
  remedy: `On the ${side}: echo 'network: {config: disabled}' > /etc/cloud/cloud.cfg.d/99-disable-network-config.cfg`,
})

/** An address that shares a file with one before it is edited into that one's text. */
const edit = (
  side: Side,
  manager: Manager,
  moving: MovingAddress,
  known: ReadonlyMap<string, Change>,
): { readonly changes: readonly Change[] } | { readonly refused: string } => {
  if (!('files' in manager)) return { refused: unmanaged[manager.kind] }
  const files = manager.files.map((file) => ({ ...file, content: known.get(file.path)?.text ?? file.content }))
  const edits = editFiles(side, { ...manager, files }, moving)
  if ('refused' in edits) return edits
  return {
    changes: manager.files.flatMap((file) => {
      const text = edits.texts.get(file.path)
      return text === undefined ? [] : [{ before: known.get(file.path)?.before ?? file, text }]
    }),
  }
}

const unmanaged = {
  unknown: 'nothing that swapctl knows configures its interface at boot',
} as const

const finding = (side: Side, moving: MovingAddress, says: string): Finding => ({
  id: `cutover/persist-${side}-${moving.name}`,
  level: 'block',
  says: `${side}: ${moving.address} (${deviceOf(side, moving)}): ${says}`,
  remedy: `Configure ${deviceOf(side, moving)} of the ${side} by systemd-networkd, netplan, NetworkManager, network-scripts or ifupdown${side === 'source' ? ', with the address on a line or in a stanza of its own' : ''}`,
})

const kept = (side: Side, moving: MovingAddress, { says, commands }: Keeper): Finding => ({
  id: `cutover/persist-${side}-${moving.name}`,
  level: 'block',
  says: `${side}: ${moving.address} (${deviceOf(side, moving)}): held by ${says}`,
  remedy: `It would bring the address back whatever swapctl does. On the ${side}:\n      ${commands.join('\n      ')}`,
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
  run: async () => {
    const changes = await askChanges(context, side)
    const netplan = (await askReaders(context, side)).filter((it) => it === 'netplan')
    // Whether netplan takes the file is known before anything moves; what it generates is read with the move.
    return [
      ...changes.map(({ before, text }) => write(side, before, text)),
      ...(changes.length === 0 ? [] : reload(side, netplan)),
    ]
  },
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

export const askChanges = async ({ config, hosts }: Context, side: Side): Promise<readonly Change[]> => {
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

/**
 * networkd goes by the files it read: without this, a link that goes down and up gives the source its address back
 * (seen with systemd 247).
 */
const reload = (on: Side, readers: readonly Reader[]): readonly Action[] =>
  readers.length === 0 ? [] : [{ kind: 'exec', on, argv: ['sh', '-ec', readLines(readers).join('\n')], limit: 60 }]

export const askReaders = async ({ config, hosts }: Context, side: Side): Promise<readonly Reader[]> =>
  (await Promise.all(config.addresses.map((it) => askManager(hosts(side), deviceOf(side, it))))).flatMap(readersOf)

/** Makes what looks after the interfaces read the files that were written before the addresses moved. */
export const reloadActions = async (context: Context, side: Side): Promise<readonly Action[]> =>
  reload(side, await askReaders(context, side))

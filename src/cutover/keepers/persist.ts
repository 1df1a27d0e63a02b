import type { MovingAddress } from '../../config.ts'
import type { Context } from '../../context.ts'
import type { Action, Finding, Step } from '../../engine/step.ts'
import { refuse } from '../../errors.ts'
import type { Host } from '../../hosts/host.ts'
import { deviceOf, editFiles, isGiven, namedElsewhere, type Refusal, type Side } from './edits.ts'
import { askHeld, givesUp, type Held } from './held.ts'
import type { Keeper } from './keeper.ts'
import { askKeepers } from './keepers.ts'
import { askAllFiles, askManager, askSharing, type FileState, type Manager, readersOf } from './manager.ts'
import { placeFor } from './places.ts'
import { type Reader, readLines } from './reading.ts'
import { writerFindings } from './writers.ts'

export interface Change {
  readonly before: FileState
  /** where the text goes: another path than before when a new file in /etc replaces one in /usr */
  readonly path: string
  readonly text: string
}

/** The changes to a machine's files that make the addresses present, or absent, after its next boot. */
export interface Persistence {
  /** one per file, however many addresses it names */
  readonly changes: readonly Change[]
  readonly findings: readonly Finding[]
}

/**
 * Reads how the moving addresses are (or will be) configured permanently on one side. A form that swapctl does not know
 * is a blocking finding. `mustBeNamed`: so is an address that none of the source's files name.
 */
export const findPersistence = async (
  host: Host,
  side: Side,
  addresses: readonly MovingAddress[],
  mustBeNamed: boolean,
): Promise<Persistence> => {
  const changes = new Map<string, Change>()
  const findings: Finding[] = []
  const all = await askAllFiles(host)
  const held = side === 'source' ? await askHeld(host, addresses) : undefined
  for (const moving of addresses) {
    const manager = await askManager(host, deviceOf(side, moving))
    const found = await askKeepers(host, moving, deviceOf(side, moving))
    const keepers = found.filter((keeper) => held === undefined || !givesUp(held, keeper))
    findings.push(...keepers.map((keeper) => kept(side, moving, keeper, held)))
    findings.push(...namedElsewhere(all, manager, moving.address).map((path) => twice(side, moving, manager, path)))
    const sharing = side === 'target' ? await askShared(host, manager, moving) : []
    const result =
      sharing.length === 0
        ? edit(side, manager, moving, changes)
        : { refused: `its file also configures ${sharing.join(', ')}, which would get the address too` }
    if (keepers.length > 0) continue
    if ('refused' in result) findings.push(finding(side, moving, result))
    else if (mustBeNamed && found.length === 0 && 'files' in manager && !isGiven(manager, moving.address))
      findings.push(unexplained(side, moving))
    else for (const change of result.changes) changes.set(change.before.path, change)
  }
  const written = [...changes.values()].map(({ before }) => before)
  findings.push(...(await writerFindings(host, side, written)))
  const secret = [...changes.values()].filter(({ before }) => holdsSecret(before.content))
  findings.push(...secret.map(({ before }) => secretive(side, before.path)))
  return { changes: [...changes.values()], findings }
}

/**
 * Keys of netplan, keyfiles, ifupdown (wpa_supplicant) and ifcfg files whose value is a secret (nm-settings(5),
 * interfaces(5), netplan(5): also inside braces, and keys of tunnels); not keys that only say where a secret comes from
 * (psk-flags).
 */
const secretKeys = [
  /^\s*[\w-]*(psk|password|passwd|secret|cak|wep-key\d?|private-key|preshared-key)\s*[=:\s]\s*\S/i,
  /[{,]\s*["']?[\w-]*(psk|password|passwd|secret|private|shared|key)["']?\s*:\s*[^\s{]/i,
  /^\s*["']?(key|private|shared)["']?\s*:\s*[^\s{#]/i,
]

export const holdsSecret = (text: string): boolean =>
  text.split('\n').some((line) => !/^\s*[#;]/.test(line) && secretKeys.some((one) => one.test(line)))

/** The journal keeps an edited file's content, because the undo must work from the journal alone. */
const secretive = (side: Side, path: string): Finding => ({
  id: `cutover/persist-${side}`,
  level: 'block',
  says: `${side}: ${path}, which must be edited, holds a secret that would end up in swapctl's journal`,
  remedy: `On the ${side}: put the addresses that move into a file without secrets, or remove the secret from this one`,
})

/** When several addresses are in one file, each edit starts from the result of the one before. */
const edit = (
  side: Side,
  manager: Manager,
  moving: MovingAddress,
  known: ReadonlyMap<string, Change>,
): { readonly changes: readonly Change[] } | Refusal => {
  if (!('files' in manager)) return { refused: unmanaged[manager.kind] }
  const files = manager.files.map((file) => ({ ...file, content: known.get(file.path)?.text ?? file.content }))
  const edits = editFiles(side, { ...manager, files }, moving)
  if ('refused' in edits) return edits
  return {
    changes: manager.files.flatMap((file) => {
      const text = edits.texts.get(file.path)
      const path = placeFor(manager.kind, file.path) ?? file.path
      return text === undefined ? [] : [{ before: known.get(file.path)?.before ?? file, path, text }]
    }),
  }
}

const unmanaged = {
  unknown: 'swapctl does not recognise what configures its interface at boot',
} as const

const finding = (side: Side, moving: MovingAddress, { refused, remedy }: Refusal): Finding => ({
  id: `cutover/persist-${side}-${moving.name}`,
  level: 'block',
  says: `${side}: ${moving.address} (${deviceOf(side, moving)}): ${refused}`,
  remedy:
    remedy ??
    `Configure ${deviceOf(side, moving)} of the ${side} by systemd-networkd, netplan, NetworkManager, network-scripts or ifupdown${side === 'source' ? ', with the address on a separate line or in a separate stanza' : ''}`,
})

/** Other interfaces that would also get the address from an edit of the device's .network file. */
const askShared = async (host: Host, manager: Manager, moving: MovingAddress): Promise<readonly string[]> => {
  const [network] = manager.kind === 'networkd' ? manager.files : []
  return network === undefined ? [] : askSharing(host, network.path, deviceOf('target', moving))
}

const twice = (side: Side, moving: MovingAddress, { kind }: Manager, path: string): Finding => ({
  id: `cutover/persist-${side}-${moving.name}`,
  level: 'block',
  says: `${side}: ${moving.address} (${deviceOf(side, moving)}): ${path} also names it, but ${kind === 'unknown' ? 'the manager of the interface' : kind} does not read that file for this interface`,
  remedy: `On the ${side}: remove ${moving.address} from ${path}, which could set it at the next boot`,
})

/** Never advises to add the address to a file: whatever sets it would continue to, unnoticed. */
const unexplained = (side: Side, moving: MovingAddress): Finding => ({
  id: `cutover/persist-${side}-${moving.name}`,
  level: 'block',
  says: `${side}: ${moving.address} (${deviceOf(side, moving)}): no file for ${deviceOf(side, moving)} has it, so something else sets it, now or at boot`,
  remedy: `On the ${side}, find what sets the address and remove it there: grep -rwF ${moving.address} /etc /opt /usr/local /var/spool/cron; ps ax; docker ps. Add the address to the configuration of ${deviceOf(side, moving)} only if it was set by hand and would be gone after a reboot`,
})

const kept = (
  side: Side,
  moving: MovingAddress,
  { says, commands, unsure, by }: Keeper,
  held: Held | undefined,
): Finding => ({
  id: `cutover/persist-${side}-${moving.name}`,
  level: 'block',
  says: `${side}: ${moving.address} (${deviceOf(side, moving)}): ${unsure ? '' : 'held by '}${says}${by !== 'keepalived' || held?.vrrp?.refused === undefined ? '' : `; swapctl cannot stop it: ${held.vrrp.refused}`}`,
  remedy: `It ${unsure ? 'could' : 'would'} set the address again after the move. On the ${side}:\n      ${commands.join('\n      ')}`,
})

/** Everything that would keep an address from staying where the cutover puts it. Runs before anything moves. */
export const persistenceFindings = async ({ config, hosts }: Context): Promise<readonly Finding[]> => {
  const found = await Promise.all([
    findPersistence(hosts('source'), 'source', config.addresses, true),
    findPersistence(hosts('target'), 'target', config.addresses, false),
  ])
  return found.flatMap(({ findings }) => findings)
}

const titles = {
  source: "Remove the addresses from the source's network configuration, for its next boot",
  target: "Add the addresses to the target's network configuration, for its next boot",
} as const

/**
 * Files are written before the addresses move, but nothing reads them until afterwards. So a rollback moves the
 * addresses first and restores the files later, and no reload removes an address in use.
 */
export const persistStep = (context: Context, side: Side, after: readonly string[]): Step => ({
  id: `cutover/persist-${side}`,
  phase: 'cutover',
  title: titles[side],
  after,
  changes: [side],
  run: async () => {
    const changes = await askChanges(context, side)
    const netplan = (await askReaders(context, side)).filter((it) => it === 'netplan')
    // netplan validates the file before anything moves; its generated files are read with the move.
    return [
      ...changes.map(({ before, path, text }) => write(side, { ...before, path }, text)),
      ...(changes.length === 0 ? [] : reload(side, netplan)),
    ]
  },
  undo: async () => {
    const changes = await askChanges(context, side)
    if (changes.length === 0) return []
    return [...changes.flatMap((change) => putBack(side, change)), ...(await reloadActions(context, side))]
  },
  proof: async () => {
    const left = await askChanges(context, side)
    if (left.length > 0)
      throw refuse(side, `${left[0]?.path} changed after swapctl wrote it`, 'Find out what rewrites it')
    return `the network files of the ${side} are right for the next boot`
  },
})

export const askChanges = async ({ config, hosts }: Context, side: Side): Promise<readonly Change[]> => {
  const { changes, findings } = await findPersistence(hosts(side), side, config.addresses, false)
  const first = findings.find(({ level }) => level === 'block')
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

/** A file that was made is removed again, with its directory of drop-ins if that is empty then. */
const putBack = (on: Side, { before, path }: Change): readonly Action[] => {
  if (path === before.path) return [write(on, before, before.content)]
  const directory = path.slice(0, path.lastIndexOf('/'))
  const rmdir: Action = { kind: 'exec', on, argv: ['sh', '-c', 'rmdir -- "$1" 2>/dev/null || :', 'rmdir', directory] }
  return [{ kind: 'remove', on, path }, ...(directory.endsWith('.d') ? [rmdir] : [])]
}

/**
 * networkd uses the files it has read: without a reload, a link that goes down and up gives the source its address back
 * (seen with systemd 247).
 */
const reload = (on: Side, readers: readonly Reader[]): readonly Action[] =>
  readers.length === 0 ? [] : [{ kind: 'exec', on, argv: ['sh', '-ec', readLines(readers).join('\n')], limit: 60 }]

export const askReaders = async ({ config, hosts }: Context, side: Side): Promise<readonly Reader[]> =>
  (await Promise.all(config.addresses.map((it) => askManager(hosts(side), deviceOf(side, it))))).flatMap(readersOf)

/** Makes the interfaces' managers read the files that were written before the addresses moved. */
export const reloadActions = async (context: Context, side: Side): Promise<readonly Action[]> =>
  reload(side, await askReaders(context, side))

import type { Context } from '../context.ts'
import { type Action, nothing, type Step } from '../engine/step.ts'
import { SwapError } from '../errors.ts'
import { withDatabase } from '../hosts/db.ts'
import type { Argv, Host } from '../hosts/host.ts'
import { limitsOf } from '../limits.ts'
import type { Recipe } from '../services/recipe.ts'
import type { LvmStorage } from '../services/storage.ts'
import { some } from '../text/some.ts'
import { fill } from '../text/sql.ts'
import { askEffective } from './effective.ts'
import { lvmBackends } from './lvm-backends.ts'
import { lvmStorage } from './stored.ts'
import {
  freeArgv,
  groupsArgv,
  listArgv,
  parseGroups,
  parseVolumes,
  type Volume,
  volumeActions,
  volumeDigest,
  volumesOf,
} from './volumes.ts'

/** Copies volumes in LVM groups of the source to the target's groups of the same name; [] for services without. */
export const volumeSteps = (context: Context, recipe: Recipe, after: readonly string[]): readonly Step[] => {
  const [storage] = lvmStorage(recipe)
  if (storage === undefined) return []
  const asked = () => askVolumes(context, recipe, storage)
  return [
    {
      id: `${recipe.name}/volumes`,
      phase: 'migrate',
      service: recipe.name,
      title: 'Copy the volumes stored on the source, byte for byte',
      seconds: 30,
      after,
      changes: ['target'],
      run: async () => actionsFor(context, (await asked()).pairs),
      undo: nothing,
      proof: async () => prove(context, await asked()),
    },
  ]
}

/** A volume of the source, and the target's of the same name. */
export interface Pair {
  readonly source: Volume
  readonly target: Volume | undefined
}

const said = async (host: Host, argv: Argv, next: string): Promise<string> => {
  const { code, stdout, stderr } = await host.run({ argv, limit: 120 })
  if (code === 0) return stdout
  throw new SwapError(host.name, `${argv[0]} says: ${stderr.trim() || `exit ${code}`}`, next)
}

interface Volumes {
  readonly pairs: readonly Pair[]
  /** ids in the database whose volumes should exist but are in no group of the source */
  readonly missing: readonly string[]
}

interface Wanted {
  readonly id: string
  readonly made: boolean
}

const sourceVolumes = async (
  { hosts, survey }: Pick<Context, 'hosts' | 'survey'>,
  recipe: Recipe,
  storage: LvmStorage,
): Promise<{ readonly volumes: readonly Volume[]; readonly missing: readonly string[] }> => {
  const source = hosts('source')
  const file = await askEffective(source, recipe.files[0]?.path ?? '')
  const backends = file === undefined ? [] : lvmBackends(file, survey.source.hostname, storage)
  const name = recipe.databases.find((one) => one.repo === storage.repo)?.name ?? storage.repo
  const of = backends.map(({ host }) => host)
  const wanted = await askIds(source, name, storage, of)
  if (wanted.length === 0) return { volumes: [], missing: [] }
  const ids = wanted.map(({ id }) => id)
  const groups = [...new Set(backends.map((backend) => backend.group))]
  const volumes: Volume[] = []
  for (const group of groups)
    volumes.push(
      ...volumesOf(parseVolumes(await said(source, listArgv(group), `Check the volume group ${group}`)), ids),
    )
  return { volumes, missing: missingOf(wanted, volumes) }
}

/** Ids of volumes that should exist but do not. */
const missingOf = (wanted: readonly Wanted[], volumes: readonly Volume[]): readonly string[] =>
  wanted.filter(({ id, made }) => made && volumesOf(volumes, [id]).length === 0).map(({ id }) => id)

/** Ids in the database that no volume group of the source has; also asked before the freeze. */
export const missingVolumes = async (context: Pick<Context, 'hosts' | 'survey'>, recipe: Recipe) => {
  const [storage] = lvmStorage(recipe)
  return storage === undefined ? [] : (await sourceVolumes(context, recipe, storage)).missing
}

const askVolumes = async (context: Context, recipe: Recipe, storage: LvmStorage): Promise<Volumes> => {
  const { volumes, missing } = await sourceVolumes(context, recipe, storage)
  const pairs: Pair[] = []
  for (const group of new Set(volumes.map((volume) => volume.group))) {
    const mine = volumes.filter((volume) => volume.group === group)
    const next = `Create a volume group ${group} of at least ${bytesOf(mine)} bytes on the target, then run the same command again`
    const there = parseVolumes(await said(context.hosts('target'), listArgv(group), next))
    pairs.push(...mine.map((volume) => ({ source: volume, target: there.find(({ name }) => name === volume.name) })))
  }
  return { pairs, missing }
}

const bytesOf = (volumes: readonly Volume[]): number => volumes.reduce((sum, { size }) => sum + size, 0)

/** Rows in the database about the volumes of these hosts. */
const askIds = async (
  source: Host,
  database: string,
  { ids }: LvmStorage,
  hosts: readonly string[],
): Promise<readonly Wanted[]> => {
  if (hosts.length === 0) return []
  const sql = ids.map((one) => fill(one.replaceAll('{hosts}', hosts.map(() => '?').join(', ')), { '': database }))
  const rows = await withDatabase(source, { readOnly: true }, (db) =>
    db.rows<{ id: string; made: number }>(
      sql.join(' UNION '),
      sql.flatMap(() => hosts),
    ),
  )
  return rows.map(({ id, made }) => ({ id, made: Number(made) === 1 }))
}

const actionsFor = async (context: Context, pairs: readonly Pair[]): Promise<readonly Action[]> => {
  await refuseWrongTarget(context, pairs)
  const actions: Action[] = []
  for (const { source, target } of pairs)
    if (target === undefined || !(await same(context, source)))
      actions.push(...volumeActions(source, source.group, target))
  return actions
}

/**
 * A volume or group with the source's uuid is the source's own, seen through shared storage: it must not be written.
 * `groups`: uuids by group name. Throws SwapError naming it.
 */
export const refuseShared = (
  pairs: readonly Pair[],
  source: ReadonlyMap<string, string>,
  target: ReadonlyMap<string, string>,
): void => {
  const volume = pairs.find(({ source, target }) => source.uuid !== '' && source.uuid === target?.uuid)?.source
  const group = pairs
    .map((pair) => pair.source.group)
    .find((one) => source.has(one) && source.get(one) === target.get(one))
  const what = volume === undefined ? group : `${volume.group}/${volume.name}`
  if (what === undefined) return
  throw new SwapError(
    'target',
    `${what} is the same ${volume === undefined ? 'volume group' : 'volume'} as on the source: it is on shared storage`,
    'Nothing was written. Deactivate the group on the target and exclude it there (a cloned disk needs new UUIDs: vgimportclone), or remove the backend from enabled_backends',
  )
}

const askGroups = async (host: Host): Promise<ReadonlyMap<string, string>> =>
  parseGroups(await said(host, groupsArgv, 'Check its volume groups: vgs'))

const refuseWrongTarget = async (context: Context, pairs: readonly Pair[]): Promise<void> => {
  if (pairs.length === 0) return
  refuseShared(pairs, await askGroups(context.hosts('source')), await askGroups(context.hosts('target')))
  for (const group of new Set(pairs.map(({ source }) => source.group))) {
    const missing = pairs.filter(({ source, target }) => source.group === group && target === undefined)
    const need = bytesOf(missing.filter(({ source }) => source.pool === '').map(({ source }) => source))
    const free = Number.parseInt(await said(context.hosts('target'), freeArgv(group), `Check the group ${group}`), 10)
    if (free < need)
      throw new SwapError(
        'target',
        `the volume group ${group} has ${free} bytes free, the volumes to copy need ${need}`,
        `Add a disk to it: vgextend ${group} DEVICE; then run the same command again`,
      )
  }
}

const digest = async (host: Host, volume: Volume, limit: number): Promise<string> => {
  const { code, stdout, stderr } = await host.run({ argv: volumeDigest(volume, volume.group, volume.size), limit })
  if (code === 0) return stdout.trim()
  throw new SwapError(
    host.name,
    `cannot read ${volume.group}/${volume.name}: ${stderr.trim()}`,
    'Activate it: lvchange -ay',
  )
}

const same = async (context: Context, volume: Volume): Promise<boolean> => {
  const [here, there] = await Promise.all([
    digest(context.hosts('source'), volume, limitsOf(context.config).checksum),
    digest(context.hosts('target'), volume, limitsOf(context.config).checksum),
  ])
  return here === there
}

const prove = async (context: Context, { pairs, missing }: Volumes): Promise<string> => {
  if (pairs.length === 0 && missing.length > 0)
    throw new SwapError(
      'source',
      `the database has ${missing.length} volumes, but none of them is in its volume group: ${some(missing)}`,
      'Activate the volume group on the source (vgs, lvs), then run the same command again',
    )
  const wrong: string[] = []
  for (const { source, target } of pairs)
    if (target === undefined || !(await same(context, source))) wrong.push(`${source.group}/${source.name}`)
  if (wrong.length > 0)
    throw new SwapError(
      'target',
      `volumes that differ from the source: ${wrong.join(', ')}`,
      'Check that nothing writes to them on the source (is tgt stopped?), then run the same command again',
    )
  const snapshots = pairs.filter(({ source }) => source.origin !== '').length
  const copies = snapshots === 0 ? '' : `; ${snapshots} snapshots became whole copies`
  const lost = missing.length === 0 ? '' : `; missing on the source, so not copied: ${some(missing)}`
  return `${pairs.length} volumes equal by SHA-256${copies}${lost}`
}

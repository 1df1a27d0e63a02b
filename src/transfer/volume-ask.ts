import type { Context } from '../context.ts'
import { SwapError } from '../errors.ts'
import { withDatabase } from '../hosts/db.ts'
import type { Argv, Host } from '../hosts/host.ts'
import type { Recipe } from '../services/recipe.ts'
import type { LvmStorage } from '../services/storage.ts'
import { fill } from '../text/sql.ts'
import { askEffective } from './effective.ts'
import { lvmBackends } from './lvm-backends.ts'
import { lvmStorage } from './stored.ts'
import {
  freeArgv,
  groupsArgv,
  isRight,
  listArgv,
  orphansOf,
  parseGroups,
  parseVolumes,
  type Volume,
  volumesOf,
} from './volumes.ts'

/** A volume of the source, and the target's of the same name. */
export interface Pair {
  readonly source: Volume
  readonly target: Volume | undefined
}

export interface Volumes {
  readonly pairs: readonly Pair[]
  /** ids in the database whose volumes should exist but are in no group of the source */
  readonly missing: readonly string[]
  /** what `stage` made on the target, of volumes that the source no longer has */
  readonly orphans: readonly Volume[]
}

interface Wanted {
  readonly id: string
  readonly made: boolean
}

interface Found {
  readonly volumes: readonly Volume[]
  readonly wanted: readonly Wanted[]
  /** the backends' volume groups */
  readonly groups: readonly string[]
}

type Sides = Pick<Context, 'hosts' | 'survey'>

const said = async (host: Host, argv: Argv, next: string): Promise<string> => {
  const { code, stdout, stderr } = await host.run({ argv, limit: 120 })
  if (code === 0) return stdout
  throw new SwapError(host.name, `${argv[0]} says: ${stderr.trim() || `exit ${code}`}`, next)
}

const sourceVolumes = async ({ hosts, survey }: Sides, recipe: Recipe, storage: LvmStorage): Promise<Found> => {
  const source = hosts('source')
  const file = await askEffective(source, recipe.files[0]?.path ?? '')
  const backends = file === undefined ? [] : lvmBackends(file, survey.source.hostname, storage)
  const name = recipe.databases.find((one) => one.repo === storage.repo)?.name ?? storage.repo
  const of = backends.map(({ host }) => host)
  const groups = [...new Set(backends.map((backend) => backend.group))]
  const wanted = await askIds(source, name, storage, of)
  if (wanted.length === 0) return { volumes: [], wanted, groups }
  const ids = wanted.map(({ id }) => id)
  const volumes: Volume[] = []
  for (const group of groups)
    volumes.push(
      ...volumesOf(parseVolumes(await said(source, listArgv(group), `Check the volume group ${group}`)), ids),
    )
  return { volumes, wanted, groups }
}

/** Ids of volumes that should exist but do not. */
const missingOf = ({ wanted, volumes }: Found): readonly string[] =>
  wanted.filter(({ id, made }) => made && volumesOf(volumes, [id]).length === 0).map(({ id }) => id)

/** Ids in the database that no volume group of the source has; also asked before the freeze. */
export const missingVolumes = async (context: Sides, recipe: Recipe): Promise<readonly string[]> => {
  const [storage] = lvmStorage(recipe)
  return storage === undefined ? [] : missingOf(await sourceVolumes(context, recipe, storage))
}

/** Both sides' volumes. Throws SwapError naming a group that one of them lacks. */
export const askVolumes = async (context: Sides, recipe: Recipe, storage: LvmStorage): Promise<Volumes> => {
  const found = await sourceVolumes(context, recipe, storage)
  const target = context.hosts('target')
  const pairs: Pair[] = []
  const orphans: Volume[] = []
  for (const group of found.groups) {
    const mine = found.volumes.filter((volume) => volume.group === group)
    const there = await volumesThere(target, group, mine)
    pairs.push(...mine.map((volume) => ({ source: volume, target: there.find(({ name }) => name === volume.name) })))
    orphans.push(
      ...orphansOf(
        there,
        mine,
        found.wanted.map(({ id }) => id),
      ),
    )
  }
  return { pairs, missing: missingOf(found), orphans }
}

/** A group for which nothing is to be copied need not be there. */
const volumesThere = async (target: Host, group: string, mine: readonly Volume[]): Promise<readonly Volume[]> => {
  const next = `Create a volume group ${group} of at least ${bytesOf(mine)} bytes on the target, then run the same command again`
  if (mine.length > 0) return parseVolumes(await said(target, listArgv(group), next))
  const { code, stdout } = await target.run({ argv: listArgv(group), limit: 120 })
  return code === 0 ? parseVolumes(stdout) : []
}

export const bytesOf = (volumes: readonly Pick<Volume, 'size'>[]): number =>
  volumes.reduce((sum, { size }) => sum + size, 0)

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

/** Bytes that a group of the target still has to give; a thin volume takes none of its group. */
const needOf = ({ source, target }: Pair): number =>
  source.pool !== '' || isRight(source, target) ? 0 : source.size - (target?.size ?? 0)

/** Throws SwapError when what is to be changed is the source's own, or when a group of the target is too small. */
export const refuseWrongTarget = async (
  { hosts }: Pick<Context, 'hosts'>,
  { pairs, orphans }: Pick<Volumes, 'pairs' | 'orphans'>,
): Promise<void> => {
  const touched = [...pairs, ...orphans.map((source): Pair => ({ source, target: undefined }))]
  if (touched.length === 0) return
  refuseShared(touched, await askGroups(hosts('source')), await askGroups(hosts('target')))
  for (const group of new Set(pairs.map(({ source }) => source.group))) {
    const need = pairs.filter(({ source }) => source.group === group).reduce((sum, pair) => sum + needOf(pair), 0)
    const free = Number.parseInt(await said(hosts('target'), freeArgv(group), `Check the group ${group}`), 10)
    if (free < need)
      throw new SwapError(
        'target',
        `the volume group ${group} has ${free} bytes free, the volumes to copy need ${need}`,
        `Add a disk to it: vgextend ${group} DEVICE; then run the same command again`,
      )
  }
}

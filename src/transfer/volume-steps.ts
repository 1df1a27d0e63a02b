import type { Context } from '../context.ts'
import { type Action, nothing, type Step } from '../engine/step.ts'
import { SwapError } from '../errors.ts'
import { withDatabase } from '../hosts/db.ts'
import type { Argv, Host } from '../hosts/host.ts'
import { limitsOf } from '../limits.ts'
import { name as quoted } from '../releases/sql.ts'
import type { Recipe } from '../services/recipe.ts'
import { lvmBackends } from './lvm-backends.ts'
import { parse } from './oslo-conf.ts'
import { freeArgv, listArgv, parseVolumes, type Volume, volumeActions, volumeDigest, volumesOf } from './volumes.ts'

const repo = 'cinder'

/** Volumes of cinder's LVM driver, from the source's groups to the target's of the same name; none for other services. */
export const volumeSteps = (context: Context, recipe: Recipe, after: readonly string[]): readonly Step[] => {
  if (!recipe.databases.some((database) => database.repo === repo)) return []
  const pairs = () => askPairs(context, recipe)
  return [
    {
      id: `${recipe.name}/volumes`,
      phase: 'migrate',
      service: recipe.name,
      title: 'Copy the volumes that lie on the source, byte for byte',
      after,
      run: async () => actionsFor(context, await pairs()),
      undo: nothing,
      proof: async () => prove(context, await pairs()),
    },
  ]
}

/** A volume of the source, and what of its name the target has. */
interface Pair {
  readonly source: Volume
  readonly target: Volume | undefined
}

const said = async (host: Host, argv: Argv, next: string): Promise<string> => {
  const { code, stdout, stderr } = await host.run({ argv, limit: 120 })
  if (code === 0) return stdout
  throw new SwapError(host.name, `${argv[0]} says: ${stderr.trim() || `exit ${code}`}`, next)
}

const askPairs = async (context: Context, recipe: Recipe): Promise<readonly Pair[]> => {
  const source = context.hosts('source')
  const path = recipe.files[0]?.path ?? ''
  const { code, stdout } = await source.run({ argv: ['cat', path], limit: 30 })
  const backends = code === 0 ? lvmBackends(parse(stdout, path), context.survey.source.hostname) : []
  const ids = await askIds(
    source,
    recipe,
    backends.map(({ host }) => host),
  )
  if (ids.length === 0) return []
  const found: Pair[] = []
  for (const group of new Set(backends.map((backend) => backend.group))) {
    const mine = volumesOf(parseVolumes(await said(source, listArgv(group), `Look at the volume group ${group}`)), ids)
    if (mine.length === 0) continue
    const next = `Make a volume group ${group} on the target that holds ${bytesOf(mine)} bytes, then run the same command again`
    const there = parseVolumes(await said(context.hosts('target'), listArgv(group), next))
    found.push(...mine.map((volume) => ({ source: volume, target: there.find(({ name }) => name === volume.name) })))
  }
  return found
}

const bytesOf = (volumes: readonly Volume[]): number => volumes.reduce((sum, { size }) => sum + size, 0)

/** Ids of live volumes of these hosts and of their snapshots; a migrated volume keeps its data under its _name_id. */
const askIds = async (source: Host, recipe: Recipe, hosts: readonly string[]): Promise<readonly string[]> => {
  if (hosts.length === 0) return []
  const database = recipe.databases.find((one) => one.repo === repo)?.name ?? repo
  const volumes = `${quoted(database, 'volumes')} v`
  const live = `COALESCE(v.deleted, 0) = 0 AND SUBSTRING_INDEX(v.host, '#', 1) IN (${hosts.map(() => '?').join(', ')})`
  const sql = [
    `SELECT v.id FROM ${volumes} WHERE ${live}`,
    `SELECT v._name_id AS id FROM ${volumes} WHERE v._name_id IS NOT NULL AND ${live}`,
    `SELECT s.id FROM ${quoted(database, 'snapshots')} s JOIN ${volumes} ON v.id = s.volume_id WHERE COALESCE(s.deleted, 0) = 0 AND ${live}`,
  ].join(' UNION ')
  return withDatabase(source, { readOnly: true }, async (db) =>
    (await db.rows<{ id: string }>(sql, [...hosts, ...hosts, ...hosts])).map(({ id }) => id),
  )
}

const actionsFor = async (context: Context, pairs: readonly Pair[]): Promise<readonly Action[]> => {
  await refuseWrongTarget(context, pairs)
  const actions: Action[] = []
  for (const { source, target } of pairs)
    if (target === undefined || !(await same(context, source)))
      actions.push(...volumeActions(source, source.group, target))
  return actions
}

/** A volume with the source's own uuid is the source's own volume, seen through shared storage: it must not be written. */
const refuseWrongTarget = async (context: Context, pairs: readonly Pair[]): Promise<void> => {
  const shared = pairs.find(({ source, target }) => source.uuid !== '' && source.uuid === target?.uuid)
  if (shared)
    throw new SwapError(
      'target',
      `${shared.source.group}/${shared.source.name} is the very volume of the source: the group lies on shared storage`,
      'Deactivate the group on the target and exclude it there, or take the LVM backend out of enabled_backends',
    )
  for (const group of new Set(pairs.map(({ source }) => source.group))) {
    const missing = pairs.filter(({ source, target }) => source.group === group && target === undefined)
    const need = bytesOf(missing.filter(({ source }) => source.pool === '').map(({ source }) => source))
    const free = Number.parseInt(await said(context.hosts('target'), freeArgv(group), `Look at the group ${group}`), 10)
    if (free < need)
      throw new SwapError(
        'target',
        `the volume group ${group} has ${free} bytes free, the volumes to come need ${need}`,
        `Add a disk to it: vgextend ${group} DEVICE; then run the same command again`,
      )
  }
}

const digest = async (host: Host, volume: Volume, limit: number): Promise<string> => {
  const { code, stdout, stderr } = await host.run({ argv: volumeDigest(volume, volume.group, volume.size), limit })
  if (code === 0) return stdout.slice(0, 64)
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

const prove = async (context: Context, pairs: readonly Pair[]): Promise<string> => {
  const wrong: string[] = []
  for (const { source, target } of pairs)
    if (target === undefined || !(await same(context, source))) wrong.push(`${source.group}/${source.name}`)
  if (wrong.length > 0)
    throw new SwapError(
      'target',
      `volumes that are not the source's: ${wrong.join(', ')}`,
      'See that nothing writes to them on the source (is tgt stopped?), then run the same command again',
    )
  const snapshots = pairs.filter(({ source }) => source.origin !== '').length
  const copies = snapshots === 0 ? '' : `; ${snapshots} snapshots became whole copies`
  return `${pairs.length} volumes equal by SHA-256${copies}`
}

import { stat } from 'node:fs/promises'
import { block, type Check, type CheckContext, type Message, warn } from '../ask/check.ts'
import { existing, fileSystems, sizes } from '../ask/facts.ts'
import { ask, askMaybe, lines, type Question } from '../ask/question.ts'
import { SwapError } from '../errors.ts'
import { withDatabase } from '../hosts/db.ts'
import { hopsDirectory, stagedPrefix } from '../places.ts'
import { askStage } from '../transfer/stage.ts'
import { askTrees, notShared } from '../transfer/stored.ts'
import { isOurs } from './claim.ts'
import { neededHops } from './hop-step.ts'

interface Need {
  readonly path: string
  readonly bytes: number
  readonly what: string
}

const gigabyte = 1e9

/** Dump, import and the server's own files: about three times the data. */
const databaseFactor = 3
/** Size of a tree of Debian packages relative to its archive. */
const archiveFactor = 4
/** Installed and downloaded packages of a 2025.1 controller, rounded up. */
const packageBytes = 2 * gigabyte

const needs = async (context: CheckContext): Promise<readonly Need[]> => {
  const { survey, recipes, hosts } = context
  const databases = survey.services.flatMap((one) => one.databases).reduce((sum, one) => sum + one.bytes, 0)
  const ahead = await askAhead(context)
  const found = await Promise.all(recipes.map((recipe) => askTrees(hosts('source'), recipe)))
  const trees = found.flat().map(({ path }) => path)
  const own = trees.length === 0 ? [] : await notShared(hosts, trees)
  const copied = own.length === 0 ? {} : await ask(hosts('source'), sizes(own))
  const staged = await Promise.all(own.map((path) => stagedBytes(context, path)))
  const hops = await Promise.all(
    neededHops(context)
      .filter(({ form }) => form === 'archive')
      .map(async (hop): Promise<Need> => {
        const archive = await stat(hop.path).catch(() => ({ size: 0 }))
        return { path: hopsDirectory, bytes: archive.size * archiveFactor, what: `hop environment ${hop.place.name}` }
      }),
  )
  return [
    { path: '/var/lib/mysql', bytes: Math.max(0, databases * databaseFactor - ahead), what: 'databases' },
    { path: '/usr', bytes: packageBytes, what: 'packages' },
    ...hops,
    ...own.map((path, at) => ({ path, bytes: Math.max(0, (copied[path] ?? 0) - (staged[at] ?? 0)), what: path })),
  ]
}

/** Bytes of the databases that were copied ahead: they need no further space. 0 while no server runs there. */
const askAhead = async ({ hosts }: CheckContext): Promise<number> => {
  try {
    return await withDatabase(hosts('target'), { readOnly: true }, async (db) => {
      const [row] = await db.rows<{ bytes: string }>(
        'SELECT COALESCE(SUM(data_length + index_length), 0) AS bytes FROM information_schema.tables WHERE LEFT(table_schema, ?) = ?',
        [stagedPrefix.length, stagedPrefix],
      )
      return Number(row?.bytes ?? 0)
    })
  } catch (error) {
    if (error instanceof SwapError) return 0
    throw error
  }
}

/** What has been staged needs no further space. */
const stagedBytes = async ({ hosts }: CheckContext, path: string): Promise<number> => {
  const { files = [] } = await askStage(hosts('target'), path)
  return files.reduce((sum, { source }) => sum + Number.parseInt(source, 10), 0)
}

/** A path and its parents, deepest first. */
const ancestors = (path: string): readonly string[] =>
  path === '/' ? ['/'] : [path, ...ancestors(path.slice(0, path.lastIndexOf('/')) || '/')]

export const disk: Check['ask'] = async (context) => {
  const target = context.hosts('target')
  const wanted = await needs(context)
  const there = new Set(await ask(target, existing([...new Set(wanted.flatMap((need) => ancestors(need.path)))])))
  const homes = wanted.map((need) => ancestors(need.path).find((path) => there.has(path)) ?? '/')
  const systems = await ask(target, fileSystems(homes))
  const placed = wanted.map((need, index) => ({ ...need, ...(systems[index] ?? { mount: '/', free: 0 }) }))
  // Data from a first attempt is counted twice, so it must not block the second.
  const say = (await isOurs(context)) ? warn : block
  return shortages(placed).map((says) => say(says, 'Free space, or give the target a larger disk'))
}

/** File systems without enough space, one line each. */
export const shortages = (
  placed: readonly (Need & { readonly mount: string; readonly free: number })[],
): readonly string[] =>
  [...new Set(placed.map((one) => one.mount))].flatMap((mount) => {
    const here = placed.filter((one) => one.mount === mount)
    const sum = here.reduce((total, one) => total + one.bytes, 0)
    const free = here[0]?.free ?? 0
    if (sum <= free) return []
    const parts = here.filter((one) => one.bytes > gigabyte / 20).map((one) => `${one.what} ${inGigabytes(one.bytes)}`)
    return [`the target has ${inGigabytes(free)} free on ${mount} but needs ${inGigabytes(sum)}: ${parts.join(', ')}`]
  })

const inGigabytes = (bytes: number): string => `${(bytes / gigabyte).toFixed(1)} GB`

interface Sized {
  readonly group: string
  readonly name: string
  readonly bytes: number
}

const parseSized = (text: string): readonly Sized[] =>
  lines(text)
    .map((line) => line.trim().split(/\s+/))
    .map(([group = '', bytes, name = '']) => ({ group, name, bytes: Number.parseInt(bytes ?? '', 10) }))
    .filter((one) => Number.isFinite(one.bytes))

const volumes: Question<readonly Sized[]> = {
  argv: ['lvs', '--noheadings', '--nosuffix', '--units', 'b', '-o', 'vg_name,lv_size,lv_name'],
  parse: parseSized,
}

const groups: Question<readonly Sized[]> = {
  argv: ['vgs', '--noheadings', '--nosuffix', '--units', 'b', '-o', 'vg_name,vg_free'],
  parse: parseSized,
}

/** Bytes; what was staged, or copied by an earlier migrate, needs no further space. */
const stillNeeded = (volume: Sized, there: readonly Sized[]): number => {
  const copy = there.find(({ group, name }) => group === volume.group && name === volume.name)
  return Math.max(0, volume.bytes - (copy?.bytes ?? 0))
}

/** The volume groups of cinder's LVM volumes must exist on the target, with enough space. */
export const volumeGroups: Check['ask'] = async ({ hosts }) => {
  const ours = ((await askMaybe(hosts('source'), volumes)) ?? []).filter((one) =>
    /^volume-[0-9a-f-]{36}$/.test(one.name),
  )
  if (ours.length === 0) return []
  const there = (await askMaybe(hosts('target'), groups)) ?? []
  const copied = (await askMaybe(hosts('target'), volumes)) ?? []
  return [...new Set(ours.map((one) => one.group))].flatMap((group): readonly Message[] => {
    const held = ours.filter((one) => one.group === group)
    const bytes = held.reduce((sum, one) => sum + stillNeeded(one, copied), 0)
    const all = held.reduce((sum, one) => sum + one.bytes, 0)
    const room = there.find((one) => one.group === group)
    const what = `${held.length} volumes of ${inGigabytes(all)} in the volume group ${group} of the source`
    if (room === undefined)
      return [block(`${what}, but the target has no such group`, `Create it on the target: vgcreate ${group} DEVICE`)]
    if (room.bytes >= bytes) return []
    return [
      block(
        `${what}${bytes < all ? `, of which ${inGigabytes(bytes)} are not on the target yet` : ''}, but the group on the target has ${inGigabytes(room.bytes)} free`,
        `Add a device to it there: vgextend ${group} DEVICE`,
      ),
    ]
  })
}

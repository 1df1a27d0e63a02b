import type { Context } from '../context.ts'
import { SwapError } from '../errors.ts'
import { type Db, withDatabase } from '../hosts/db.ts'
import { name } from '../releases/sql.ts'
import type { Database } from '../services/recipe.ts'
import { askRunning, type Running } from './guests.ts'
import { type Known, type Orphans, orphansOf, volumeOf } from './orphans.ts'

const askIds = async (
  db: Db,
  { survey }: Context,
  repo: Database['repo'],
  select: string,
  ids: readonly string[],
): Promise<readonly { readonly id: string; readonly host: string | null }[]> => {
  const found: { id: string; host: string | null }[] = []
  if (ids.length === 0) return found
  const databases = survey.services.flatMap((service) => service.databases).filter((one) => one.repo === repo)
  for (const database of databases)
    found.push(
      ...(await db.rows<{ id: string; host: string | null }>(select.replace('{}', name(database.name)), [
        ids as unknown as string,
      ])),
    )
  return found
}

const askKnown = (context: Context, running: readonly Running[]): Promise<Known> =>
  withDatabase(context.hosts('source'), { readOnly: true }, async (db) => {
    const uuids = running.flatMap((on) => on.guests.map((guest) => guest.uuid))
    const disks = running.flatMap((on) => on.disks.flatMap((disk) => volumeOf(disk.target) ?? []))
    const servers = await askIds(
      db,
      context,
      'nova',
      'SELECT uuid AS id, host FROM {}.instances WHERE uuid IN (?)',
      uuids,
    )
    const volumes = await askIds(
      db,
      context,
      'cinder',
      "SELECT id, '' AS host FROM {}.volumes WHERE deleted = 0 AND id IN (?)",
      disks,
    )
    return {
      servers: new Map(servers.map(({ id, host }) => [id, host ?? ''])),
      volumes: new Set(volumes.map(({ id }) => id)),
    }
  })

/** Asks every compute of the settings what runs there, and the old controller's database what it knows of it. */
export const askOrphans = async (context: Context, made: ReadonlyMap<string, string>): Promise<Orphans> => {
  const { config, hosts, survey } = context
  const asked = await Promise.allSettled(
    config.computes.map((machine) => askRunning(hosts(`compute:${machine.name}`), machine.name)),
  )
  const running = asked.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  const unasked = asked.flatMap((one, index) => {
    if (one.status === 'fulfilled') return []
    if (!(one.reason instanceof SwapError)) throw one.reason
    return [`${config.computes[index]?.name}: ${one.reason.message}`]
  })
  const moving = config.addresses.map((it) => it.address)
  const portals = survey.target.addresses.map((it) => it.address).filter((it) => !moving.includes(it))
  return {
    found: orphansOf(running, await askKnown(context, running), made, portals),
    looked: running.map((on) => `${on.compute}: ${on.guests.length} guests, ${on.disks.length} iSCSI sessions`),
    unasked,
  }
}

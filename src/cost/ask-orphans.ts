import type { Context } from '../context.ts'
import { SwapError } from '../errors.ts'
import { type Db, withDatabase } from '../hosts/db.ts'
import type { Held } from '../services/held.ts'
import { recipes } from '../services/index.ts'
import { name } from '../text/sql.ts'
import { askRunning, type Running } from './guests.ts'
import { type Known, type Orphans, orphansOf, volumeOf } from './orphans.ts'

type Row = { readonly id: string; readonly host: string | null }

/** What the services' databases know about these ids, of one kind. */
const askIds = async (
  db: Db,
  { survey }: Context,
  kind: Held['kind'],
  ids: readonly string[],
): Promise<readonly Row[]> => {
  const found: Row[] = []
  if (ids.length === 0) return found
  const databases = survey.services.flatMap((service) => service.databases)
  for (const { held } of recipes)
    for (const database of databases)
      if (held?.kind === kind && database.repo === held.repo)
        found.push(...(await db.rows<Row>(held.select.replace('{}', name(database.name)), [ids as unknown as string])))
  return found
}

const askKnown = (context: Context, running: readonly Running[]): Promise<Known> =>
  withDatabase(context.hosts('source'), { readOnly: true }, async (db) => {
    const uuids = running.flatMap((on) => on.guests.map((guest) => guest.uuid))
    const disks = running.flatMap((on) => on.disks.flatMap((disk) => volumeOf(disk.target) ?? []))
    const servers = await askIds(db, context, 'guest', uuids)
    const volumes = await askIds(db, context, 'disk', disks)
    return {
      servers: new Map(servers.map(({ id, host }) => [id, host ?? ''])),
      volumes: new Set(volumes.map(({ id }) => id)),
    }
  })

/** Asks every compute what is running there, and the old controller's database what it knows about it. */
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

import { type Check, type CheckContext, type Message, warn } from '../../ask/check.ts'
import { withDatabase } from '../../hosts/db.ts'
import { askExports, type Exports, listensAt, parseLocation } from '../../source/iscsi-exports.ts'
import { askSessions } from '../../source/iscsi-sessions.ts'
import { some } from '../../text/some.ts'
import { name } from '../../text/sql.ts'
import { askEffective } from '../../transfer/effective.ts'
import { lvmBackends } from '../../transfer/lvm-backends.ts'
import { lvmStorage } from '../../transfer/stored.ts'
import type { LvmStorage } from '../storage.ts'
import { cinderSettingChecks } from './checks-settings.ts'

interface Row {
  readonly id: string
  /** 'src@lvm#pool'; '' for a snapshot */
  readonly host: string
  readonly status: string
  readonly location: string
}

/** Volumes and snapshots that were exported at some time. */
const askRows = ({ hosts }: CheckContext, database: string): Promise<readonly Row[]> =>
  withDatabase(hosts('source'), { readOnly: true }, async (db) => {
    const ask = (table: string, host: string) =>
      db.rows<Row>(
        `SELECT id, ${host} AS host, status, provider_location AS location FROM ${name(database, table)} WHERE COALESCE(deleted, 0) = 0 AND provider_location IS NOT NULL`,
      )
    return [...(await ask('volumes', "COALESCE(host, '')")), ...(await ask('snapshots', "''"))]
  })

/** Hosts in the rows whose volumes the source's tgt exports. */
const askTgtHosts = async ({ hosts, survey, recipes }: CheckContext): Promise<readonly string[]> => {
  const found = await Promise.all(
    recipes.map(async (recipe) => {
      const [storage] = lvmStorage(recipe)
      const file = storage && (await askEffective(hosts('source'), recipe.files[0]?.path ?? ''))
      return file === undefined ? [] : lvmBackends(file, survey.source.hostname, storage as LvmStorage)
    }),
  )
  return found
    .flat()
    .filter(({ helper }) => helper === 'tgtadm')
    .map(({ host }) => host)
}

/** Why the volume cannot be reached as its row says; undefined: it can. */
const lost = (location: string, { targets, portals }: Exports, addresses: readonly string[]): string | undefined => {
  const found = parseLocation(location)
  if (found === undefined) return undefined
  if (!targets.includes(found.target)) return `no target ${found.target}`
  const silent = portals && found.portals.find((portal) => !listensAt(portal, portals, addresses))
  return silent && `no answer at ${silent}`
}

/**
 * At its start cinder exports volumes in use, others when they are attached: so only the former must be exported now.
 */
const unexported = (rows: readonly Row[], exports: Exports, addresses: readonly string[]): readonly Message[] => {
  const found = rows
    .filter(({ status }) => status === 'in-use')
    .map(({ id, location }) => ({ id, why: lost(location, exports, addresses) }))
    .filter(({ why }) => why !== undefined)
  return found.length === 0
    ? []
    : [
        warn(
          `tgt on the source does not export volumes in use as their provider_location says: ${some(found.map(({ id, why }) => `${id} (${why})`))}`,
          'Restart cinder-volume there and check again (tgtadm --lld iscsi --mode target --op show). Detach and reattach volumes that still differ before migrate: the target exports according to its settings, and servers connect to the provider_location in the row',
        ),
      ]
}

const unknown = (rows: readonly Row[], { targets }: Exports): readonly Message[] => {
  const known = new Set(rows.map(({ location }) => parseLocation(location)?.target))
  const found = targets.filter((target) => !known.has(target))
  return found.length === 0
    ? []
    : [
        warn(
          `tgt on the source exports targets that are the provider_location of no volume or snapshot: ${some(found)}`,
          'The target will not export them. Find out who uses each, then on the source: tgt-admin --delete NAME',
        ),
      ]
}

const exported: Check['ask'] = async (context) => {
  const databases = context.survey.services.flatMap((service) => service.databases)
  const database = databases.find(({ repo }) => repo === 'cinder')?.name
  const hosts = database === undefined ? [] : await askTgtHosts(context)
  if (database === undefined || hosts.length === 0) return []
  const [rows, exports] = await Promise.all([askRows(context, database), askExports(context.hosts('source'))])
  const own = rows.filter(({ host }) => hosts.includes(host.split('#')[0] ?? ''))
  const addresses = context.survey.source.addresses.map(({ address }) => address)
  return [...unexported(own, exports, addresses), ...unknown(rows, exports)]
}

const iscsi: Check['ask'] = async ({ hosts, recipes }) => {
  if (!recipes.some((recipe) => recipe.iscsi === true)) return []
  const found = await askSessions(hosts('source'))
  return found.length === 0
    ? []
    : [
        warn(
          `servers have open disks on the source, which the freeze does not close: ${found.map(({ target, address }) => `${target} from ${address}`).join(', ')}`,
          'Stop those servers or detach the volumes before migrate',
        ),
      ]
}

/** What initiators are told, compared with what tgt exports. */
export const cinderChecks: readonly Check[] = [
  {
    id: 'cinder/exports',
    level: 'warn',
    title: "tgt exports volumes as in cinder's database",
    source: 'cinder/volume/targets/iscsi.py and tgt.py',
    why: 'Servers would not find their volumes at the provider_location in the row.',
    remedy: 'Restart cinder-volume, or detach and attach the volume before migrate.',
    ask: exported,
  },
  {
    id: 'cinder/iscsi-sessions',
    level: 'warn',
    title: 'No server has a disk open on the source',
    source: 'tgtadm(8), --op show --mode conn; cinder/volume/targets/tgt.py',
    why: 'The server would lose its disk when the old controller stops.',
    remedy: 'Stop those servers, or detach the volumes, before migrate.',
    ask: iscsi,
  },
  ...cinderSettingChecks,
]

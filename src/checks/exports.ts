import { withDatabase } from '../hosts/db.ts'
import { name } from '../releases/sql.ts'
import { type Check, type CheckContext, type Said, warn } from '../source/check.ts'
import { askExports, type Exports, listensAt, parseLocation } from '../source/iscsi-exports.ts'
import { askMaybe } from '../source/question.ts'
import { lvmBackends } from '../transfer/lvm-backends.ts'
import { parse } from '../transfer/oslo-conf.ts'
import { some } from './on-source.ts'
import { rule } from './rule.ts'

interface Row {
  readonly id: string
  /** 'src@lvm#pool'; '' of a snapshot */
  readonly host: string
  readonly status: string
  readonly location: string
}

/** Volumes and snapshots that were ever exported. */
const askRows = ({ hosts }: CheckContext, database: string): Promise<readonly Row[]> =>
  withDatabase(hosts('source'), { readOnly: true }, async (db) => {
    const ask = (table: string, host: string) =>
      db.rows<Row>(
        `SELECT id, ${host} AS host, status, provider_location AS location FROM ${name(database, table)} WHERE COALESCE(deleted, 0) = 0 AND provider_location IS NOT NULL`,
      )
    return [...(await ask('volumes', "COALESCE(host, '')")), ...(await ask('snapshots', "''"))]
  })

/** Hosts, as the rows name them, whose volumes tgt on the source exports. */
const askTgtHosts = async ({ hosts, survey }: CheckContext): Promise<readonly string[]> => {
  const path = '/etc/cinder/cinder.conf'
  const file = await askMaybe(hosts('source'), { argv: ['cat', path], parse: (text) => parse(text, path) })
  return file === undefined
    ? []
    : lvmBackends(file, survey.source.hostname)
        .filter(({ helper }) => helper === 'tgtadm')
        .map(({ host }) => host)
}

/** Why nobody who goes by the row finds the volume; undefined: it is found. */
const lost = (location: string, { targets, portals }: Exports, addresses: readonly string[]): string | undefined => {
  const found = parseLocation(location)
  if (found === undefined) return undefined
  if (!targets.includes(found.target)) return `no target ${found.target}`
  const silent = portals && found.portals.find((portal) => !listensAt(portal, portals, addresses))
  return silent && `nobody at ${silent}`
}

/** cinder exports anew at its start what is in use, and what is not when it is attached: only the former has to be there. */
const unexported = (rows: readonly Row[], exports: Exports, addresses: readonly string[]): readonly Said[] => {
  const found = rows
    .filter(({ status }) => status === 'in-use')
    .map(({ id, location }) => ({ id, why: lost(location, exports, addresses) }))
    .filter(({ why }) => why !== undefined)
  return found.length === 0
    ? []
    : [
        warn(
          `tgt on the source does not export volumes in use as their provider_location says: ${some(found.map(({ id, why }) => `${id} (${why})`))}`,
          'Restart cinder-volume there and look again (tgtadm --lld iscsi --mode target --op show); what stays so, detach and attach before migrate: the target exports by its settings, and servers look where the row says',
        ),
      ]
}

const unknown = (rows: readonly Row[], { targets }: Exports): readonly Said[] => {
  const known = new Set(rows.map(({ location }) => parseLocation(location)?.target))
  const found = targets.filter((target) => !known.has(target))
  return found.length === 0
    ? []
    : [
        warn(
          `tgt on the source exports what is the provider_location of no volume and no snapshot: ${some(found)}`,
          'The target will not export it. Find out who uses it; then: tgt-admin --delete, with its name, on the source',
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

/** What initiators are told, as against what is there. */
export const exportChecks: readonly Check[] = [
  rule(
    'cinder/exports',
    'warn',
    'Exports of volumes, as cinder knows them',
    'cinder/volume/targets/iscsi.py and tgt.py; known failure P60',
    exported,
  ),
]

import { refuse } from '../errors.ts'
import type { Args, Fixup, FixupTable, Row, Where } from './fixup.ts'

/**
 * The new name for 'host', 'host@backend', 'host@backend#pool' or 'host#pool'; the same text for every other host,
 * src2 and src.example among them. cinder-manage volume update_host would drop the pool (P62).
 */
export const rewriteHost = (text: string, from: string, to: string): string => {
  const rest = text.slice(from.length)
  return text.startsWith(from) && (rest === '' || rest.startsWith('@') || rest.startsWith('#')) ? to + rest : text
}

const where = (args: Args): Where => ({ sql: 'LOCATE(?, `host`) = 1', params: [args['from'] ?? ''] })

const rename = (row: Row, args: Args): Row => {
  const host = row['host']
  if (typeof host !== 'string') return row
  const renamed = rewriteHost(host, args['from'] ?? '', args['to'] ?? '')
  return renamed === host ? row : { ...row, host: renamed }
}

/** Tables with a `host` of this form in any release (cinder/db/models.py; iscsi_targets: Grizzly to Mitaka). */
const hosted = ['volumes', 'backups', 'consistencygroups', 'groups', 'image_volume_cache_entries', 'iscsi_targets']

const plain = (table: string): FixupTable => ({
  table,
  beside: 'volume_glance_metadata',
  key: 'id',
  columns: ['host'],
  where,
  rewrite: rename,
})

/** Binaries whose row is an identity: volumes.service_uuid, disabled, frozen and the active backend hang on it. */
const kept = ['cinder-volume', 'cinder-backup']

/**
 * The row of cinder-volume is renamed, not replaced: cinder-volume looks its own row up by host and binary when it
 * starts (cinder/service.py), finds this one, and volumes.service_uuid and workers.service_id stay right (P63).
 */
const services: FixupTable = {
  ...plain('services'),
  reads: ['binary', 'deleted'],
  unique: ['host', 'binary'],
  rewrite: (row, args) =>
    kept.includes(String(row['binary'])) && Number(row['deleted'] ?? 0) === 0 ? rename(row, args) : row,
}

/** Throws SwapError (exit 2) unless `from` and `to` are two names without '@' or '#'. */
export const checkHosts = (args: Args): void => {
  for (const key of ['from', 'to'])
    if (!/^[^\s@#]+$/.test(args[key] ?? ''))
      throw refuse(
        'fixup',
        `${key}: '${args[key] ?? ''}' is not a host name`,
        'Give the host part alone, without @backend',
      )
}

/** cluster_name is of the same form but names a cluster, which the swap does not rename. */
export const cinderHost: Fixup = {
  name: 'cinder-host',
  title: 'The host name in front of every volume, group and backup',
  tables: [...hosted.map(plain), services],
  check: checkHosts,
}

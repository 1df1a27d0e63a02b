import type { Galera } from '../survey.ts'
import { sql } from './facts-mariadb.ts'
import type { Question } from './question.ts'

/** This MariaDB's Galera state; undefined when it is not in a cluster. */
export const galera: Question<Galera | undefined> = sql("SHOW GLOBAL STATUS LIKE 'wsrep_%';", (rows) =>
  galeraOf(Object.fromEntries(rows.map(([key = '', value = '']) => [key.toLowerCase(), value]))),
)

/** Parses the status variables. Without a provider the size is 0, or they are absent. */
export const galeraOf = (status: Readonly<Record<string, string>>): Galera | undefined => {
  const size = Number(status['wsrep_cluster_size'] ?? 0)
  const state = status['wsrep_local_state_comment'] ?? ''
  if (status['wsrep_provider_name'] === undefined || status['wsrep_provider_name'] === '') return undefined
  return {
    cluster: status['wsrep_cluster_state_uuid'] ?? '',
    status: status['wsrep_cluster_status'] ?? '',
    state,
    ready: status['wsrep_ready'] === 'ON',
    size,
    addresses: (status['wsrep_incoming_addresses'] ?? '')
      .split(',')
      .map((one) => one.trim())
      .filter((one) => one !== '' && one !== 'AUTO' && one !== 'unspecified'),
  }
}

/** Number of clients other than root and the server's own threads. */
export const clients: Question<number> = sql(
  `SELECT COUNT(*) FROM information_schema.processlist
   WHERE user NOT IN ('root', 'system user', 'event_scheduler', 'mariadb.sys', 'debian-sys-maint');`,
  ([row]) => Number(row?.[0] ?? 0),
)

/**
 * The members that this server's settings name, whether they are up or not: '10.0.0.11', 'ctl2:4567'. A server whose
 * bind-address is 0.0.0.0 may tell the others AUTO as its address.
 */
export const clusterPlaces: Question<readonly string[]> = sql(
  "SHOW GLOBAL VARIABLES LIKE 'wsrep_cluster_address';",
  ([row]) => membersNamedIn(row?.[1] ?? ''),
)

/** 'gcomm://ctl1,[fd00::12]:4567?pc.wait_prim=no' -> ['ctl1', '[fd00::12]:4567']. */
export const membersNamedIn = (url: string): readonly string[] =>
  (/^gcomm:\/\/([^?]*)/.exec(url)?.[1] ?? '')
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '')

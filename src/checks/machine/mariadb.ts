import type { Check } from '../check.ts'
import { always } from './once.ts'

type Variables = Readonly<Record<string, string>>

/** Addresses of a Galera cluster other than the node's own; '' and 'gcomm://' alone are none. Pure. */
export const clusterNodes = (variables: Variables): readonly string[] => {
  if (!/^(ON|1)$/i.test(variables['wsrep_on'] ?? '')) return []
  const nodes = /^gcomm:\/\/([^?]*)/.exec(variables['wsrep_cluster_address'] ?? '')?.[1] ?? ''
  return nodes
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '')
}

/** Settings of MariaDB that decide whether the copy can serve, from what both servers said when they were last asked. */
export const mariadbChecks: readonly Check[] = [
  {
    id: 'mariadb/name-case',
    level: 'block',
    title: 'Case of the names of tables',
    source: 'MariaDB documentation, lower_case_table_names',
    remedy: 'Set it the same on the target before any database is made there',
    before: always,
    look: async ({ survey }) => {
      const [source, target] = [survey.source, survey.target].map((side) => side.mariadb?.['lower_case_table_names'])
      return source === undefined || target === undefined || source === target
        ? []
        : [`lower_case_table_names is ${source} on the source's MariaDB and ${target} on the target's`]
    },
  },
  {
    id: 'mariadb/tls-required',
    level: 'warn',
    title: 'TLS that MariaDB demands',
    source: 'MariaDB documentation, require_secure_transport; known failure P99',
    remedy:
      "Set up certificates in the target's MariaDB after prepare: the services' URLs name ssl_ca, and a plain server refuses or is refused",
    before: always,
    look: async ({ survey }) =>
      survey.source.mariadb?.['require_secure_transport'] === 'ON' && survey.target.mariadb?.['have_ssl'] !== 'YES'
        ? ["the source's MariaDB takes only connections with TLS, and the target's has none"]
        : [],
  },
  {
    id: 'mariadb/cluster',
    level: 'block',
    title: 'One MariaDB that is written to',
    source: 'known failures P14, P15 and P91',
    remedy: 'Stop the services of the other controllers first: swapctl freezes only the one that the settings name',
    before: always,
    look: async ({ survey }) => {
      const nodes = clusterNodes(survey.source.mariadb ?? {})
      return nodes.length < 2 ? [] : [`the source's MariaDB is one of a Galera cluster: ${nodes.join(', ')}`]
    },
  },
  {
    id: 'mariadb/source-read-only',
    level: 'block',
    title: "The source's MariaDB is the one that is written to",
    source: 'MariaDB documentation, read_only: a replica',
    remedy: 'Name the machine with the primary as source, or make this one the primary',
    before: always,
    look: async ({ survey }) =>
      /^(ON|1)$/i.test(survey.source.mariadb?.['read_only'] ?? '')
        ? ["the source's MariaDB is read_only: a replica"]
        : [],
  },
]

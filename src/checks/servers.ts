import { isIP } from 'node:net'
import { withDatabase } from '../hosts/db.ts'
import type { HostName } from '../hosts/host.ts'
import { block, type Check, type Said, warn } from '../source/check.ts'
import { catalog } from '../source/facts-mariadb.ts'
import { definitions } from '../source/facts-rabbitmq.ts'
import { askSessions } from '../source/iscsi-sessions.ts'
import { ask, askMaybe, lines } from '../source/question.ts'
import { get, parse } from '../transfer/oslo-conf.ts'
import { rule } from './rule.ts'

const cluster: Check['ask'] = async ({ survey, hosts }) => {
  if (survey.source.mariadb === undefined) return []
  return withDatabase(hosts('source'), { readOnly: true }, async (db) => {
    const [row] = await db.rows<{ Value: string }>("SHOW GLOBAL STATUS LIKE 'wsrep_cluster_size'")
    return Number(row?.Value ?? 0) > 1
      ? [
          block(
            `the source's MariaDB is one of ${row?.Value} nodes of a Galera cluster: the others' controllers go on writing`,
            'Stop the services of the other controllers first; swapctl freezes the one that the settings name',
          ),
        ]
      : []
  })
}

const replication: Check['ask'] = async ({ survey, hosts }) => {
  if (survey.source.mariadb === undefined) return []
  return withDatabase(hosts('source'), { readOnly: true }, async (db) => {
    const [own, others] = [await db.rows('SHOW SLAVE STATUS'), await db.rows('SHOW SLAVE HOSTS')]
    return [
      ...(own.length > 0
        ? [block("the source's MariaDB replicates from another server, during the freeze too", 'Stop it: STOP SLAVE')]
        : []),
      ...(others.length > 0
        ? [
            warn(
              `${others.length} servers replicate from the source's MariaDB, and will not from the target's`,
              'Set them up anew after the cutover',
            ),
          ]
        : []),
    ]
  })
}

const encrypted: Check['ask'] = async ({ survey, hosts }) => {
  const databases = survey.services.flatMap((service) => service.databases.map((one) => one.name))
  if (databases.length === 0) return []
  const on = survey.source.mariadb?.['innodb_encrypt_tables'] ?? 'OFF'
  const found = await withDatabase(hosts('source'), { readOnly: true }, (db) =>
    db.rows<{ name: string }>(
      "SELECT CONCAT(table_schema, '.', table_name) AS name FROM information_schema.tables WHERE create_options LIKE '%ENCRYPTED%YES%'",
    ),
  )
  return on === 'OFF' && found.length === 0
    ? []
    : [
        warn(
          "the source's MariaDB encrypts tables at rest; what is carried is encrypted again only where the target does so",
          "Set up the key management plugin on the target's MariaDB after prepare, before migrate",
        ),
      ]
}

const nameCase: Check['ask'] = async ({ survey }) => {
  const [source, target] = [survey.source, survey.target].map((side) => side.mariadb?.['lower_case_table_names'])
  return source === undefined || target === undefined || source === target
    ? []
    : [
        block(
          `lower_case_table_names is ${source} on the source's MariaDB and ${target} on the target's`,
          'Set it the same on the target before any database is made there',
        ),
      ]
}

const mirrored: Check['ask'] = async ({ hosts }) => {
  const found = await askMaybe(hosts('source'), definitions)
  const names = (found?.policies ?? [])
    .filter((one) => Object.keys((one['definition'] ?? {}) as object).some((key) => key.startsWith('ha-')))
    .map((one) => String(one['name']))
  return names.length === 0
    ? []
    : [
        warn(
          `policies of the source's RabbitMQ mirror queues: ${names.join(', ')}`,
          'RabbitMQ 4.0 has no mirrored queues: the target serves without, or use quorum queues there (rabbit_quorum_queue)',
        ),
      ]
}

const nodes: Check['ask'] = async ({ hosts }) => {
  const found = await askMaybe(hosts('source'), {
    argv: ['rabbitmqctl', '-q', 'cluster_status', '--formatter', 'json'],
    parse: (text) => (JSON.parse(text.slice(text.indexOf('{'))) as { running_nodes?: readonly string[] }).running_nodes,
  })
  return (found ?? []).length > 1
    ? [
        warn(
          `the source's RabbitMQ is a cluster: ${(found ?? []).join(', ')}`,
          "The target's will be one node; transport_url may still name the others",
        ),
      ]
    : []
}

const alarms: Check['ask'] = async ({ hosts }) => {
  const { code, stdout, stderr } = await hosts('source').run({
    argv: ['rabbitmq-diagnostics', '-q', 'check_local_alarms'],
    limit: 60,
  })
  // 69: EX_UNAVAILABLE, a check that failed; anything else is another matter (127: not installed).
  return code === 69
    ? [
        block(
          `the source's RabbitMQ has an alarm and takes no messages: ${lines(stdout + stderr)[0] ?? ''}`,
          'Free memory or disk there: operations in flight cannot end at the freeze',
        ),
      ]
    : []
}

const iscsi: Check['ask'] = async ({ hosts, recipes }) => {
  if (!recipes.some((recipe) => recipe.iscsi === true)) return []
  const found = await askSessions(hosts('source'))
  return found.length === 0
    ? []
    : [
        warn(
          `servers have disks on the source, which the freeze will not take from them: ${found.map(({ target, address }) => `${target} from ${address}`).join(', ')}`,
          'Stop those servers or detach the volumes before migrate',
        ),
      ]
}

const heatKey: Check['ask'] = async ({ hosts, survey }) => {
  if (!survey.services.some((one) => one.databases.some(({ repo }) => repo === 'heat'))) return []
  const text = await askMaybe(hosts('source'), { argv: ['cat', '/etc/heat/heat.conf'], parse: (all) => all })
  // oslo.config reads $$ as one dollar sign.
  const key = text === undefined ? undefined : get(parse(text), 'DEFAULT', 'auth_encryption_key')?.replaceAll('$$', '$')
  // Only its length is ever told.
  return key === undefined || [16, 24, 32].includes(key.length)
    ? []
    : [
        block(
          `auth_encryption_key in /etc/heat/heat.conf has ${key.length} characters; heat-engine wants 16, 24 or 32`,
          'heat-engine of the target would not start: heat-manage update_params re-encrypts with another key',
        ),
      ]
}

const provider: Check['ask'] = async ({ hosts }) => {
  const text = await askMaybe(hosts('source'), { argv: ['cat', '/etc/keystone/keystone.conf'], parse: (all) => all })
  const found = text === undefined ? undefined : get(parse(text), 'token', 'provider')
  return found === undefined || ['fernet', 'jws'].includes(found)
    ? []
    : [
        warn(
          `keystone's tokens are of the provider '${found}', which is gone: every token ends at the cutover`,
          'Tell the users, or go over to fernet on the old controller first',
        ),
      ]
}

/** Host names of the catalog must mean the same to everybody; an address of the swap must not be pinned elsewhere. */
const names: Check['ask'] = async ({ config, hosts, survey }) => {
  if (!survey.source.schemas.some((one) => one.name === 'keystone' && one.tables > 0)) return []
  const urls = (await ask(hosts('source'), catalog('keystone'))).map(({ url }) =>
    url.replaceAll(/[%$]\([^)]*\)s?/g, ''),
  )
  const wanted = [...new Set(urls.filter((url) => URL.canParse(url)).map((url) => new URL(url).hostname))].filter(
    (host) => isIP(host.replace(/^\[|\]$/g, '')) === 0,
  )
  if (wanted.length === 0) return []
  const machines: readonly HostName[] = [
    'source',
    'target',
    ...config.computes.map(({ name }) => `compute:${name}` as const),
  ]
  const answers = await Promise.all(
    machines.map(async (machine) => {
      const found = await ask(hosts(machine), {
        argv: ['getent', 'ahosts', ...(wanted as [string, ...string[]])],
        codes: [2],
        parse: (text) => new Map(wanted.map((host) => [host, addressesOf(text, host)])),
      })
      return { machine, found }
    }),
  )
  const [source] = answers
  return answers.slice(1).flatMap(({ machine, found }) =>
    wanted.flatMap((host): readonly Said[] => {
      const [own = '', theirs = ''] = [source?.found.get(host), found.get(host)]
      return own === theirs
        ? []
        : [
            block(
              `${host} of the catalog is ${own || 'unknown'} to the source and ${theirs || 'unknown'} to ${machine}`,
              `Let them agree: /etc/hosts of ${machine}, or the name server`,
            ),
          ]
    }),
  )
}

/** `getent ahosts a b`: the first address that stands with the name, '' when it is unknown. Pure. */
export const addressesOf = (text: string, host: string): string =>
  lines(text)
    .map((line) => line.split(/\s+/))
    .filter(([, , name]) => name === host)
    .map(([address = '']) => address)
    .toSorted()
    .join(', ')

/** The servers that OpenStack stands on, and settings that decide whether the target's services can read what they get. */
export const serverChecks: readonly Check[] = [
  rule('mariadb/cluster', 'block', 'One MariaDB that is written to', 'known failures P15, P91', cluster),
  rule('mariadb/replication', 'block', 'Replication of MariaDB', 'known failure P109', replication),
  rule('mariadb/encryption', 'warn', 'Encryption at rest', 'MariaDB data-at-rest encryption', encrypted),
  rule('mariadb/name-case', 'block', 'Case of table names', 'MariaDB lower_case_table_names', nameCase),
  rule(
    'rabbitmq/mirrored-queues',
    'warn',
    'Mirrored queues',
    'RabbitMQ 4.0 release notes; known failure P88',
    mirrored,
  ),
  rule('rabbitmq/cluster', 'warn', 'Nodes of RabbitMQ', 'known failure P91', nodes),
  rule('rabbitmq/alarms', 'block', 'Alarms of RabbitMQ', 'RabbitMQ documentation, alarms', alarms),
  rule('cinder/iscsi-sessions', 'warn', 'Disks that are open over iSCSI', 'known failure P61', iscsi),
  rule('heat/encryption-key', 'block', "Heat's key", 'heat/common/config.py; known failure P75', heatKey),
  rule(
    'keystone/token-provider',
    'warn',
    'Tokens that outlive the swap',
    'keystone token provider; known failure P73',
    provider,
  ),
  rule('both/names', 'block', 'Names of the catalog', 'known failure P77', names),
]

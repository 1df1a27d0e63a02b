import { isIP } from 'node:net'
import { filledCatalog } from '../ask/catalog.ts'
import { block, type Check, type Message, warn } from '../ask/check.ts'
import { galeraOf } from '../ask/facts-galera.ts'
import { catalog } from '../ask/facts-mariadb.ts'
import { broker, definitions } from '../ask/facts-rabbitmq.ts'
import { membersIn } from '../ask/members.ts'
import { ask, askMaybe, lines } from '../ask/question.ts'
import { withDatabase } from '../hosts/db.ts'
import type { Host, HostName } from '../hosts/host.ts'
import type { Member } from '../survey.ts'
import { brokerFaults, galeraFaults } from './clusters.ts'

/** As each machine reports it now. */
const askGalera = async (host: Host): Promise<Pick<Member, 'galera'>> =>
  withDatabase(host, { readOnly: true }, async (db) => {
    const rows = await db.rows<{ Variable_name: string; Value: string }>("SHOW GLOBAL STATUS LIKE 'wsrep_%'")
    const galera = galeraOf(Object.fromEntries(rows.map((row) => [row.Variable_name.toLowerCase(), row.Value])))
    return galera === undefined ? {} : { galera }
  })

const cluster: Check['ask'] = async ({ survey, config, hosts }) => {
  const members = await Promise.all(
    membersIn(survey, config).map(async ({ galera: _, ...member }): Promise<Member> => {
      return member.side.mariadb === undefined ? member : { ...member, ...(await askGalera(hosts(member.name))) }
    }),
  )
  return galeraFaults(members).map((says) =>
    block(
      says,
      'Add every machine of the cluster to the settings, as [source NAME], and make sure that all are in sync',
    ),
  )
}

const replication: Check['ask'] = async ({ survey, hosts }) => {
  if (survey.source.mariadb === undefined) return []
  return withDatabase(hosts('source'), { readOnly: true }, async (db) => {
    const [own, others] = [await db.rows('SHOW SLAVE STATUS'), await db.rows('SHOW SLAVE HOSTS')]
    return [
      ...(own.length > 0
        ? [block("the source's MariaDB replicates from another server, even during the freeze", 'Stop it: STOP SLAVE')]
        : []),
      ...(others.length > 0
        ? [
            warn(
              `${others.length} servers replicate from the source's MariaDB, but will not follow the target's`,
              'Set them up again after the cutover',
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
          "the source's MariaDB encrypts tables at rest; the copy is encrypted only if the target's MariaDB encrypts too",
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
          'Set it to the same value on the target before any database is created there',
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
          'RabbitMQ 4.0 has no mirrored queues: the target runs without, unless you use quorum queues there (rabbit_quorum_queue)',
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
          "The target's RabbitMQ will be one node; transport_url may still name the others",
        ),
      ]
    : []
}

const whole: Check['ask'] = async ({ survey, config, hosts }) => {
  const members = await Promise.all(
    membersIn(survey, config).map(async ({ broker: _, ...member }): Promise<Member> => {
      const found = await askMaybe(hosts(member.name), broker)
      return found === undefined ? member : { ...member, broker: found }
    }),
  )
  return brokerFaults(members).map((says) =>
    block(`the source's RabbitMQ: ${says}`, 'Join the nodes again; check with rabbitmqctl cluster_status on each'),
  )
}

const alarms: Check['ask'] = async ({ hosts }) => {
  const { code, stdout, stderr } = await hosts('source').run({
    argv: ['rabbitmq-diagnostics', '-q', 'check_local_alarms'],
  })
  // 69: EX_UNAVAILABLE, a failed check or a node that is not running; 127: not installed.
  if (code !== 69) return []
  const said = lines(stdout + stderr)
  const alarm = said.find((line) => /\balarms?\b/i.test(line))
  return alarm === undefined
    ? [
        block(
          `the source's RabbitMQ does not answer: ${said[0] ?? ''}`,
          'Start it there: operations in progress cannot end at the freeze',
        ),
      ]
    : [
        block(
          `the source's RabbitMQ has an alarm and accepts no messages: ${alarm}`,
          'Free memory or disk there: operations in progress cannot end at the freeze',
        ),
      ]
}

/** Host names in the catalog must resolve alike everywhere, and an address of the swap must not be pinned elsewhere. */
const names: Check['ask'] = async ({ config, hosts, survey }) => {
  const database = filledCatalog(survey)
  if (database === undefined) return []
  const urls = (await ask(hosts('source'), catalog(database))).map(({ url }) => url.replaceAll(/[%$]\([^)]*\)s?/g, ''))
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
    wanted.flatMap((host): readonly Message[] => {
      const [own = '', theirs = ''] = [source?.found.get(host), found.get(host)]
      return own === theirs
        ? []
        : [
            block(
              `${host} of the catalog resolves to ${own || 'nothing'} on the source and to ${theirs || 'nothing'} on ${machine}`,
              `Make both agree: fix /etc/hosts of ${machine}, or DNS`,
            ),
          ]
    }),
  )
}

/** `getent ahosts a b`: the first address of a name, '' when unknown. */
export const addressesOf = (text: string, host: string): string =>
  lines(text)
    .map((line) => line.split(/\s+/))
    .filter(([, , name]) => name === host)
    .map(([address = '']) => address)
    .toSorted()
    .join(', ')

/** The servers that OpenStack needs, and settings that decide whether the target's services can read the data. */
export const serverChecks: readonly Check[] = [
  {
    id: 'mariadb/cluster',
    level: 'block',
    title: "The source's Galera cluster is complete, and each of its machines is in the settings",
    source: 'https://mariadb.com/docs/galera-cluster/reference/galera-cluster-status-variables',
    why: 'Every member accepts writes: one that is not frozen would keep writing, and one that is not in sync lacks rows.',
    remedy: 'Add every machine of the cluster to the settings, and repair the member that is not in sync.',
    ask: cluster,
  },
  {
    id: 'mariadb/replication',
    level: 'block',
    title: "The source's MariaDB does not replicate",
    source: 'MariaDB documentation, SHOW REPLICA STATUS',
    why: 'Rows would change during the freeze, and replicas would not follow the target.',
    remedy: 'Stop replication into the source; set up the replicas again after the cutover.',
    ask: replication,
  },
  {
    id: 'mariadb/encryption',
    level: 'warn',
    title: "The source's tables are not encrypted at rest",
    source: 'MariaDB data-at-rest encryption',
    why: 'The data would be stored unencrypted on the target.',
    remedy: "Set up the key management plugin in the target's MariaDB after prepare and before migrate.",
    ask: encrypted,
  },
  {
    id: 'mariadb/name-case',
    level: 'block',
    title: 'lower_case_table_names is the same on both sides',
    source: 'MariaDB lower_case_table_names',
    why: 'Services would not find their tables.',
    remedy: 'Set it on the target before any database is created there.',
    ask: nameCase,
  },
  {
    id: 'rabbitmq/mirrored-queues',
    level: 'warn',
    title: 'No policy mirrors queues on the source',
    source: 'RabbitMQ 4.0 release notes',
    why: 'RabbitMQ 4.0 ignores such policies: queues would have no second copy.',
    remedy: 'Use quorum queues on the target (rabbit_quorum_queue), or go without copies.',
    ask: mirrored,
  },
  {
    id: 'rabbitmq/cluster',
    level: 'warn',
    title: "The source's RabbitMQ is one node",
    source: 'https://www.rabbitmq.com/docs/clustering',
    why: 'The target has one node: services that name the others would use the old broker.',
    remedy: 'Remove the other nodes from transport_url.',
    ask: nodes,
  },
  {
    id: 'rabbitmq/members',
    level: 'block',
    title: "The nodes of the source's RabbitMQ form one cluster, and all of them run",
    source: 'https://www.rabbitmq.com/docs/partitions',
    why: 'Messages would stay in queues of the lost nodes, and operations in progress could not end before the freeze.',
    remedy: 'Repair the partition, or start the missing node.',
    ask: whole,
  },
  {
    id: 'rabbitmq/alarms',
    level: 'block',
    title: "The source's RabbitMQ has no alarm",
    source: 'RabbitMQ documentation, alarms',
    why: 'Operations in progress could not end before the freeze.',
    remedy: 'Free memory or disk on the source.',
    ask: alarms,
  },
  {
    id: 'both/names',
    level: 'block',
    title: 'Each host name of the catalog resolves to the same address everywhere',
    source: 'https://docs.openstack.org/keystone/latest/contributor/service-catalog.html',
    why: 'A machine would talk to another controller than the rest.',
    remedy: 'Fix /etc/hosts of that machine, or the name server.',
    ask: names,
  },
]

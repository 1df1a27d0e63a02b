import { isIP } from 'node:net'
import { accounts } from '../target/accounts.ts'
import { block, type Check, type CheckContext, warn } from './check.ts'
import { commands } from './facts.ts'
import { catalog } from './facts-mariadb.ts'
import { definitions } from './facts-rabbitmq.ts'
import { ask, askMaybe } from './question.ts'
import { releaseChecks } from './release-checks.ts'

/** Programs that swapctl runs on the source; of several in a line one is enough. */
const needed: readonly (readonly string[])[] = [
  ['tar'],
  ['find'],
  ['sha256sum'],
  ['mysql'],
  ['mysqldump', 'mariadb-dump'],
  ['zstd', 'gzip'],
  ['ip'],
  ['ss'],
  ['systemctl'],
  ['curl'],
  ['rabbitmqctl'],
  // The fence keeps the target out of the source's database; an announcement of an address is sent from Python.
  ['nft', 'iptables-restore'],
  ['python3', 'python2', 'python'],
]

const services: Check['ask'] = async ({ survey, config }) =>
  survey.services.length > 0
    ? []
    : [
        block(
          `no service that swapctl knows is installed on ${survey.source.hostname}`,
          `Look whether [source] host in ${config.file} names the controller`,
        ),
      ]

/** Parts of the cloud that nobody carries: a catalog entry at an address that moves would answer no more. */
const unknown: Check['ask'] = async ({ survey, config, hosts, recipes }) => {
  if (!survey.source.schemas.some((one) => one.name === 'keystone' && one.tables > 0)) return []
  const types = new Set<string>(recipes.flatMap((recipe) => recipe.catalog))
  const leaving = new Set([
    ...config.addresses.map((one) => one.address),
    ...survey.source.addresses.map((one) => one.address),
  ])
  const lost = (await ask(hosts('source'), catalog('keystone'))).filter((one) => !types.has(one.type))
  return [...new Set(lost.map((one) => one.type))].map((type) => {
    const urls = lost.filter((one) => one.type === type).map((one) => one.url)
    const here = urls.filter((url) => leaving.has(hostOf(url)))
    const remedy = `Disable the service '${type}' in keystone, or move it to a machine of its own before the swap`
    return here.length > 0
      ? block(`the catalog offers '${type}' at ${here[0]}, which swapctl does not carry`, remedy)
      : warn(
          `the catalog offers '${type}' at ${urls[0]}: swapctl leaves it where it is`,
          'See that it works with the newer keystone',
        )
  })
}

const hostOf = (url: string): string => {
  const host = /^[a-z]+:\/\/(?:[^@/]*@)?(\[[^\]]+\]|[^:/]+)/i.exec(url)?.[1] ?? ''
  const bare = host.replace(/^\[|\]$/g, '')
  return isIP(bare) === 0 ? host : bare
}

/** Databases beside the known services': they stay behind. */
const others: Check['ask'] = async ({ survey, recipes }) => {
  const known = new Set<string>(recipes.flatMap((recipe) => recipe.databases.map((one) => one.name)))
  const rest = survey.source.schemas.filter((one) => one.tables > 0 && !known.has(one.name)).map((one) => one.name)
  return rest.length === 0
    ? []
    : [
        warn(
          `the source's MariaDB also holds ${rest.join(', ')}, which stay there`,
          'Carry them by hand if they belong to the cloud',
        ),
      ]
}

const openrc: Check['ask'] = async ({ hosts, config }) => {
  const path = config.source.openrc
  const read = await hosts('source').run({ argv: ['cat', path] })
  if (read.code === 0 && /OS_AUTH_URL=/.test(read.stdout)) return []
  const why = read.code === 0 ? 'has no OS_AUTH_URL' : 'cannot be read'
  return [block(`${path} on the source ${why}`, `Name the admin's openrc file as openrc in [source] of ${config.file}`)]
}

const programs: Check['ask'] = async ({ hosts }) => {
  const found = await ask(hosts('source'), commands(needed.flat()))
  return needed
    .filter((names) => !names.some((name) => found.includes(name)))
    .map((names) =>
      block(
        `the source has no ${names.join(' or ')}`,
        'Install it on the source; swapctl itself installs nothing there',
      ),
    )
}

const mariadb: Check['ask'] = async ({ survey }) =>
  survey.source.mariadb === undefined
    ? [
        block(
          "root cannot ask the source's MariaDB",
          'On the source, `mysql` as root has to work: by socket authentication, or with the password in /root/.my.cnf',
        ),
      ]
    : []

const broker: Check['ask'] = async ({ hosts }) => {
  const exported = await askMaybe(hosts('source'), definitions)
  if (exported === undefined)
    return [
      block(
        "the source's RabbitMQ does not export its users and permissions",
        'On the source, `rabbitmqctl export_definitions -` has to work: it needs RabbitMQ 3.8.2 or later, and the broker running',
      ),
    ]
  return exported.users.length > 0
    ? []
    : [block("the source's RabbitMQ has no users", 'Look at: rabbitmqctl list_users')]
}

const clocks: Check['ask'] = async ({ survey }: CheckContext) => {
  const apart = Math.abs(survey.source.clock - survey.target.clock)
  const says = `the clocks of source and target are ${apart.toFixed(1)} s apart: tokens would be valid too early or too long`
  if (apart < 2) return []
  return [(apart < 60 ? warn : block)(says, 'Let both follow the same time servers (chrony)')]
}

export const sourceChecks: readonly Check[] = [
  {
    id: 'source/services',
    level: 'block',
    title: 'Services on the source',
    source: 'nothing to carry without a service',
    ask: services,
  },
  {
    id: 'source/programs',
    level: 'block',
    title: 'Programs that swapctl runs on the source',
    source: 'what swapctl runs on the old controller',
    ask: programs,
  },
  {
    id: 'source/mariadb',
    level: 'block',
    title: "The source's MariaDB",
    source: 'databases are read as root through the socket',
    ask: mariadb,
  },
  ...releaseChecks,
  {
    id: 'source/catalog',
    level: 'block',
    title: 'Services that swapctl does not know',
    source: 'known failure P85: a service without a recipe would be lost',
    ask: unknown,
  },
  {
    id: 'source/other-databases',
    level: 'warn',
    title: 'Databases of no known service',
    source: 'known failure P12: databases of no service are not carried',
    ask: others,
  },
  {
    id: 'source/openrc',
    level: 'block',
    title: "The admin's openrc file",
    source: 'the APIs are asked as the admin, before and after',
    ask: openrc,
  },
  {
    id: 'source/accounts',
    level: 'warn',
    title: 'Database accounts that can be carried over',
    source: 'known failure P10: definers that do not exist (MariaDB error 1449)',
    ask: accounts,
  },
  {
    id: 'source/rabbitmq',
    level: 'block',
    title: "The source's RabbitMQ",
    source: 'known failure P87: users and permissions go over as definitions (RabbitMQ 3.8.2)',
    ask: broker,
  },
  { id: 'both/clock', level: 'block', title: 'Clocks', source: 'known failure P78: tokens are dated', ask: clocks },
]

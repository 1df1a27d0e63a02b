import { isIP } from 'node:net'
import { filledCatalog } from '../ask/catalog.ts'
import { block, type Check, type CheckContext, warn } from '../ask/check.ts'
import { type Ahead, surelyApart } from '../ask/clock.ts'
import { commands } from '../ask/facts.ts'
import { catalog } from '../ask/facts-mariadb.ts'
import { definitions } from '../ask/facts-rabbitmq.ts'
import { ask, askMaybe } from '../ask/question.ts'
import { identity, recipes as known } from '../services/index.ts'
import { accounts } from '../target/accounts.ts'
import { releaseChecks } from './releases.ts'

/** Programs that swapctl runs on the source; one of each line is enough. */
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
  // The fence keeps the target out of the source's database; Python sends announcements of addresses.
  ['nft', 'iptables-restore'],
  ['python3', 'python2', 'python'],
]

const services: Check['ask'] = async ({ survey, config }) =>
  survey.services.length > 0
    ? []
    : [
        block(
          `no service that swapctl knows is installed on ${survey.source.hostname}`,
          `Check whether [source] host in ${config.file} names the controller`,
        ),
      ]

/** swapctl recognises a service by its package: disabling it instead would lose its data. */
const remedyOf = (type: string): string => {
  const absent = known.find((recipe) => recipe.catalog.includes(type))
  if (absent === undefined)
    return `Disable the service '${type}' in ${identity.name}, or move it to another machine before the swap`
  const { name, release, within } = absent
  const install = `swapctl copies ${name} only if its package ${release.package} and its database are on the source: install them there, or move ${name} to another machine before the swap`
  return within === undefined ? install : `${install}. ${within}`
}

/** Parts of the cloud that are not carried over: a catalog entry at a moving address would stop answering. */
const unknown: Check['ask'] = async ({ survey, config, hosts, recipes }) => {
  const database = filledCatalog(survey)
  if (database === undefined) return []
  const types = new Set<string>(recipes.flatMap((recipe) => recipe.catalog))
  const leaving = new Set([
    ...config.addresses.map((one) => one.address),
    ...survey.source.addresses.map((one) => one.address),
  ])
  const lost = (await ask(hosts('source'), catalog(database))).filter((one) => !types.has(one.type))
  return [...new Set(lost.map((one) => one.type))].map((type) => {
    const urls = lost.filter((one) => one.type === type).map((one) => one.url)
    const here = urls.filter((url) => leaving.has(hostOf(url)))
    const remedy = remedyOf(type)
    return here.length > 0
      ? block(`the catalog offers '${type}' at ${here[0]}, which swapctl does not copy`, remedy)
      : warn(
          `the catalog offers '${type}' at ${urls[0]}: swapctl leaves it where it is`,
          `Make sure that it works with the newer ${identity.name}`,
        )
  })
}

const hostOf = (url: string): string => {
  const host = /^[a-z]+:\/\/(?:[^@/]*@)?(\[[^\]]+\]|[^:/]+)/i.exec(url)?.[1] ?? ''
  const bare = host.replace(/^\[|\]$/g, '')
  return isIP(bare) === 0 ? host : bare
}

/** Databases of no known service: they stay behind. */
const others: Check['ask'] = async ({ survey, recipes }) => {
  const carried = new Set<string>(recipes.flatMap((recipe) => recipe.databases.map((one) => one.name)))
  const rest = survey.source.schemas.filter((one) => one.tables > 0 && !carried.has(one.name)).map((one) => one.name)
  return rest.length === 0
    ? []
    : [
        warn(
          `the source's MariaDB also holds ${rest.join(', ')}, which swapctl does not copy`,
          'Copy them by hand if they belong to the cloud',
        ),
      ]
}

const programs: Check['ask'] = async ({ hosts }) => {
  const found = await ask(hosts('source'), commands(needed.flat()))
  return needed
    .filter((names) => !names.some((name) => found.includes(name)))
    .map((names) =>
      block(`the source has no ${names.join(' or ')}`, 'Install it on the source; swapctl installs nothing there'),
    )
}

const mariadb: Check['ask'] = async ({ survey }) =>
  survey.source.mariadb === undefined
    ? [
        block(
          "root cannot log in to the source's MariaDB",
          'Make `mysql` work as root on the source: by socket authentication, or with the password in /root/.my.cnf',
        ),
      ]
    : []

const broker: Check['ask'] = async ({ hosts }) => {
  const exported = await askMaybe(hosts('source'), definitions)
  if (exported === undefined)
    return [
      block(
        "the source's RabbitMQ does not export its users and permissions",
        'Make `rabbitmqctl export_definitions -` work on the source: it needs RabbitMQ 3.8.2 or later and a running broker',
      ),
    ]
  return exported.users.length > 0 ? [] : [block("the source's RabbitMQ has no users", 'Check: rabbitmqctl list_users')]
}

const clocks: Check['ask'] = async ({ survey }: CheckContext) => {
  const [source, target] = [survey.source, survey.target].map((side) => ({
    ahead: side.clock,
    within: side.clockWithin ?? 0,
  })) as [Ahead, Ahead]
  const apart = Math.abs(surelyApart(source, target))
  const says = `the clocks of source and target are at least ${apart.toFixed(1)} s apart: tokens would be valid too early or too long`
  if (apart < 2) return []
  return [(apart < 60 ? warn : block)(says, 'Use the same time servers on both (chrony)')]
}

export const sourceChecks: readonly Check[] = [
  {
    id: 'source/services',
    level: 'block',
    title: 'The source has OpenStack services',
    source: 'src/services/*/recipe.ts: the packages that identify a service',
    why: 'There is nothing to copy: this is probably the wrong machine.',
    remedy: 'Fix [source] host in the settings.',
    ask: services,
  },
  {
    id: 'source/programs',
    level: 'block',
    title: 'The source has the programs that swapctl runs there',
    source: 'src/checks/source.ts: the programs that swapctl runs there',
    why: 'A step would fail halfway.',
    remedy: 'Install the program on the source; swapctl installs nothing there.',
    ask: programs,
  },
  {
    id: 'source/mariadb',
    level: 'block',
    title: "root can log in to the source's MariaDB",
    source: 'MariaDB documentation, unix_socket authentication',
    why: 'swapctl could not read the databases.',
    remedy: 'Make `mysql` work for root: by the socket, or with a password in /root/.my.cnf.',
    ask: mariadb,
  },
  ...releaseChecks,
  {
    id: 'source/catalog',
    level: 'block',
    title: 'swapctl knows each service of the catalog',
    source: 'https://docs.openstack.org/keystone/latest/contributor/service-catalog.html',
    why: 'The service would be gone after the cutover.',
    remedy: `Move the service to another machine, or disable it in ${identity.name}.`,
    ask: unknown,
  },
  {
    id: 'source/other-databases',
    level: 'warn',
    title: 'MariaDB holds no databases of other programs',
    source: 'src/services/*/recipe.ts: the databases that swapctl copies',
    why: 'These databases would stay on the old controller.',
    remedy: 'Copy them by hand if they belong to the cloud.',
    ask: others,
  },
  {
    id: 'source/accounts',
    level: 'warn',
    title: 'swapctl can copy all database accounts',
    source: 'MariaDB error 1449: the definer does not exist',
    why: 'The program that uses the account could not log in on the target.',
    remedy: 'Do what the finding says for each account.',
    ask: accounts,
  },
  {
    id: 'source/rabbitmq',
    level: 'block',
    title: "The source's RabbitMQ exports its users",
    source: 'https://www.rabbitmq.com/docs/definitions: export_definitions since RabbitMQ 3.8.2',
    why: 'Services could not log in to the queue on the target.',
    remedy: 'Make `rabbitmqctl export_definitions -` work: RabbitMQ 3.8.2 or later, running.',
    ask: broker,
  },
  {
    id: 'both/clock',
    level: 'block',
    title: 'Clocks of both sides agree',
    source: 'keystone/token/token_formatters.py: a token contains its expiry time',
    why: 'Tokens would be valid too early or too long.',
    remedy: 'Use the same time servers on both (chrony).',
    ask: clocks,
  },
]

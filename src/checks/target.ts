import { block, type Check, warn } from '../ask/check.ts'
import { commands, listeners, packages } from '../ask/facts.ts'
import { ask, askMaybe } from '../ask/question.ts'
import { firstOf } from '../hosts/sides.ts'
import { findRelease } from '../releases/release.ts'
import { askOwner, isOurs } from '../target/claim.ts'
import { shortcomings, wantedPackages } from '../target/installed.ts'
import { listenAddress } from '../target/listen.ts'
import { bindAddresses, unbound } from '../target/mariadb-settings.ts'
import { memcachedSettings } from '../target/memcached.ts'
import { listensAt } from '../target/memcached-settings.ts'
import { askOffers } from '../target/offers.ts'
import { disk, volumeGroups } from '../target/room.ts'

/** Programs that swapctl needs on the target before it installs anything, and their packages. */
const needed: Readonly<Record<string, string>> = {
  'apt-get': 'apt',
  ip: 'iproute2',
  ps: 'procps',
  python3: 'python3-minimal',
  ss: 'iproute2',
  sysctl: 'procps',
  systemctl: 'systemd',
  'systemd-run': 'systemd',
  tar: 'tar',
}

const programs: Check['ask'] = async ({ hosts }) => {
  const found = await ask(hosts('target'), commands(Object.keys(needed)))
  return Object.entries(needed)
    .filter(([name]) => !found.includes(name))
    .map(([name, home]) => block(`the target has no ${name}`, `On the target: apt-get install ${home}`))
}

/** What apt on the target would install must belong to the release in the settings. */
const offered: Check['ask'] = async (context) => {
  const { hosts, recipes, survey, config } = context
  const wanted = wantedPackages(recipes, await ask(hosts('source'), packages))
  const names = [...new Set([...wanted, ...recipes.map((recipe) => recipe.release.package)])]
  const wrong = shortcomings(context, await askOffers(hosts('target'), names), names)
  const release = findRelease(config.release, config.file)
  return wrong.length === 0
    ? []
    : [
        block(
          `apt on the target (${survey.target.system}) does not offer ${release.id}: ${wrong.join('; ')}`,
          `Point it at packages of ${release.id} (${release.name}), or set release in [swap] of ${config.file} to what this system has`,
        ),
      ]
}

/** swapctl drops a cloud's data on the target only if the operator says so. */
const empty: Check['ask'] = async (context) => {
  const { config, survey, hosts, recipes, recreate } = context
  if (recreate) return []
  const owner = await askOwner(hosts('target'))
  if (owner !== undefined && !(await isOurs(context)))
    return [
      block(
        `the target belongs to the swap '${owner.swap}' of ${owner.source}${owner.swap === config.name ? ', carried out from another state directory' : ''}`,
        'Use another target, or allow the takeover: swapctl prepare --recreate',
      ),
    ]
  const names = new Set<string>(recipes.flatMap((recipe) => recipe.databases.map((one) => one.name)))
  const full = survey.target.schemas.filter((one) => one.tables > 0 && names.has(one.name))
  return owner !== undefined || full.length === 0
    ? []
    : [
        block(
          `the target already holds data of a cloud: ${full.map((one) => `${one.name} (${one.tables} tables)`).join(', ')}`,
          `Check that ${firstOf(config, 'target').host} is the right machine; if this data may be dropped: swapctl prepare --recreate`,
        ),
      ]
}

/** A target that was reinstalled: the journal would skip every step of `prepare` as done. */
const forgotten: Check['ask'] = async (context) =>
  !context.claimed || (await isOurs(context))
    ? []
    : [
        block(
          `the journal in ${context.config.state} says the target is prepared, but the mark of this swap is missing there: was it reinstalled?`,
          `If ${firstOf(context.config, 'target').host} was reinstalled or is another machine, move ${context.config.state} away and start over`,
        ),
      ]

const memory: Check['ask'] = async ({ survey }) => {
  const { source, target } = survey
  if (target.memory >= source.memory * 0.75) return []
  const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`
  return [
    warn(
      `the target has ${megabytes(target.memory)} of memory, the source ${megabytes(source.memory)}`,
      'A newer release rarely needs less: watch the memory before the cutover',
    ),
  ]
}

/** RabbitMQ does not start on a machine that cannot resolve its own name. */
const hostname: Check['ask'] = async ({ survey, hosts }) => {
  const name = survey.target.hostname
  return (await hosts('target').run({ argv: ['getent', 'hosts', name] })).code === 0
    ? []
    : [block(`the target does not resolve its own name, ${name}`, `Add it to /etc/hosts there`)]
}

/** Servers that listen at one of the source's own addresses need a [counterpart] that maps it to a target address. */
const listening: Check['ask'] = async ({ config, survey, hosts }) => {
  const [sockets, memcached] = await Promise.all([
    ask(hosts('source'), listeners),
    askMaybe(hosts('source'), memcachedSettings),
  ])
  const at = [
    ...bindAddresses(survey.source.mariadb ?? {}).map((address) => ({ server: 'MariaDB', address })),
    ...sockets.filter((one) => one.port === 5672).map(({ address }) => ({ server: 'RabbitMQ', address })),
    ...listensAt(memcached ?? '').addresses.map((address) => ({ server: 'memcached', address })),
  ]
  return at
    .filter(({ address }) => listenAddress(config, address) === undefined)
    .map(({ server, address }) =>
      block(
        `the source's ${server} listens on ${address}, but no [counterpart] maps it to an address of the target`,
        `Add to ${config.file}: [counterpart NAME] source = ${address}, target = the target's address on that network`,
      ),
    )
}

/** Only bind_address is copied; a socket unit (mariadb.socket) may listen elsewhere. */
const bound: Check['ask'] = async ({ config, survey, hosts }) =>
  unbound(config, survey.source.mariadb ?? {}, await ask(hosts('source'), listeners)).map((address) =>
    warn(
      `the source's MariaDB answers on ${address} although its bind_address is ${survey.source.mariadb?.['bind_address']}: the target's will listen on every address`,
      'Check systemctl cat mariadb.socket on the source. If the target should not listen on every address, set bind_address in an option file there after prepare',
    ),
  )

export const targetChecks: readonly Check[] = [
  {
    id: 'target/programs',
    level: 'block',
    title: 'The target has the programs that swapctl needs to begin',
    source: 'src/checks/target.ts: the programs that swapctl runs there',
    why: 'prepare could not begin.',
    remedy: 'Install the package that the finding names.',
    ask: programs,
  },
  {
    id: 'target/packages',
    level: 'block',
    title: 'apt on the target offers the release of the settings',
    source: 'apt-cache(8), policy',
    why: 'prepare would install another release.',
    remedy: 'Add the package source of the release on the target, or fix release in [swap].',
    ask: offered,
  },
  {
    id: 'target/empty',
    level: 'block',
    title: 'The target holds no data of another cloud',
    source: 'MariaDB error 1050: the table already exists',
    why: 'swapctl would have to drop that data.',
    remedy: 'Use another target, or allow the loss: swapctl prepare --recreate.',
    ask: empty,
  },
  {
    id: 'target/forgotten',
    level: 'block',
    title: 'The target is the one that prepare worked on',
    source: 'runbooks/05-when-it-stops.md: the journal and the target belong together',
    why: 'swapctl would consider steps done that never ran on this machine.',
    remedy: 'If the target was reinstalled, move the state directory away and start over.',
    ask: forgotten,
  },
  {
    id: 'target/disk',
    level: 'block',
    title: 'The target has enough free disk space',
    source: 'MariaDB error 1021: the disk is full',
    why: 'The import would fill the disk and stop.',
    remedy: 'Free space on the file system that the finding names.',
    before: ['prepare', 'stage', 'migrate'],
    ask: disk,
  },
  {
    id: 'target/volume-groups',
    level: 'block',
    title: 'The target has the volume groups that the LVM backends need',
    source: 'https://docs.openstack.org/cinder/latest/configuration/block-storage/drivers/lvm-volume-driver.html',
    why: 'Volumes could not be copied.',
    remedy: 'Create the volume group on the target, large enough.',
    ask: volumeGroups,
  },
  {
    id: 'target/memory',
    level: 'warn',
    title: 'The target has enough memory',
    source: 'free(1)',
    why: 'The new services could run out of memory after the cutover.',
    remedy: 'Add memory, or watch it before the cutover.',
    ask: memory,
  },
  {
    id: 'target/hostname',
    level: 'block',
    title: 'The target resolves its own host name',
    source: 'https://www.rabbitmq.com/docs/clustering: a node must resolve its own host name',
    why: 'RabbitMQ does not start.',
    remedy: 'Add the name to /etc/hosts of the target.',
    ask: hostname,
  },
  {
    id: 'target/listen',
    level: 'block',
    title: 'Each address that a server listens on has a counterpart',
    source: 'MariaDB documentation, bind_address; https://www.rabbitmq.com/docs/networking',
    why: 'The server on the target would not know where to listen.',
    remedy: 'Add [counterpart NAME] with source and target to the settings.',
    ask: listening,
  },
  {
    id: 'target/bind-address',
    level: 'warn',
    title: 'MariaDB on the source listens only on its bind_address',
    source: 'MariaDB documentation, systemd socket activation; systemd.socket BindIPv6Only',
    why: "The target's MariaDB would listen on every address.",
    remedy: 'Set bind_address in an option file of the target after prepare.',
    ask: bound,
  },
]

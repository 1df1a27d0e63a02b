import { open } from 'node:fs/promises'
import { findRelease } from '../releases/release.ts'
import { block, type Check, type CheckContext, type Said, warn } from '../source/check.ts'
import { commands, listeners, packages } from '../source/facts.ts'
import { ask, askMaybe } from '../source/question.ts'
import { askOwner, isOurs } from './claim.ts'
import { neededHops } from './hop-step.ts'
import { shortcomings, wantedPackages } from './installed.ts'
import { listenAddress } from './listen.ts'
import { bindAddresses } from './mariadb-settings.ts'
import { memcachedSettings } from './memcached.ts'
import { listensAt } from './memcached-settings.ts'
import { askOffers } from './offers.ts'
import { disk, volumeGroups } from './room.ts'

/** Programs that swapctl needs on the target before it installs anything, and the packages that have them. */
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

/** What apt on the target would install has to be of the release that the settings name. */
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

/** A cloud's data on the target is nobody's to drop unless the operator says so (known failure P110). */
const empty: Check['ask'] = async (context) => {
  const { config, survey, hosts, recipes, recreate } = context
  if (recreate) return []
  const owner = await askOwner(hosts('target'))
  if (owner !== undefined && !(await isOurs(context)))
    return [
      block(
        `the target belongs to the swap '${owner.swap}' of ${owner.source}`,
        'Name another target, or say that it may be taken over: swapctl prepare --recreate',
      ),
    ]
  const names = new Set<string>(recipes.flatMap((recipe) => recipe.databases.map((one) => one.name)))
  const full = survey.target.schemas.filter((one) => one.tables > 0 && names.has(one.name))
  return owner !== undefined || full.length === 0
    ? []
    : [
        block(
          `the target already holds data of a cloud: ${full.map((one) => `${one.name} (${one.tables} tables)`).join(', ')}`,
          `Look whether ${config.target.host} is the right machine; if this data may be dropped: swapctl prepare --recreate`,
        ),
      ]
}

/** A target that was installed anew since: the journal would let every step of `prepare` pass as done. */
const forgotten: Check['ask'] = async (context) =>
  !context.claimed || (await isOurs(context))
    ? []
    : [
        block(
          `the journal in ${context.config.state} says that the target was prepared, and the target knows nothing of it`,
          `Where ${context.config.target.host} was installed anew or is another machine now, move ${context.config.state} away to begin anew`,
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

/** RabbitMQ does not start on a machine that does not know its own name. */
const hostname: Check['ask'] = async ({ survey, hosts }) => {
  const name = survey.target.hostname
  return (await hosts('target').run({ argv: ['getent', 'hosts', name] })).code === 0
    ? []
    : [block(`the target does not resolve its own name, ${name}`, `Add it to /etc/hosts there`)]
}

/** Servers that listen at an address of the source's own need to be told which address of the target takes its part. */
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
        `the source's ${server} listens at ${address}, and the settings do not say which address of the target takes its part`,
        `Add to ${config.file}: [counterpart NAME] source = ${address}, target = the target's address on that network`,
      ),
    )
}

const zstdMagic = Buffer.from([0x28, 0xb5, 0x2f, 0xfd])

const archives: Check['ask'] = async (context) =>
  (
    await Promise.all(neededHops(context).map(({ release, archive }) => unreadable(context, release.id, archive)))
  ).flat()

const unreadable = async (context: CheckContext, release: string, archive: string): Promise<readonly Said[]> => {
  const remedy = `Correct archive in [hop ${release}] of ${context.config.file}`
  try {
    const file = await open(archive)
    try {
      const { buffer } = await file.read(Buffer.alloc(4), 0, 4)
      return buffer.equals(zstdMagic) ? [] : [block(`${archive} is no tar archive packed by zstd`, remedy)]
    } finally {
      await file.close()
    }
  } catch (error) {
    return [block(`the hop environment of ${release} is missing: ${(error as Error).message}`, remedy)]
  }
}

export const targetChecks: readonly Check[] = [
  {
    id: 'target/programs',
    level: 'block',
    title: 'Programs that swapctl needs on the target',
    source: 'what swapctl runs on the target before it installs anything',
    ask: programs,
  },
  {
    id: 'target/packages',
    level: 'block',
    title: 'Packages of the release on the target',
    source: 'apt has to offer the release that the settings name',
    ask: offered,
  },
  {
    id: 'target/empty',
    level: 'block',
    title: 'No data of another cloud on the target',
    source: 'known failure P110: data of an earlier cloud',
    ask: empty,
  },
  {
    id: 'target/forgotten',
    level: 'block',
    title: 'The target that was prepared',
    source: 'the journal and the target must tell of the same swap',
    ask: forgotten,
  },
  { id: 'target/disk', level: 'block', title: 'Room on the target', source: 'known failure P102', ask: disk },
  {
    id: 'target/volume-groups',
    level: 'block',
    title: 'Volume groups of the target',
    source: 'known failure P67: volumes of the LVM driver are copied',
    ask: volumeGroups,
  },
  {
    id: 'target/memory',
    level: 'warn',
    title: 'Memory of the target',
    source: 'a newer release rarely needs less',
    ask: memory,
  },
  {
    id: 'target/hostname',
    level: 'block',
    title: "The target's own name",
    source: 'RabbitMQ does not start on a machine that does not know its name',
    ask: hostname,
  },
  {
    id: 'target/listen',
    level: 'block',
    title: 'Addresses at which the servers will listen',
    source: 'servers that listen at one address need its counterpart',
    ask: listening,
  },
  {
    id: 'target/hops',
    level: 'block',
    title: 'Archives of the hop environments',
    source: 'known failure P35: environments have to be there before the window',
    ask: archives,
  },
]

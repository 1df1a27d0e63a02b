import { isIP } from 'node:net'
import type { Context } from '../../context.ts'
import type { HostName } from '../../hosts/host.ts'
import { lines, type Question } from '../../source/question.ts'
import { addressesIn, hostsIn, settingsAt } from './config.ts'
import type { HostCheck } from './host-check.ts'
import { computes, each, once } from './once.ts'

/** `getent ahosts`: each address of a name, '' when it has none. */
const addressesOf = (name: string): Question<readonly string[]> => ({
  argv: ['getent', 'ahosts', name],
  codes: [2],
  parse: (text) => [...new Set(lines(text).map((line) => line.split(/\s+/)[0] ?? ''))].toSorted(),
})

const hostname: Question<string> = { argv: ['hostname'], parse: (text) => text.trim() }

const movingNames = async (context: Context, side: HostName): Promise<readonly string[]> => {
  const own = await once(context, side, hostname)
  if (own === undefined || own === '') return []
  const found = (await once(context, side, addressesOf(own))) ?? []
  return found
    .filter((address) => context.config.addresses.some((moving) => moving.address === address))
    .map((address) => `the ${side} takes its own name, ${own}, for ${address}, which moves`)
}

/** Addresses of the source that stay there: whoever uses one goes on with the old controller after the cutover. */
const staying = ({ config, survey }: Context): ReadonlySet<string> => {
  const moving = new Set(config.addresses.map((one) => one.address))
  const own = [config.source.host, ...survey.source.addresses.map((one) => one.address)]
  return new Set(own.filter((one) => isIP(one) !== 0 && !moving.has(one) && !/^(127\.|::1$|fe80:)/.test(one)))
}

const resolved = async (context: Context, name: HostName): Promise<readonly string[]> => {
  const old = staying(context)
  const settings = (await settingsAt(context, name)).flatMap((one) =>
    [...hostsIn(one.value), ...addressesIn(one.value)].map((host) => ({ ...one, host })),
  )
  const hosts = [...new Set(settings.map((one) => one.host))]
  const led = new Map(
    await Promise.all(
      hosts.map(
        async (host) => [host, isIP(host) === 0 ? await once(context, name, addressesOf(host)) : [host]] as const,
      ),
    ),
  )
  return [...new Map(settings.map((one) => [`${one.file} ${one.key} ${one.host}`, one])).values()].flatMap((one) => {
    const address = led.get(one.host)?.find((it) => old.has(it))
    return address === undefined
      ? []
      : [
          `${name}: ${one.key} in ${one.file} leads to ${one.host}${one.host === address ? '' : ` (${address})`}, which stays with the old controller`,
        ]
  })
}

const unknownNames = async (context: Context, name: HostName): Promise<readonly string[]> => {
  const hosts = new Set((await settingsAt(context, name)).flatMap((one) => hostsIn(one.value)))
  const names = [...hosts].filter((host) => isIP(host) === 0 && host !== 'localhost' && !/^[\d.]+$/.test(host))
  const answers = await Promise.all(
    names.map(async (host) => ({ host, found: await once(context, name, addressesOf(host)) })),
  )
  return answers
    .filter(({ found }) => found !== undefined && found.length === 0)
    .map(({ host }) => `${name} does not resolve ${host}, which its services' settings name`)
}

/** Seconds by which the look-up of a name that nobody has may be slower than that of one in the machine's own file. */
const patience = 3

const resolver = async ({ hosts }: Context): Promise<readonly string[]> => {
  const took = async (name: string): Promise<number> => {
    const began = Date.now()
    await hosts('target').run({ argv: ['getent', 'hosts', name], limit: 60 })
    return (Date.now() - began) / 1000
  }
  const seconds = (await took('swapctl-looks-for-nobody.invalid')) - (await took('localhost'))
  return seconds < patience ? [] : [`the target needs ${seconds.toFixed(0)} s to find out that a name does not exist`]
}

/** `ip route get`: the gateway and the address that the packets leave with. Pure. */
export const routeOf = (text: string): { readonly via?: string; readonly from?: string } => {
  const [via, from] = [/ via ([0-9a-f.:]+)/.exec(text)?.[1], / src ([0-9a-f.:]+)/.exec(text)?.[1]]
  return { ...(via === undefined ? {} : { via }), ...(from === undefined ? {} : { from }) }
}

const operatorPath = async (context: Context): Promise<readonly string[]> => {
  const { config } = context
  const moving = new Set(config.addresses.map((one) => one.address))
  const to = [config.source, config.target, ...config.computes].filter(({ host }) => isIP(host) !== 0)
  const found = await Promise.all(
    to.map(async ({ name, host }) => {
      const route = await once(context, 'local', { argv: ['ip', 'route', 'get', host], parse: routeOf })
      const through = [route?.via, route?.from].find((one) => one !== undefined && moving.has(one))
      return through === undefined ? [] : [`this machine reaches ${name} (${host}) by ${through}, which moves`]
    }),
  )
  return found.flat()
}

/** Names, and where they lead. */
export const nameChecks: readonly HostCheck[] = [
  {
    id: 'source/own-name',
    level: 'warn',
    title: "The source's own name stays with it",
    source: 'rabbitmq-server: a node is rabbit@HOSTNAME; known failure P80',
    remedy:
      'In /etc/hosts of the source, let its own name stand beside an address that stays: after the cutover it would lead to the target',
    look: (context) => movingNames(context, 'source'),
  },
  {
    id: 'target/own-name',
    level: 'block',
    title: "The target's own name leads to itself",
    source: 'rabbitmq-server: a node is rabbit@HOSTNAME; known failure P93',
    remedy:
      'In /etc/hosts of the target, let its own name stand beside an address of its own: until the cutover it leads to the source',
    look: (context) => movingNames(context, 'target'),
  },
  {
    id: 'compute/old-address',
    level: 'warn',
    title: 'Computes use addresses that move',
    source: 'known failures P77 and P95',
    remedy:
      'Name the address that moves in this setting (or give the name that address) and restart the service before the cutover',
    look: (context) => each(computes(context), (name) => resolved(context, name)),
  },
  {
    id: 'both/unknown-names',
    level: 'warn',
    title: 'Names in the settings of the services',
    source: 'known failure P77',
    remedy: 'Add the name to /etc/hosts or to the name server',
    look: (context) => each(['source' as const, ...computes(context)], (name) => unknownNames(context, name)),
  },
  {
    id: 'target/resolver',
    level: 'warn',
    title: "The target's name server answers",
    source: 'resolv.conf(5), timeout and attempts: every call of an API waits for it',
    remedy: 'Mend nameserver in /etc/resolv.conf of the target, or put the names of the cloud into /etc/hosts',
    look: resolver,
  },
  {
    id: 'local/path',
    level: 'block',
    title: "The operator's own way to the machines",
    source: 'known failure P96: a move that cuts off the one who steers it',
    remedy: 'Run swapctl on a machine whose way to them does not pass an address that moves',
    look: operatorPath,
  },
]

import { isIP } from 'node:net'
import { lines, type Question } from '../ask/question.ts'
import { waysIn } from '../computes/where.ts'
import type { Context } from '../context.ts'
import type { HostName } from '../hosts/host.ts'
import { reached } from '../hosts/sides.ts'
import { canonical } from '../text/canonical.ts'
import { addressesIn, hostsIn, namesIn } from '../text/hosts-in.ts'
import { inRange, rangesIn } from '../text/ranges.ts'
import { settingsAt } from './config.ts'
import type { HostCheck } from './host-check.ts'
import { computes, each, once } from './once.ts'

/** Each address of a name from `getent ahosts`; [] when unknown. */
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
    .map((address) => `the ${side} resolves its own name, ${own}, to ${address}, which moves`)
}

const resolved = async (context: Context, name: HostName): Promise<readonly string[]> => {
  const { staying } = waysIn(context.config, context.survey)
  const settings = (await settingsAt(context, name)).flatMap((one) =>
    [...hostsIn(one.value), ...addressesIn(one.value), ...namesIn(one.key, one.value)].map((host) => ({
      ...one,
      host,
    })),
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
    const address = led.get(one.host)?.find((it) => staying.has(canonical(it)))
    return address === undefined
      ? []
      : [
          `${name}: ${one.key} in ${one.file} points to ${one.host}${one.host === address ? '' : ` (${address})`}, which stays with the old controller`,
        ]
  })
}

/** Ranges of addresses in which one is that stays with the old controller. */
const ranges = async (context: Context, name: HostName): Promise<readonly string[]> => {
  const { staying } = waysIn(context.config, context.survey)
  const old = [...staying]
  return (await settingsAt(context, name)).flatMap(({ file, key, value }) =>
    rangesIn(value).flatMap((range) => {
      const inside = old.filter((address) => inRange(range, address)).join(' and ')
      return inside === ''
        ? []
        : [`${name}: ${key} in ${file} has the range ${range.text}: ${inside} in it stays with the old controller`]
    }),
  )
}

const unknownNames = async (context: Context, name: HostName): Promise<readonly string[]> => {
  const hosts = new Set((await settingsAt(context, name)).flatMap((one) => hostsIn(one.value)))
  const names = [...hosts].filter((host) => isIP(host) === 0 && host !== 'localhost' && !/^[\d.]+$/.test(host))
  const answers = await Promise.all(
    names.map(async (host) => ({ host, found: await once(context, name, addressesOf(host)) })),
  )
  return answers
    .filter(({ found }) => found !== undefined && found.length === 0)
    .map(({ host }) => `${name} does not resolve ${host}, a name in its services' settings`)
}

/** Seconds by which looking up an unknown name may be slower than one in /etc/hosts. */
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

/** `ip route get`: the gateway and the source address of the packets. */
export const routeOf = (text: string): { readonly via?: string; readonly from?: string } => {
  const [via, from] = [/ via ([0-9a-f.:]+)/.exec(text)?.[1], / src ([0-9a-f.:]+)/.exec(text)?.[1]]
  return { ...(via === undefined ? {} : { via }), ...(from === undefined ? {} : { from }) }
}

const operatorPath = async (context: Context): Promise<readonly string[]> => {
  const { config } = context
  const moving = new Set(config.addresses.map((one) => one.address))
  const to = reached(config).filter(({ machine }) => isIP(machine.host) !== 0)
  const found = await Promise.all(
    to.map(async ({ machine: { name, host } }) => {
      const route = await once(context, 'local', { argv: ['ip', 'route', 'get', host], parse: routeOf })
      const through = [route?.via, route?.from].find((one) => one !== undefined && moving.has(one))
      return through === undefined ? [] : [`this machine reaches ${name} (${host}) by ${through}, which moves`]
    }),
  )
  return found.flat()
}

/** Host names and what they resolve to. */
export const nameChecks: readonly HostCheck[] = [
  {
    id: 'source/own-name',
    level: 'warn',
    title: "The source's host name does not resolve to a moving address",
    source: 'https://www.rabbitmq.com/docs/clustering: a node is named rabbit@HOSTNAME',
    why: 'RabbitMQ and other programs of the old controller would talk to the target after the cutover.',
    remedy: 'In /etc/hosts of the source, give its host name an address that stays',
    look: (context) => movingNames(context, 'source'),
  },
  {
    id: 'target/own-name',
    level: 'block',
    title: "The target's host name does not resolve to a moving address",
    source: 'https://www.rabbitmq.com/docs/clustering: a node is named rabbit@HOSTNAME',
    why: 'RabbitMQ on the target would talk to the source until the cutover.',
    remedy: "In /etc/hosts of the target, give its host name one of the target's own addresses",
    look: (context) => movingNames(context, 'target'),
  },
  {
    id: 'compute/old-address',
    level: 'warn',
    title: 'Computes reach the controller by an address that moves',
    source:
      'https://docs.openstack.org/nova/latest/configuration/config.html: transport_url, auth_url, server_proxyclient_address',
    why: 'The compute would keep talking to the old controller after the cutover.',
    remedy:
      'swapctl computes list shows all of them: set the moving address in this option (or make the name resolve to it) and restart the service before the cutover; or let swapctl computes retarget set the new address after it',
    look: (context) =>
      each(computes(context), async (name) => [...(await resolved(context, name)), ...(await ranges(context, name))]),
  },
  {
    id: 'both/unknown-names',
    level: 'warn',
    title: 'Host names in the settings resolve',
    source: 'getaddrinfo(3): EAI_NONAME',
    why: 'The service could not reach that host.',
    remedy: 'Add the name to /etc/hosts or to DNS',
    look: (context) => each(['source' as const, ...computes(context)], (name) => unknownNames(context, name)),
  },
  {
    id: 'target/resolver',
    level: 'warn',
    title: "The target's name server answers quickly",
    source: 'resolv.conf(5), timeout and attempts: every call of an API waits for it',
    why: 'Every API call would wait for the name server.',
    remedy: 'Fix nameserver in /etc/resolv.conf of the target, or put the names of the cloud into /etc/hosts',
    look: resolver,
  },
  {
    id: 'local/path',
    level: 'block',
    title: 'The route from this machine avoids moving addresses',
    source: 'ip-route(8), get: the source address of packets',
    why: 'The cutover would cut swapctl off from the machines.',
    remedy: 'Run swapctl on a machine whose route does not use an address that moves',
    look: operatorPath,
  },
]

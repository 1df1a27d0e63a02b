import { createHash } from 'node:crypto'
import { isIP } from 'node:net'
import { definitions } from '../ask/facts-rabbitmq.ts'
import type { Context } from '../context.ts'
import { hostsIn } from '../text/hosts-in.ts'
import { some } from '../text/some.ts'
import { type Setting, settingsAt } from './config.ts'
import type { HostCheck } from './host-check.ts'
import { once, texts } from './once.ts'

/** Settings that name more than one broker, with the brokers but without the password. */
export const severalBrokers = (settings: readonly Setting[]): readonly string[] =>
  settings
    .filter(({ key }) => key === 'transport_url')
    .map(({ file, value }) => ({ file, hosts: hostsIn(value) }))
    .filter(({ hosts }) => hosts.length > 1)
    .map(({ file, hosts }) => `transport_url in ${file} names ${some(hosts)}`)

type Row = Readonly<Record<string, unknown>>

/** Whether this user of exported definitions has that password. RabbitMQ stores salt and hash(salt + password). */
export const hasPassword = (user: Row, password: string): boolean => {
  const algorithm = /_(sha256|sha512|md5)$/.exec(String(user['hashing_algorithm'] ?? ''))?.[1] ?? 'sha256'
  const kept = Buffer.from(String(user['password_hash'] ?? ''), 'base64')
  if (kept.length <= 4) return false
  const hash = createHash(algorithm).update(kept.subarray(0, 4)).update(password).digest()
  return hash.equals(kept.subarray(4))
}

/** Whether a broker's configuration lets guest log in from other machines, in either configuration format. */
export const guestFromAnywhere = (text: string): boolean =>
  /^\s*loopback_users\s*=\s*none\s*$|^\s*loopback_users\.guest\s*=\s*false\s*$|^[^%\n]*\{\s*loopback_users\s*,\s*\[\s*\]\s*\}/m.test(
    text,
  )

const guest = async (context: Context): Promise<readonly string[]> => {
  const files = await once(context, 'source', texts(['/etc/rabbitmq'], ['.conf', '.config']))
  const open = [...(files ?? [])].filter(([, text]) => guestFromAnywhere(text)).map(([path]) => path)
  if (open.length === 0) return []
  const users = (await once(context, 'source', definitions))?.users ?? []
  return users.some((one) => one['name'] === 'guest' && hasPassword(one, 'guest'))
    ? [`guest can log in to the source's RabbitMQ with its default password from any machine (${some(open)})`]
    : []
}

const memcached = async (context: Context): Promise<readonly string[]> => {
  const known = new Set([
    ...context.config.addresses.map((one) => one.address),
    ...context.config.counterparts.map((one) => one.source),
    ...context.config.counterparts.map((one) => one.target),
  ])
  const settings = (await settingsAt(context, 'source')).filter(({ key }) => /^memcache(d)?_servers$/.test(key))
  return settings.flatMap(({ file, key, value }) => {
    const hosts = value.split(',').map((one) =>
      one
        .trim()
        .replace(/^inet6?:/, '')
        .replace(/:\d+$/, '')
        .replace(/^\[|\]$/g, ''),
    )
    const others = hosts.filter((host) => isIP(host) !== 0 && !known.has(host) && !/^(127\.|::1$)/.test(host))
    return others.length === 0 ? [] : [`${key} in ${file} names ${some(others)}`]
  })
}

export const brokerChecks: readonly HostCheck[] = [
  {
    id: 'rabbitmq/several-brokers',
    level: 'warn',
    title: 'transport_url names one broker',
    source:
      'https://docs.openstack.org/oslo.messaging/latest/reference/transport.html: a transport_url may name several hosts',
    why: 'Services would keep using a broker of the old cloud.',
    remedy: "Set only the address that moves: the target's RabbitMQ is one node",
    look: async (context) => severalBrokers(await settingsAt(context, 'source')),
  },
  {
    id: 'rabbitmq/guest',
    level: 'warn',
    title: 'guest cannot log in with the default password',
    source: 'https://www.rabbitmq.com/docs/access-control',
    why: 'Anybody could also log in to the queues of the new controller.',
    remedy:
      'Change the password (rabbitmqctl change_password guest) or delete the user: swapctl copies accounts to the target',
    look: guest,
  },
  {
    id: 'memcached/elsewhere',
    level: 'warn',
    title: 'Memcached servers belong to the controller',
    source: 'https://docs.openstack.org/keystonemiddleware/latest/middlewarearchitecture.html: memcached_servers',
    why: "Two controllers would share one cache, and accept each other's revoked tokens.",
    remedy: 'Use only addresses that move or have a [counterpart]',
    look: memcached,
  },
]

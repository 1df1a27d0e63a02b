import { createHash } from 'node:crypto'
import { isIP } from 'node:net'
import type { Context } from '../../context.ts'
import { definitions } from '../../source/facts-rabbitmq.ts'
import { hostsIn, type Setting, settingsAt } from './config.ts'
import type { HostCheck } from './host-check.ts'
import { once, some, texts } from './once.ts'

/** Settings that name more than one broker, and these; nothing of the password. Pure. */
export const severalBrokers = (settings: readonly Setting[]): readonly string[] =>
  settings
    .filter(({ key }) => key === 'transport_url')
    .map(({ file, value }) => ({ file, hosts: hostsIn(value) }))
    .filter(({ hosts }) => hosts.length > 1)
    .map(({ file, hosts }) => `transport_url in ${file} names ${some(hosts)}`)

type Row = Readonly<Record<string, unknown>>

/** Does this user of exported definitions have that password? RabbitMQ keeps salt and hash of salt and password. Pure. */
export const hasPassword = (user: Row, password: string): boolean => {
  const algorithm = /_(sha256|sha512|md5)$/.exec(String(user['hashing_algorithm'] ?? ''))?.[1] ?? 'sha256'
  const kept = Buffer.from(String(user['password_hash'] ?? ''), 'base64')
  if (kept.length <= 4) return false
  const hash = createHash(algorithm).update(kept.subarray(0, 4)).update(password).digest()
  return hash.equals(kept.subarray(4))
}

/** Does a broker's configuration let guest in from other machines? Both dialects. Pure. */
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
    ? [`guest with the password everybody knows may log in to the source's RabbitMQ from any machine (${some(open)})`]
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

/** RabbitMQ and memcached, as the services know them. */
export const brokerChecks: readonly HostCheck[] = [
  {
    id: 'rabbitmq/several-brokers',
    level: 'warn',
    title: 'One broker',
    source: 'known failures P88 and P91',
    remedy:
      "The target's broker is one node: name only the address that moves, or the services go on with a broker of the old cloud",
    look: async (context) => severalBrokers(await settingsAt(context, 'source')),
  },
  {
    id: 'rabbitmq/guest',
    level: 'warn',
    title: 'The account guest',
    source:
      'RabbitMQ documentation, access control; known failure P87: users and their passwords are carried as they are',
    remedy: 'Change it (rabbitmqctl change_password guest) or delete the user: it comes along to the target',
    look: guest,
  },
  {
    id: 'memcached/elsewhere',
    level: 'warn',
    title: 'Memcached servers of other machines',
    source: 'known failure P74: two controllers with one memcached believe the tokens of each other',
    remedy: 'Name only addresses that move or have a [counterpart], or expect what the old controller has cached',
    look: memcached,
  },
]

import { lines, type Question } from '../ask/question.ts'
import type { Context } from '../context.ts'
import { recipes } from '../services/index.ts'
import { some } from '../text/some.ts'
import type { HostCheck } from './host-check.ts'
import { once, sides } from './once.ts'

export interface Server {
  readonly port: number
  readonly program: string
}

/** Listening sockets with their programs, from `ss -ltnp`. */
export const serversOf = (text: string): readonly Server[] =>
  lines(text).flatMap((line) => {
    const match = /^LISTEN\s+\d+\s+\d+\s+\S+:(\d+)\s.*users:\(\("([^"]+)"/.exec(line)
    return match === null ? [] : [{ port: Number(match[1]), program: match[2] ?? '' }]
  })

const servers: Question<readonly Server[]> = { argv: ['ss', '-l', '-t', '-n', '-p'], parse: serversOf }

const serversAt = async (context: Context, side: 'source' | 'target'): Promise<readonly Server[]> =>
  (await once(context, side, servers)) ?? []

/** Listening programs of a packaged controller; the target's packages bring them. */
const usual = new RegExp(
  `^(mariadbd|mysqld|beam|epmd|memcached|apache2|httpd|uwsgi|tgtd|${recipes.map(({ name }) => name).join('|')})`,
)

/** Ports of a controller's services: the defaults, and where the source's services listen. */
const ports = new Set([3306, 4369, 5000, 5672, 8000, 8004, 8774, 8775, 8776, 8778, 9292, 9696, 11211, 25672])

const taken = async (context: Context): Promise<readonly string[]> => {
  const [source, target] = await Promise.all(sides.map((side) => serversAt(context, side)))
  const wanted = new Set([...ports, ...(source ?? []).filter((one) => usual.test(one.program)).map((one) => one.port)])
  const held = (target ?? []).filter(
    (one) => wanted.has(one.port) && !usual.test(one.program) && !/^(inetd|systemd)/.test(one.program),
  )
  return [
    ...new Set(held.map(({ port, program }) => `${program} on the target uses port ${port}, which a service needs`)),
  ]
}

/** Reverse proxies and balancers in front of the APIs, which are not carried over. */
const fronts = /^(haproxy|nginx|stunnel|stunnel4|hitch|pound|varnishd|traefik|envoy|keepalived)$/

const before = async (context: Context): Promise<readonly string[]> => {
  const found = (await serversAt(context, 'source')).filter((one) => fronts.test(one.program))
  const programs = [...new Set(found.map((one) => one.program))]
  return programs.map((program) => {
    const at = [...new Set(found.filter((one) => one.program === program).map((one) => one.port))]
    return `${program} on the source listens on ${some(at.map(String), 8)}, but swapctl does not copy it`
  })
}

/** Programs that listen on ports the services will need, or in front of them. */
export const portChecks: readonly HostCheck[] = [
  {
    id: 'target/port-taken',
    level: 'block',
    title: 'Ports of the services are free on the target',
    source: 'https://docs.openstack.org/install-guide/firewalls-default-ports.html',
    why: 'A service cannot start when another program uses its port.',
    remedy: 'Stop that program on the target, or make it listen on another port',
    look: taken,
  },
  {
    id: 'source/front',
    level: 'warn',
    title: 'No proxy runs in front of the APIs',
    source: 'https://docs.openstack.org/ha-guide/: HAProxy in front of the APIs',
    why: 'Clients would find no TLS, or no API, at the ports of the proxy.',
    remedy: 'Set it up on the target after prepare and before migrate, with the same ports and certificates',
    look: before,
  },
]

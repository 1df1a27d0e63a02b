import type { Context } from '../context.ts'
import { listeners } from '../source/facts.ts'
import { ask } from '../source/question.ts'
import { askEndpoints, type Endpoint } from './endpoints.ts'

/** One thing to try again and again: an HTTP GET when there is a path, a TCP connect otherwise. */
export interface ProbeTarget {
  /** 'compute :8774'; 'compute :8774 with a token' */
  readonly name: string
  readonly address: string
  readonly port: number
  readonly http?: ProbedHttp
}

export interface ProbedHttp {
  readonly path: string
  readonly hostHeader: string
  readonly tls: boolean
  /** kept in memory alone: no sample, no error and no log holds it */
  readonly token?: string
}

export const targetOf = ({ name, url, address }: Endpoint): ProbeTarget => {
  const { protocol, port, pathname, host } = new URL(url)
  const tls = protocol === 'https:'
  return {
    name: `${name} :${port || (tls ? 443 : 80)}`,
    address,
    port: Number(port) || (tls ? 443 : 80),
    http: { path: pathname, hostHeader: host, tls },
  }
}

const services: Readonly<Record<number, string>> = { 3306: 'MariaDB', 5671: 'AMQP', 5672: 'AMQP', 11211: 'memcached' }

/** What the outside world calls at the moving addresses: every API of the catalog, and the database and queue ports. */
export const askProbeTargets = async (context: Context): Promise<readonly ProbeTarget[]> => {
  const [endpoints, heard] = await Promise.all([askEndpoints(context), ask(context.hosts('target'), listeners)])
  const ports = context.config.addresses.flatMap(({ address }) =>
    heard
      .filter((it) => (it.address === '*' || it.address === address) && services[it.port] !== undefined)
      .map(({ port }) => ({ name: `${services[port]} :${port}`, address, port })),
  )
  const all = [...endpoints.map(targetOf), ...ports]
  const key = (it: ProbeTarget): string => `${it.address} ${it.port}`
  return all.filter((it, index) => all.findIndex((other) => key(other) === key(it)) === index)
}

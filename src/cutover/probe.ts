import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { connect } from 'node:net'
import type { Context } from '../context.ts'
import { listeners } from '../source/facts.ts'
import { ask } from '../source/question.ts'
import { askEndpoints, type Endpoint } from './endpoints.ts'

/** One thing to try again and again: an HTTP GET when there is a path, a TCP connect otherwise. */
export interface ProbeTarget {
  readonly name: string
  readonly address: string
  readonly port: number
  readonly http?: { readonly path: string; readonly hostHeader: string; readonly tls: boolean }
}

export interface Sample {
  readonly name: string
  /** milliseconds since 1970, when the try began */
  readonly at: number
  readonly ms: number
  readonly ok: boolean
  /** '200', 'connected', 'ECONNREFUSED', 'no answer in 1 s' */
  readonly says: string
}

export interface Probe {
  /** Ends it and gives every sample. */
  stop(): Promise<readonly Sample[]>
}

export const patience = 1000
const every = 100
/** A probe nobody stops ends by itself. */
const longest = 30 * 60_000

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

type Answer = Pick<Sample, 'ok' | 'says'>

const tryConnect = ({ address, port }: ProbeTarget): Promise<Answer> =>
  new Promise((resolve) => {
    const socket = connect({ host: address, port })
    const end = (ok: boolean, says: string): void => {
      socket.destroy()
      resolve({ ok, says })
    }
    socket.setTimeout(patience, () => end(false, 'no answer in 1 s'))
    socket.on('connect', () => end(true, 'connected'))
    socket.on('error', (error: NodeJS.ErrnoException) => end(false, error.code ?? error.message))
  })

const tryHttp = (target: ProbeTarget, http: NonNullable<ProbeTarget['http']>): Promise<Answer> =>
  new Promise((resolve) => {
    const ask = http.tls ? httpsRequest : httpRequest
    const call = ask({
      host: target.address,
      port: target.port,
      path: http.path,
      headers: { host: http.hostHeader, connection: 'close', accept: 'application/json' },
      agent: false,
      // Whether it answers is asked here, not who it is: the clients check the certificate.
      ...(http.tls ? { rejectUnauthorized: false } : {}),
    })
    const end = (ok: boolean, says: string): void => {
      clearTimeout(timer)
      call.destroy()
      resolve({ ok, says })
    }
    const timer = setTimeout(() => end(false, 'no answer in 1 s'), patience)
    call.on('response', (response) => {
      response.resume()
      const status = response.statusCode ?? 0
      end(status > 0 && status < 500, String(status))
    })
    call.on('error', (error: NodeJS.ErrnoException) => end(false, error.code ?? error.message))
    call.end()
  })

const once = async (target: ProbeTarget): Promise<Sample> => {
  const at = Date.now()
  const started = performance.now()
  const answer = await (target.http === undefined ? tryConnect(target) : tryHttp(target, target.http))
  return { name: target.name, at, ms: Math.round((performance.now() - started) * 10) / 10, ...answer }
}

/**
 * Tries each target ten times a second, with a new connection each time and without waiting for the one before, from
 * this machine, until it is stopped, `signal` says so, or half an hour has passed.
 */
export const startProbe = (targets: readonly ProbeTarget[], signal?: AbortSignal): Probe => {
  const samples: Sample[] = []
  const running = new Set<Promise<void>>()
  const shoot = (): void => {
    for (const target of targets) {
      const shot: Promise<void> = once(target).then((sample) => {
        samples.push(sample)
        running.delete(shot)
      })
      running.add(shot)
    }
  }
  const timer = setInterval(shoot, every)
  const halt = (): void => clearInterval(timer)
  const limit = setTimeout(halt, longest)
  limit.unref()
  signal?.addEventListener('abort', halt, { once: true })
  return {
    stop: async () => {
      halt()
      clearTimeout(limit)
      signal?.removeEventListener('abort', halt)
      await Promise.all(running)
      return samples.toSorted((a, b) => a.at - b.at)
    },
  }
}

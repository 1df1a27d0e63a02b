import { below } from '../api.ts'
import type { Context } from '../context.ts'
import type { Recipe } from '../services/recipe.ts'
import { listeners } from '../source/facts.ts'
import { type KeptToken, savedToken } from '../source/inventory.ts'
import { ask } from '../source/question.ts'
import { tokenUnfit } from '../verify/tokens.ts'
import { askEndpoints, type Endpoint } from './endpoints.ts'

/** One thing to try again and again: an HTTP GET when there is a path, a database's greeting, a TCP connect otherwise. */
export interface ProbeTarget {
  /** 'compute :8774'; 'compute :8774 with a token' */
  readonly name: string
  readonly address: string
  readonly port: number
  readonly http?: ProbedHttp
  /**
   * a login by nobody: MariaDB shuts out a machine after 100 connections (max_connect_errors) that end before one, where
   * the machine's address has a name
   */
  readonly mysql?: true
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

/** 'AMQP :5672', ':8774'. Pure. */
export const portName = (port: number): string => `${services[port] ?? ''} :${port}`.trim()

const withToken = ' with a token'

/** The name of the API without what is said of how it is called. Pure. */
export const baseName = (name: string): string => (name.endsWith(withToken) ? name.slice(0, -withToken.length) : name)

/**
 * The same API called with a token, where a recipe knows of a cheap list. undefined: none does, or the URL wants the id of
 * a project that is not known. Pure.
 */
export const tokenTargetOf = (
  { name, template, address }: Endpoint,
  recipes: readonly Pick<Recipe, 'light'>[],
  { token, project }: Pick<KeptToken, 'token' | 'project'>,
): ProbeTarget | undefined => {
  const light = recipes.find((recipe) => recipe.light.type === name)?.light
  const base = template.replace(/[%$]\((?:tenant|project)_id\)s/, (unknown) => project || unknown).replace(/\/$/, '')
  if (light === undefined || /[%$]\(/.test(base)) return undefined
  const url = below(base, light.path)
  const { http, ...plain } = targetOf({ name, url, template, address })
  if (http === undefined) return undefined
  const { pathname, search } = new URL(url)
  return { ...plain, name: `${plain.name}${withToken}`, http: { ...http, path: `${pathname}${search}`, token } }
}

const each = (all: readonly ProbeTarget[]): readonly ProbeTarget[] => {
  const key = (it: ProbeTarget): string => `${it.address} ${it.port} ${it.http?.token !== undefined}`
  return all.filter((it, index) => all.findIndex((other) => key(other) === key(it)) === index)
}

/** A token that is good for less than this does not last until the new controller serves. */
const lasting = 10 * 60_000

export interface ProbeTargets {
  readonly targets: readonly ProbeTarget[]
  /** why nothing is called with a token */
  readonly without?: string
}

/**
 * What the outside world calls at the moving addresses: every API of the catalog, without a token and with the one that the
 * source gave out before the freeze, and the database and queue ports.
 */
export const askProbeTargets = async (context: Context): Promise<ProbeTargets> => {
  const [endpoints, heard, kept] = await Promise.all([
    askEndpoints(context),
    ask(context.hosts('target'), listeners),
    savedToken(context),
  ])
  const ports = context.config.addresses.flatMap(({ address }) =>
    heard
      .filter((it) => (it.address === '*' || it.address === address) && services[it.port] !== undefined)
      .map(({ port }) => ({ name: portName(port), address, port, ...(port === 3306 ? { mysql: true as const } : {}) })),
  )
  const without = tokenUnfit(kept, new Date(Date.now() + lasting))
  const calls =
    kept === undefined || without !== undefined
      ? []
      : endpoints.flatMap((endpoint) => tokenTargetOf(endpoint, context.recipes, kept) ?? [])
  return {
    targets: each([...endpoints.map(targetOf), ...calls, ...ports]),
    ...(without === undefined ? {} : { without }),
  }
}

/** The APIs as they are called on the source before the freeze. */
export const askSourceTargets = async (context: Context): Promise<readonly ProbeTarget[]> =>
  each((await askEndpoints(context, 'source')).map(targetOf))

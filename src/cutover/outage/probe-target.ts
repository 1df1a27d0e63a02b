import { below } from '../../api/session.ts'
import { hears, type Listener, listeners } from '../../ask/facts.ts'
import { ask } from '../../ask/question.ts'
import type { Context } from '../../context.ts'
import type { Recipe } from '../../services/recipe.ts'
import { type KeptToken, savedToken } from '../../source/inventory.ts'
import { tokenUnfit } from '../../verify/tokens.ts'
import { askEndpoints, type Endpoint } from '../handover/endpoints.ts'

/** One target of the probe: an HTTP GET when there is a path, a MySQL greeting, or else a TCP connect. */
export interface ProbeTarget {
  /** unique: 'compute :8774'; 'compute :8774 with a token'; 'compute :8774 at fd00::10' when several addresses move */
  readonly name: string
  readonly address: string
  readonly port: number
  readonly http?: ProbedHttp
  /**
   * log in with an unknown account: after 100 connections that end before a login (max_connect_errors) MariaDB blocks a
   * machine whose address has a name
   */
  readonly mysql?: true
}

export interface ProbedHttp {
  readonly path: string
  readonly hostHeader: string
  readonly tls: boolean
  /** kept in memory only: in no sample, error or log */
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

/** 'AMQP :5672', ':8774'. */
export const portName = (port: number): string => `${services[port] ?? ''} :${port}`.trim()

const withToken = ' with a token'

/** An API's name without the suffix for the token. */
export const baseName = (name: string): string => (name.endsWith(withToken) ? name.slice(0, -withToken.length) : name)

/**
 * The same API called with a token, if a recipe names a cheap list. undefined: none does, or the URL needs the id of an
 * unknown project.
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

/**
 * Each address makes its own target, with its own name, samples and streak: 'MariaDB :3306 at fd00:20::10'. If only one
 * address moves, the names stay plain.
 */
export const named = (all: readonly ProbeTarget[]): readonly ProbeTarget[] => {
  const several = new Set(all.map(({ address }) => address)).size > 1
  const nameOf = ({ name, address, http }: ProbeTarget): string =>
    `${baseName(name)} at ${address}${http?.token === undefined ? '' : withToken}`
  return several ? all.map((one) => ({ ...one, name: nameOf(one) })) : all
}

/**
 * Ports of servers other than APIs, at each moving address: what answered on the source must answer on the target. If
 * the source's server no longer listens, the target's is used.
 */
export const portTargets = (
  moving: readonly string[],
  source: readonly Listener[],
  target: readonly Listener[],
): readonly ProbeTarget[] =>
  moving.flatMap((address) =>
    Object.keys(services)
      .map(Number)
      .filter((port) => {
        const known = source.some((one) => one.port === port) ? source : target
        return known.some((one) => one.port === port && hears(one, address))
      })
      .map((port) => ({ name: portName(port), address, port, ...(port === 3306 ? { mysql: true as const } : {}) })),
  )

/** Milliseconds; a token that expires sooner will not last until the new controller serves. */
const lasting = 10 * 60_000

export interface ProbeTargets {
  readonly targets: readonly ProbeTarget[]
  /** why nothing is called with a token */
  readonly without?: string
}

/**
 * What clients call at the moving addresses: every API of the catalog, without a token and with one that the source
 * issued before the freeze, and the database and queue ports that answered on the source.
 */
export const askProbeTargets = async (context: Context): Promise<ProbeTargets> => {
  const [endpoints, before, heard, kept] = await Promise.all([
    askEndpoints(context),
    ask(context.hosts('source'), listeners),
    ask(context.hosts('target'), listeners),
    savedToken(context),
  ])
  const moving = context.config.addresses.map(({ address }) => address)
  const ports = portTargets(moving, before, heard)
  const without = tokenUnfit(kept, new Date(Date.now() + lasting))
  const calls =
    kept === undefined || without !== undefined
      ? []
      : endpoints.flatMap((endpoint) => tokenTargetOf(endpoint, context.recipes, kept) ?? [])
  return {
    targets: named(each([...endpoints.map(targetOf), ...calls, ...ports])),
    ...(without === undefined ? {} : { without }),
  }
}

/** The source's APIs as called before the freeze. */
export const askSourceTargets = async (context: Context): Promise<readonly ProbeTarget[]> =>
  named(each((await askEndpoints(context, 'source')).map(targetOf)))

import { SwapError } from '../errors.ts'
import type { Host } from '../hosts/host.ts'
import { identity } from '../services/index.ts'
import { registerSecret } from '../text/secrets.ts'
import { type Access, applicationLogin } from './access.ts'
import { absenceText, type CatalogEntry, endpointOf } from './catalog.ts'
import { type Answer, mayPass, request } from './request.ts'

/**
 * The admin's session with a cloud, through curl on one of its machines: the answers are the ones that machine gets.
 */
export interface Api {
  readonly token: string
  /** ISO 8601 */
  readonly expires: string
  /**
   * the catalog's URL of a service type, in the region and interface of the admin's file; undefined when there is none.
   * Throws SwapError when several regions have one and the file names none
   */
  url(type: string): string | undefined
  /** why `url` returned nothing */
  absence(type: string): string
  get(type: string, path: string): Promise<unknown>
  /** the answer to a GET, whatever its status; throws SwapError when there is none */
  ask(type: string, path: string): Promise<Answer>
  /** the token's user, project and roles; the project is '' for a token of a domain or the system */
  readonly scope: { readonly user: string; readonly project: string; readonly roles: readonly Named[] }
  /** service types of the catalog */
  readonly types: readonly string[]
  /** the same cloud with another token */
  withToken(token: string): Api
}

interface Named {
  readonly id: string
  readonly name: string
}

interface Issued {
  readonly expires_at: string
  readonly user?: Named
  readonly project?: Named
  readonly roles?: readonly Named[]
  readonly catalog?: readonly CatalogEntry[]
}

export interface ApiOptions {
  /** log in with this instead of the credentials in the admin's file */
  readonly application?: { readonly id: string; readonly secret: string }
  /** seconds for each answer */
  readonly limit?: number
}

const refusals: Readonly<Record<number, string>> = {
  401: `Fix user, password, project and domains in the openrc file: ${identity.name} refuses them`,
  403: "Set an account of the cloud's admin in the openrc file",
  404: `OS_AUTH_URL must point to ${identity.name}: its path, without /v3, may be wrong`,
}

/** Logs in on `host`. Throws SwapError with keystone's status, without what was sent. */
export const openApi = async (host: Host, access: Access, options: ApiOptions = {}): Promise<Api> => {
  const url = `${access.identity}/v3/auth/tokens`
  const body = options.application === undefined ? access.login : applicationLogin(options.application)
  const limit = options.limit === undefined ? {} : { limit: options.limit }
  const answer = await request(host, url, { body, tls: access.tls, ...limit })
  if (answer.status !== 201)
    throw new SwapError(
      `${host.name}: ${url}`,
      `${identity.name} answered ${answer.status}`,
      refusals[answer.status] ?? `Check the openrc file, and read ${identity.name}'s log`,
      { final: !mayPass(answer.status), details: { status: answer.status } },
    )
  const token = /^x-subject-token:\s*(\S+)/im.exec(answer.headers)?.[1] ?? ''
  const { token: issued } = jsonOf(`${host.name}: ${url}`, answer) as { readonly token: Issued }
  return session({ host, access, issued, ...limit }, token)
}

interface Opened {
  readonly host: Host
  readonly access: Access
  readonly issued: Issued
  readonly limit?: number
}

const session = (opened: Opened, token: string): Api => {
  const { host, access, issued, limit } = opened
  registerSecret(token)
  const { catalog = [], expires_at: expires, user, project, roles = [] } = issued
  const url: Api['url'] = (type) => endpointOf(catalog, type, access)
  const absence: Api['absence'] = (type) => absenceText(catalog, type, access)
  const full = (type: string, path: string): string => {
    const base = url(type)
    if (base === undefined) throw new SwapError('catalog', absence(type), 'Register the endpoint', { final: true })
    return below(base, path)
  }
  const ask: Api['ask'] = async (type, path) =>
    request(host, full(type, path), { token, tls: access.tls, ...(limit === undefined ? {} : { limit }) })
  return {
    token,
    expires,
    url,
    absence,
    types: catalog.map((service) => service.type),
    scope: { user: user?.id ?? '', project: project?.id ?? '', roles },
    withToken: (other) => session(opened, other),
    ask,
    get: async (type, path) => good(`${host.name}: GET ${full(type, path)}`, await ask(type, path)),
  }
}

/** The body of a 200 answer. Throws SwapError for any other status. */
const good = (where: string, answer: Answer): unknown => {
  if (answer.status === 200) return jsonOf(where, answer)
  throw new SwapError(where, `answered ${answer.status}: ${answer.body.slice(0, 200)}`, "Read the service's log", {
    final: !mayPass(answer.status),
    details: { status: answer.status },
  })
}

const jsonOf = (where: string, { status, body }: Answer): unknown => {
  try {
    return JSON.parse(body)
  } catch (error) {
    throw new SwapError(where, `answered ${status}, but the body is not JSON`, "Read the service's log", {
      cause: error,
    })
  }
}

/**
 * A path appended to a catalog URL (no trailing slash). The catalog lists identity and network with or without their
 * version, so a path that has a version replaces the URL's.
 */
export const below = (base: string, path: string): string =>
  `${base.replace(/\/v(3|2\.0)$/, /^\/v(3|2\.0)\//.test(path) ? '' : '/v$1')}${path}`

import { readOpenrcText } from '../src/api/openrc-text.ts'
import { inNetwork, inside } from './machines.ts'

/** An answer of an API. */
export interface Answer {
  readonly status: number
  readonly token: string
  readonly body: string
}

/** The cloud as seen from the operator's machine, always with the same token. */
export interface Cloud {
  readonly token: string
  readonly project: string
  readonly user: string
  /** public URLs of the catalog by service type */
  readonly urls: Readonly<Record<string, string>>
  call(method: string, type: string, path: string, body?: unknown): Promise<Answer>
  get(type: string, path: string): Promise<Record<string, unknown>>
}

interface Request {
  readonly method?: string
  readonly token?: string
  readonly body?: unknown
  /** microversion: 'compute 2.10' */
  readonly version?: string
}

/** One HTTP request over a new connection. Header and body go over stdin. */
export const http = async (url: string, request: Request = {}): Promise<Answer> => {
  const text = (value: string): string => `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
  const lines = [
    `url = ${text(url)}`,
    `request = ${request.method ?? 'GET'}`,
    'silent',
    'show-error',
    'max-time = 90',
    'header = "Accept: application/json"',
    'write-out = "\\n%{http_code} %header{x-subject-token}"',
  ]
  if (request.version !== undefined) lines.push(`header = ${text(`OpenStack-API-Version: ${request.version}`)}`)
  if (request.token !== undefined) lines.push(`header = ${text(`X-Auth-Token: ${request.token}`)}`)
  if (request.body !== undefined)
    lines.push('header = "Content-Type: application/json"', `data-binary = ${text(JSON.stringify(request.body))}`)
  const out = await inNetwork('operator', ['curl', '--noproxy', '*', '--config', '-'], {
    stdin: `${lines.join('\n')}\n`,
  })
  const cut = out.lastIndexOf('\n')
  const [status = '0', token = ''] = out.slice(cut + 1).split(' ')
  return { status: Number(status), token, body: out.slice(0, cut) }
}

export interface Account {
  readonly url: string
  readonly user: string
  readonly password: string
  readonly project: string
}

/** The admin's account from the source's openrc file. */
export const askAdmin = async (): Promise<Account> => {
  const env = readOpenrcText(await inside('source', ['cat', '/root/openrc'])).values
  return {
    url: env['OS_AUTH_URL'] ?? '',
    user: env['OS_USERNAME'] ?? '',
    password: env['OS_PASSWORD'] ?? '',
    project: env['OS_PROJECT_NAME'] ?? '',
  }
}

/** Logs in from the operator's machine. Users and projects are in the domain Default. */
export const login = ({ url, user, password, project }: Account): Promise<Cloud> => {
  const domain = { name: 'Default' }
  return enter(url, {
    identity: { methods: ['password'], password: { user: { name: user, password, domain } } },
    scope: { project: { name: project, domain } },
  })
}

/** A session for an `auth` that keystone accepts. */
export const enter = async (url: string, auth: unknown): Promise<Cloud> => {
  const answer = await http(`${url}/auth/tokens`, { method: 'POST', body: { auth } })
  if (answer.status !== 201) throw new Error(`keystone answered ${answer.status}: ${answer.body.slice(0, 200)}`)
  return cloudOf(answer)
}

interface Token {
  readonly token: {
    readonly project: { readonly id: string }
    readonly user: { readonly id: string }
    readonly catalog: readonly {
      readonly type: string
      readonly endpoints: readonly { readonly interface: string; readonly url: string }[]
    }[]
  }
}

const cloudOf = (answer: Answer): Cloud => {
  const { token } = JSON.parse(answer.body) as Token
  const urls = Object.fromEntries(
    token.catalog.flatMap((service) =>
      service.endpoints
        .filter((endpoint) => endpoint.interface === 'public')
        .map((endpoint) => [service.type, endpoint.url.replace(/\/(v3)?\/?$/, '')]),
    ),
  )
  return sessionOf({ token: answer.token, project: token.project.id, user: token.user.id, urls })
}

/** A session for an existing token, even one issued long ago. */
export const sessionOf = (who: Pick<Cloud, 'token' | 'project' | 'user' | 'urls'>): Cloud => {
  const { urls } = who
  const call = (method: string, type: string, path: string, body?: unknown): Promise<Answer> =>
    http(path.startsWith('http') ? path : `${urls[type]}${path}`, {
      method,
      token: who.token,
      // Both releases support it; below it nobody may list another user's key pairs.
      ...(type === 'compute' ? { version: 'compute 2.10' } : {}),
      ...(body === undefined ? {} : { body }),
    })
  const get = async (type: string, path: string): Promise<Record<string, unknown>> => {
    const { status, body } = await call('GET', type, path)
    if (status !== 200) throw new Error(`GET ${urls[type]}${path} answered ${status}: ${body.slice(0, 200)}`)
    return JSON.parse(body)
  }
  return { ...who, call, get }
}

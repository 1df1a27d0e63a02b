import { createHash } from 'node:crypto'
import { SwapError } from './errors.ts'
import type { Host } from './hosts/host.ts'
import type { Inventory } from './services/recipe.ts'

/** The admin's session with a cloud, spoken by curl on one of its machines: the answers are those that machine gets. */
export interface Api {
  readonly token: string
  /** ISO 8601 */
  readonly expires: string
  /** the catalog's public URL of a service type; undefined when the catalog does not have it */
  url(type: string): string | undefined
  get(type: string, path: string): Promise<unknown>
  /** the answer to a GET, whatever its status; throws SwapError when there is none */
  ask(type: string, path: string): Promise<Answer>
  /** what the token is good for */
  readonly scope: { readonly user: string; readonly project: string; readonly roles: readonly Named[] }
  /** the same cloud, asked with another token */
  withToken(token: string): Api
}

interface Named {
  readonly id: string
  readonly name: string
}

export interface Answer {
  readonly status: number
  readonly headers: string
  readonly body: string
}

/** Values of `export NAME=value` lines, quotes as a shell reads them. Pure. */
export const parseOpenrc = (text: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    [...text.matchAll(/^\s*(?:export\s+)?(OS_[A-Z_]+)=(.*)$/gm)].map((match) => [match[1], unquote(match[2] ?? '')]),
  )

/** The first word of a shell's line: 'it'"'"'s' is one word, made of pieces that are quoted each in their own way. */
const unquote = (text: string): string =>
  [...text.trim().matchAll(/(?:'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)|([^\s'"\\;]))/gy)]
    .map(([, single, double, escaped, plain]) => single ?? double?.replace(/\\(["\\$`])/g, '$1') ?? escaped ?? plain)
    .join('')

/** One HTTP request by curl on `host`. Headers and body go over stdin, so that no token stands in a process list. */
export const request = async (
  host: Host,
  url: string,
  options: { token?: string; body?: unknown; headers?: Readonly<Record<string, string>>; limit?: number } = {},
): Promise<Answer> => {
  const limit = options.limit ?? 30
  const lines = ['silent', 'show-error', 'include', `max-time = ${limit}`, `url = ${quoted(url)}`]
  const headers: Record<string, string> = { Accept: 'application/json', ...options.headers }
  if (options.token !== undefined) headers['X-Auth-Token'] = options.token
  if (options.body !== undefined) {
    headers['Content-Type'] = 'application/json'
    lines.push(`data-binary = ${quoted(JSON.stringify(options.body))}`)
  }
  for (const [name, value] of Object.entries(headers)) lines.push(`header = ${quoted(`${name}: ${value}`)}`)
  const { code, stdout, stderr } = await host.run({
    argv: ['curl', '--noproxy', '*', '--config', '-'],
    stdin: `${lines.join('\n')}\n`,
    limit: limit + 5,
  })
  if (code !== 0)
    throw new SwapError(
      `${host.name}: ${url}`,
      stderr.trim() || `curl ended with ${code}`,
      'See whether the service runs',
    )
  return parseAnswer(stdout)
}

const quoted = (text: string): string => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`

/** curl --include output: the last header block counts (100-continue comes before it). Pure. */
export const parseAnswer = (text: string): Answer => {
  let rest = text
  let headers = ''
  while (/^HTTP\/\S+ \d+/.test(rest)) {
    const end = rest.search(/\r?\n\r?\n/)
    headers = end < 0 ? rest : rest.slice(0, end)
    rest = end < 0 ? '' : rest.slice(end).replace(/^\r?\n\r?\n/, '')
  }
  return { status: Number(/^HTTP\/\S+ (\d+)/.exec(headers)?.[1] ?? 0), headers, body: rest }
}

interface Catalog {
  readonly token: {
    readonly expires_at: string
    readonly user?: Named
    readonly project?: Named
    readonly roles?: readonly Named[]
    readonly catalog: readonly {
      readonly type: string
      readonly endpoints: readonly { readonly interface: string; readonly url: string }[]
    }[]
  }
}

/**
 * Logs in on `host` with the openrc file's content, or with an application credential at the keystone that it names. Throws
 * SwapError with the status keystone answered.
 */
export const openApi = async (
  host: Host,
  openrc: string,
  application?: { readonly id: string; readonly secret: string },
): Promise<Api> => {
  const env = parseOpenrc(openrc)
  const auth = env['OS_AUTH_URL']
  if (auth === undefined || env['OS_USERNAME'] === undefined)
    throw new SwapError(
      'openrc',
      'OS_AUTH_URL or OS_USERNAME is missing',
      'Name an admin openrc file in [source] openrc',
    )
  const url = `${auth.replace(/\/(v3|v2\.0)?\/?$/, '')}/v3/auth/tokens`
  const answer = await request(host, url, {
    body: application === undefined ? login(env) : applicationLogin(application),
  })
  if (answer.status !== 201)
    throw new SwapError(
      `${host.name}: ${url}`,
      `keystone answered ${answer.status}`,
      'Check the openrc file and keystone',
      { final: !mayPass(answer.status) },
    )
  const token = /^x-subject-token:\s*(\S+)/im.exec(answer.headers)?.[1] ?? ''
  return session(host, token, (JSON.parse(answer.body) as Catalog).token)
}

const login = (env: Readonly<Record<string, string>>): unknown => ({
  auth: {
    identity: {
      methods: ['password'],
      password: {
        user: {
          name: env['OS_USERNAME'],
          password: env['OS_PASSWORD'],
          domain: { name: env['OS_USER_DOMAIN_NAME'] ?? 'Default' },
        },
      },
    },
    scope: {
      project: {
        name: env['OS_PROJECT_NAME'] ?? env['OS_TENANT_NAME'],
        domain: { name: env['OS_PROJECT_DOMAIN_NAME'] ?? 'Default' },
      },
    },
  },
})

const applicationLogin = (application: { readonly id: string; readonly secret: string }): unknown => ({
  auth: { identity: { methods: ['application_credential'], application_credential: application } },
})

const session = (host: Host, token: string, issued: Catalog['token']): Api => {
  const { catalog, expires_at: expires } = issued
  const url = (type: string): string | undefined =>
    catalog
      .find((service) => service.type === type)
      ?.endpoints.find((endpoint) => endpoint.interface === 'public')
      ?.url.replace(/\/$/, '')
  const full = (type: string, path: string): string => {
    const base = url(type)
    if (base === undefined)
      throw new SwapError('catalog', `no public endpoint of type '${type}'`, 'Register the endpoint')
    return path.startsWith('http') ? path : below(base, path)
  }
  const ask: Api['ask'] = async (type, path) => request(host, full(type, path), { token })
  return {
    token,
    expires,
    url,
    scope: { user: issued.user?.id ?? '', project: issued.project?.id ?? '', roles: issued.roles ?? [] },
    withToken: (other) => session(host, other, issued),
    ask,
    get: async (type, path) => {
      const answer = await ask(type, path)
      if (answer.status !== 200)
        throw new SwapError(
          `${host.name}: GET ${full(type, path)}`,
          `answered ${answer.status}: ${answer.body.slice(0, 200)}`,
          "Read the service's log",
          { final: !mayPass(answer.status), details: { status: answer.status } },
        )
      return answered(`${host.name}: GET ${full(type, path)}`, answer.body)
    },
  }
}

/**
 * A path below a URL of the catalog (without a slash at its end). identity and network are catalogued with or without
 * their version: a path that brings its own takes the version off. Pure.
 */
export const below = (base: string, path: string): string =>
  `${base.replace(/\/v(3|2\.0)$/, /^\/v(3|2\.0)\//.test(path) ? '' : '/v$1')}${path}`

const answered = (where: string, body: string): unknown => {
  try {
    return JSON.parse(body)
  } catch (error) {
    throw new SwapError(where, 'answered 200 with what is no JSON', "Read the service's log", { cause: error })
  }
}

/** Whether a service answers so also while it, or what it calls, is still starting. Pure. */
export const mayPass = (status: number): boolean => status === 408 || status === 429 || status >= 500

/** What an API lists: each thing by its id, with the members that must not change. Follows `next` links. */
export const listInventory = async (
  api: Pick<Api, 'get'>,
  item: Inventory,
): Promise<Readonly<Record<string, unknown>>> => {
  const found: Record<string, unknown> = {}
  let path: string | undefined = item.path
  const seen = new Set<string>()
  while (path !== undefined) {
    if (seen.has(path)) throw unlisted(item, path, 'is the next page of itself')
    seen.add(path)
    const page = (await api.get(item.type, path).catch(absent(item))) as Record<string, unknown> | null
    const list = page?.[item.list]
    if (page === null || !Array.isArray(list)) throw unlisted(item, path, `has no list '${item.list}'`)
    for (const entry of (list as Record<string, unknown>[]).filter((one) => !isOwn(item, one)))
      found[String(entry[item.id ?? 'id'])] = {
        ...Object.fromEntries(item.fields.map((field) => [field, entry[field] ?? null])),
        ...Object.fromEntries((item.secrets ?? []).map((field) => [field, sum(entry[field] ?? null)])),
      }
    path = nextPage(page, item.list)
  }
  return found
}

/** An extension that is not loaded lists nothing. */
const absent =
  (item: Inventory) =>
  (error: unknown): unknown => {
    const status = error instanceof SwapError ? (error.details as { status?: number } | undefined)?.status : undefined
    if (item.extension === true && status === 404) return { [item.list]: [] }
    throw error
  }

const isOwn = ({ own }: Inventory, entry: Record<string, unknown>): boolean =>
  own !== undefined && entry[own.field] === own.value

/** A page that is not understood must not pass for one without resources. */
const unlisted = ({ type, what }: Inventory, path: string, why: string): SwapError =>
  new SwapError(`${type}: GET ${path}`, `the answer ${why}: ${what} cannot be listed`, "Read the service's log")

const sum = (value: unknown): string => createHash('sha256').update(JSON.stringify(value)).digest('hex')

const nextPage = (page: Record<string, unknown>, list: string): string | undefined => {
  const links = page[`${list}_links`] as readonly { rel: string; href: string }[] | undefined
  const next = links?.find((link) => link.rel === 'next')?.href ?? (page['next'] as string | undefined)
  const further = (page['links'] as { next?: string | null } | undefined)?.next
  return next ?? further ?? undefined
}

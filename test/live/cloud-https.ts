import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A CA that no machine trusts, its server certificate for 127.0.0.1, and a client certificate. */
const makeCertificates = (directory: string): void => {
  const at = (name: string) => join(directory, name)
  const openssl = (...words: readonly string[]) => execFileSync('openssl', words, { stdio: 'pipe', cwd: directory })
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  openssl('req', '-x509', ...key, '-keyout', 'ca.key', '-out', 'ca.pem', '-subj', '/CN=private', '-days', '3650')
  writeFileSync(at('names'), 'subjectAltName=IP:127.0.0.1\n')
  for (const name of ['server', 'client']) {
    openssl('req', ...key, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`)
    const signed = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '3650', '-extfile', 'names']
    openssl('x509', '-req', '-in', `${name}.csr`, '-out', `${name}.pem`, ...signed)
  }
}

export interface Endpoint {
  readonly interface: string
  readonly url: string
  readonly region_id?: string
}

/** The cloud's properties, which a test may change. */
export interface CloudState {
  roles: readonly string[]
  /** the catalog; undefined: each type once, in one region */
  catalog: ((url: string) => readonly { type: string; endpoints: readonly Endpoint[] }[]) | undefined
  /** number of items in each list */
  things: number
  /** maximum items per page, whatever is requested */
  most: number
  /** answers for paths that are not lists */
  special: (path: string) => readonly [number, unknown] | undefined
  password: string
}

export interface HttpsCloud {
  readonly directory: string
  readonly url: string
  readonly state: CloudState
  readonly asked: string[]
  readonly bodies: string[]
  stop(): Promise<void>
}

const bodyOf = async (request: IncomingMessage): Promise<string> => {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  return Buffer.concat(parts).toString()
}

const idOf = (index: number): string => `id-${String(index).padStart(6, '0')}`

/** Pages in each service's format: limit, marker, link. Links use a host name that only the service knows. */
const pageOf = ({ things, most }: CloudState, path: string): Record<string, unknown> => {
  const { pathname, searchParams } = new URL(path, 'http://x')
  const [, service = '', ...rest] = pathname.split('/')
  const last = rest.filter((word) => word !== 'detail').at(-1) ?? ''
  const list = { types: 'volume_types', 'os-server-groups': 'server_groups', 'qos-specs': 'qos_specs' }[last] ?? last
  const name = list.replace(/^os-/, '').replaceAll('-', '_')
  const asked = Number(searchParams.get('limit') ?? Number.POSITIVE_INFINITY)
  const fixed = service === 'image' ? 25 : Number.POSITIVE_INFINITY
  // heat has no maximum.
  const limit = Math.min(service === 'orchestration' ? asked : most, searchParams.has('limit') ? asked : fixed)
  const marker = searchParams.get('marker')
  const at = marker === null ? Number(searchParams.get('offset') ?? 0) : Number(marker.slice(3)) + 1
  const count = Math.max(0, Math.min(limit, things - at))
  const entries = Array.from({ length: count }, (_, index) => ({ id: idOf(at + index), uuid: idOf(at + index) }))
  const more = new URLSearchParams(searchParams)
  more.set('marker', entries.at(-1)?.id ?? '')
  const href = `http://inside.example${pathname}?${more}`
  const full = count > 0 && count === limit
  const link = [{ rel: 'next', href }]
  if (service === 'image')
    return { [name]: entries, ...(full ? { next: href.replace('http://inside.example', '') } : {}) }
  if (service === 'orchestration') return { [name]: entries, ...(full && asked === count ? { links: link } : {}) }
  if (service === 'key-manager') {
    more.delete('marker')
    more.set('offset', String(at + count))
    const own = entries.map(({ id }) => ({ [`${name.slice(0, -1)}_ref`]: `http://inside.example${pathname}/${id}` }))
    return { [name]: own, ...(at + count < things ? { next: `http://inside.example${pathname}?${more}` } : {}) }
  }
  if (service === 'identity')
    return { [name]: entries, links: { next: null }, ...(at + count < things ? { truncated: true } : {}) }
  const linked =
    !full || name === 'server_groups' ? {} : { [name === 'backups' ? 'backup_links' : `${name}_links`]: link }
  return { [name]: entries, ...linked }
}

const types = ['identity', 'compute', 'network', 'image', 'volumev3', 'orchestration', 'placement', 'key-manager']

export const startCloud = async (options: { readonly clients?: boolean } = {}): Promise<HttpsCloud> => {
  const directory = mkdtempSync(join(tmpdir(), 'swapctl-https-'))
  makeCertificates(directory)
  const read = (name: string) => readFileSync(join(directory, name))
  const state: CloudState = {
    roles: ['admin'],
    catalog: undefined,
    things: 3,
    most: 1000,
    special: () => undefined,
    password: 'right',
  }
  const [asked, bodies]: [string[], string[]] = [[], []]
  const tls = { key: read('server.key'), cert: read('server.pem'), ca: read('ca.pem') }
  const server = createServer({
    ...tls,
    requestCert: options.clients === true,
    rejectUnauthorized: options.clients === true,
  })
  const answerTo = (method: string, path: string, body: string): readonly [number, unknown] => {
    const special = state.special(path)
    if (special !== undefined) return special
    if (method !== 'POST') return [200, pageOf(state, path)]
    const { identity } = JSON.parse(body).auth
    const good = identity.methods[0] === 'application_credential' || identity.password.user.password === state.password
    if (!good) return [401, { error: {} }]
    const plain = types.map((type) => ({ type, endpoints: [{ interface: 'public', url: `${cloud.url}/${type}` }] }))
    const catalog = state.catalog === undefined ? plain : state.catalog(cloud.url)
    const roles = state.roles.map((name) => ({ id: name, name }))
    return [
      201,
      { token: { catalog, roles, expires_at: '2999-01-01T00:00:00.000000Z', user: { id: 'u' }, project: { id: 'p' } } },
    ]
  }
  server.on('request', async (request, answer) => {
    const body = await bodyOf(request)
    asked.push(`${request.method} ${request.url}`)
    bodies.push(body)
    const [status, document] = answerTo(request.method ?? '', request.url ?? '', body)
    answer.writeHead(status, { 'X-Subject-Token': 'token' })
    answer.end(JSON.stringify(document))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const cloud: HttpsCloud = {
    directory,
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    state,
    asked,
    bodies,
    stop: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      rmSync(directory, { recursive: true })
    },
  }
  return cloud
}

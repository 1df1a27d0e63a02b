import { refuse } from '../errors.ts'
import { identity } from '../services/index.ts'
import { registerLogin, registerSecret, secretName } from '../text/secrets.ts'

/**
 * The TLS material of a client, as PEM text: the files may be on another machine than the one that makes the request.
 */
export interface Tls {
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
  /** the operator's file turns verification off */
  readonly insecure?: true
}

/** How the cloud's admin logs in, and which of its endpoints to use. Plain JSON; holds secrets. */
export interface Access {
  /** 'http://10.0.0.1:5000', without a version */
  readonly identity: string
  /** the body of POST /v3/auth/tokens */
  readonly login: unknown
  readonly region?: string
  /** in order of preference: public, internal, admin */
  readonly interfaces: readonly string[]
  readonly tls: Tls
}

/** openstackclient's option names, in lower case and without OS_: auth_url, user_domain_name. */
export type Options = Readonly<Record<string, string>>

const older: Readonly<Record<string, string>> = {
  tenant_name: 'project_name',
  tenant_id: 'project_id',
  endpoint_type: 'interface',
  default_domain: 'default_domain_id',
  user_name: 'username',
}

/** Environment variables or keys of a cloud under their current option names; empty ones are left out. */
export const optionsOf = (given: Readonly<Record<string, string>>): Options => {
  const all = Object.entries(given)
    .map(([name, value]) => [name.replace(/^OS_/, '').toLowerCase().replaceAll('-', '_'), value] as const)
    .filter(([, value]) => value !== '')
  const renamed = all.flatMap(([name, value]) => (older[name] === undefined ? [] : [[older[name], value] as const]))
  for (const [name, value] of all) if (secretName.test(name)) registerSecret(value)
  const options: Options = Object.fromEntries([...renamed, ...all])
  registerLogin(options['username'] ?? '', options['password'] ?? '')
  return options
}

const variable = (name: string): string => `OS_${name.toUpperCase()}`

const passwordTypes = ['password', 'v3password']
const applicationType = 'v3applicationcredential'

const why: Readonly<Record<string, string>> = {
  token: 'a token expires, but swapctl needs the cloud for hours',
  v3token: 'a token expires, but swapctl needs the cloud for hours',
  v2password: `${identity.name} has had no v2 API since queens`,
}

const typeOf = (options: Options, where: string): 'password' | 'application' => {
  const type = options['auth_type'] ?? options['auth_plugin']
  if (type === applicationType) return 'application'
  if (type !== undefined && !passwordTypes.includes(type))
    throw refuse(
      where,
      `OS_AUTH_TYPE ${type}: ${why[type] ?? 'swapctl cannot log in with it'}`,
      `Use ${passwordTypes[1]} or ${applicationType}`,
    )
  const named = options['username'] ?? options['user_id']
  if (type === undefined && named === undefined && options['application_credential_id'] !== undefined)
    return 'application'
  if (type === undefined && named === undefined && options['token'] !== undefined)
    throw refuse(where, `OS_TOKEN: ${why['token']}`, `Use ${passwordTypes[1]} or ${applicationType}`)
  return 'password'
}

const needed = (options: Options, where: string, ...names: readonly string[]): string => {
  const found = names.find((name) => options[name] !== undefined)
  if (found !== undefined) return options[found] ?? ''
  const said = names.map(variable).join(' or ')
  throw refuse(where, `${said} is missing`, `Add to the admin's openrc file: export ${variable(names[0] ?? '')}=...`)
}

/** As in openstackclient: the domain with the id 'default' when none is named. */
const domainOf = (options: Options, whose: string): object => {
  const [id, name] = [options[`${whose}_domain_id`], options[`${whose}_domain_name`]]
  if (id !== undefined) return { id }
  if (name !== undefined) return { name }
  const standard = options['default_domain_name']
  return standard === undefined ? { id: options['default_domain_id'] ?? 'default' } : { name: standard }
}

const userOf = (options: Options, where: string): object =>
  options['user_id'] === undefined
    ? { name: needed(options, where, 'username', 'user_id'), domain: domainOf(options, 'user') }
    : { id: options['user_id'] }

const scopeOf = (options: Options, where: string): object => {
  const { project_id: project, project_name: name, domain_id, domain_name, system_scope: system, trust_id } = options
  const given = [
    [project ?? name, 'project'],
    [domain_id ?? domain_name, 'domain'],
    [system, 'system_scope'],
    [trust_id, 'trust_id'],
  ].flatMap(([value, what]) => (value === undefined ? [] : [what]))
  if (given.length > 1)
    throw refuse(
      where,
      `names several scopes, but ${identity.name} accepts only one: ${given.join(', ')}`,
      'Keep one of them',
    )
  if (trust_id !== undefined)
    throw refuse(
      where,
      'OS_TRUST_ID: a trust does not give the rights of a cloud admin',
      'Set the project of the admin',
    )
  if (system !== undefined) return { system: { all: true } }
  if (project !== undefined) return { project: { id: project } }
  if (name !== undefined) return { project: { name, domain: domainOf(options, 'project') } }
  if (domain_id !== undefined) return { domain: { id: domain_id } }
  if (domain_name !== undefined) return { domain: { name: domain_name } }
  throw refuse(where, 'OS_PROJECT_NAME or OS_PROJECT_ID is missing', 'Set the project of the admin')
}

/** The login body for an application credential, which brings its project and roles. */
export const applicationLogin = (application: object): unknown => ({
  auth: { identity: { methods: ['application_credential'], application_credential: application } },
})

const application = (options: Options, where: string): unknown => {
  const secret = needed(options, where, 'application_credential_secret')
  const id = options['application_credential_id']
  if (id !== undefined) return applicationLogin({ id, secret })
  const name = needed(options, where, 'application_credential_id', 'application_credential_name')
  return applicationLogin({ name, secret, user: userOf(options, where) })
}

const password = (options: Options, where: string): unknown => {
  const user = { ...userOf(options, where), password: needed(options, where, 'password') }
  return { auth: { identity: { methods: ['password'], password: { user } }, scope: scopeOf(options, where) } }
}

const interfacesOf = (options: Options, where: string): readonly string[] =>
  (options['interface'] ?? 'public').split(',').map((one) => {
    const name = one.trim().replace(/URL$/, '')
    if (['public', 'internal', 'admin'].includes(name)) return name
    throw refuse(where, `OS_INTERFACE '${one}' is not a catalog interface`, 'Use public, internal or admin')
  })

/** Parses a boolean like openstacksdk. */
export const isInsecure = (options: Options): boolean =>
  options['insecure']?.toLowerCase() === 'true' || options['verify']?.toLowerCase() === 'false'

/**
 * How to log in, from the options of an openrc file and a cloud. Throws SwapError naming the variable that is missing
 * or unsupported; `where`: the file.
 */
export const accessOf = (options: Options, tls: Omit<Tls, 'insecure'>, where: string): Access => {
  const override = Object.keys(options).find((name) => /_endpoint_override$/.test(name))
  if (override !== undefined)
    throw refuse(where, `${variable(override)}: swapctl uses the endpoints of the catalog`, 'Remove it from the file')
  const url = needed(options, where, 'auth_url').replace(/\/(v3|v2\.0)?\/?$/, '')
  if (!/^https?:\/\/[^/\s]+/.test(url)) throw refuse(where, 'OS_AUTH_URL is not an http(s) URL', 'Fix it in the file')
  const region = options['region_name']
  return {
    identity: url,
    login: typeOf(options, where) === 'application' ? application(options, where) : password(options, where),
    ...(region === undefined ? {} : { region }),
    interfaces: interfacesOf(options, where),
    tls: { ...tls, ...(isInsecure(options) ? { insecure: true as const } : {}) },
  }
}

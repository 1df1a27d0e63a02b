import { goneDefaultsOf, identityV3, passwordPlugin } from '../option-kinds.ts'
import type { AskSource, Changed, Composition, OptionRules, ValueRule } from '../options.ts'
import { keystoneDefaults } from './defaults.ts'
import { keystoneGoneOptions } from './gone-options.ts'
import { keystoneKnownOptions } from './known-options.ts'

const drivers = [
  ...['identity', 'assignment', 'catalog', 'credential', 'policy', 'resource', 'role', 'trust', 'revoke', 'federation'],
  ...['oauth1', 'endpoint_filter', 'endpoint_policy', 'application_credential', 'unified_limit'],
]

// keystone/common/utils.py still substitutes these
const stillFilledIn: readonly string[] = ['tenant_id', 'project_id', 'user_id']
const defaults: Readonly<Record<string, string>> = {
  public_port: '5000',
  admin_port: '35357',
  compute_port: '8774',
  public_bind_host: '0.0.0.0',
  admin_bind_host: '0.0.0.0',
  bind_host: '0.0.0.0',
}

/**
 * Up to 2023.2 keystone substituted %(public_port)s and the like from [DEFAULT] and [eventlet_server]
 * (keystone/server/flask/common.py).
 */
const substituted = (value: string, ask: AskSource): Changed | undefined => {
  let look: true | undefined
  const filled = value.replace(/%\((\w+)\)[sd]/g, (whole, name: string) => {
    if (stillFilledIn.includes(name)) return whole
    const own = ask(['eventlet_server', 'DEFAULT'], name) ?? defaults[name]
    if (own === undefined) look = true
    return own ?? whole
  })
  const plain = filled.replace(/^(https?:\/\/[^/]+):35357(?=\/|$)/, '$1:5000')
  if (look) return { value: plain, look }
  return plain === value ? undefined : { value: plain }
}

/**
 * Each method's own plugin is named default (setup.cfg, keystone.auth.*). A method of another name needs its own entry
 * point.
 */
const authMethod = (value: string, method: string): Changed | undefined => {
  const [, module = '', name = ''] = /^keystone\.auth\.plugins\.(\w+)\.(\w+)$/.exec(value) ?? []
  if (module === '') return undefined
  if (module === 'external' && ['DefaultDomain', 'Domain'].includes(name)) return { value: name }
  const mapped = ['mapped', 'saml2', 'openid', 'x509']
  const own = method === module || (['mapped', 'saml2'].includes(module) && mapped.includes(method))
  return own ? { value: '' } : { value: module === 'saml2' ? 'mapped' : module, look: true }
}

const values: readonly ValueRule[] = [
  {
    project: 'keystone',
    section: 'DEFAULT',
    options: 'public_endpoint admin_endpoint',
    since: '2024.1',
    change: (value, _, ask) => substituted(value, ask),
    reason: 'keystone takes a URL as it stands since 2024.1, %(public_port)s and the like included',
  },
  {
    project: 'keystone',
    section: 'auth',
    options: '*',
    since: 'newton',
    change: authMethod,
    noSecret: true,
    isDefault: true,
    reason:
      'plugins are named, not paths of classes; a method of an own name needs a package with the entry point keystone.auth.NAME',
  },
  {
    project: 'keystone',
    section: 'token',
    options: 'provider',
    since: 'queens',
    replace: [[/^(uuid|pki|pkiz|keystone\.token\.providers\.(uuid|pki|pkiz|fernet)\.Provider)$/, 'fernet']],
    reason: 'tokens that are stored are gone since queens: those issued before are void',
    look: true,
  },
  {
    project: 'keystone',
    section:
      'identity|assignment|catalog|credential|policy|resource|role|revoke|trust|oauth1|federation|endpoint_filter',
    options: 'driver',
    since: 'mitaka',
    replace: [[/^keystone\.(?:contrib\.)?\w+\.backends\.(\w+)\.\w+$/, '$1']],
    reason: 'drivers are named, not paths of classes',
  },
  {
    project: 'keystone',
    section: 'catalog',
    options: 'driver',
    since: 'grizzly',
    change: (value) =>
      /^(?:templated|keystone\.catalog\.backends\.templated\.\w+)$/.test(value.trim())
        ? { value, look: true }
        : undefined,
    reason:
      'the endpoints are in the file that template_file names and not in the database: swapctl neither copies nor changes them there, and the driver is gone in 2025.1',
    stops:
      'Before the swap, enter every service and endpoint of that file with openstack service create and endpoint create, set [catalog] driver = sql there and restart keystone',
  },
]

const authTokenUrl = (ask: AskSource): string => {
  const here = (name: string, otherwise: string): string => ask(['keystone_authtoken'], name) ?? otherwise
  const parts = `${here('auth_protocol', 'https')}://${here('auth_host', '127.0.0.1')}:${here('auth_port', '35357')}`
  return identityV3(here('identity_uri', `${parts}${here('auth_admin_prefix', '')}`))
}

const tokenLogin: Composition = {
  project: '*',
  sections: ['keystone_authtoken'],
  uses: [
    ...['identity_uri', 'auth_host', 'auth_port', 'auth_protocol', 'auth_admin_prefix'],
    ...['admin_user', 'admin_password', 'admin_tenant_name'],
  ],
  unless: [
    ['keystone_authtoken', 'auth_type'],
    ['keystone_authtoken', 'auth_plugin'],
    ['keystone_authtoken', 'auth_section'],
  ],
  reason: 'they speak the identity API v2.0, gone in queens: the password plugin of v3 takes their place',
  make: (ask) =>
    passwordPlugin('keystone_authtoken', authTokenUrl(ask), {
      username: ask(['keystone_authtoken'], 'admin_user'),
      password: ask(['keystone_authtoken'], 'admin_password'),
      project_name: ask(['keystone_authtoken'], 'admin_tenant_name'),
    }),
}

/**
 * Old options of keystone, and of its middleware in every service's file. Sources:
 * keystone/conf/{default,eventlet_server}.py at 12.0.0; [project.entry-points] at 2025.1; keystone/conf/auth.py and
 * keystone/auth/plugins/mapped.py for the names in [auth] methods; release notes.
 */
export const keystoneOptions: OptionRules = {
  known: keystoneKnownOptions,
  defaults: keystoneDefaults,
  removed: keystoneGoneOptions,
  everywhere: ['keystonemiddleware'],
  moves: [
    [
      '*',
      'keystone_authtoken',
      'auth_uri',
      'keystone_authtoken',
      'www_authenticate_uri',
      'renamed in queens (keystonemiddleware 4.18)',
    ],
    ['*', 'keystone_authtoken', 'memcache_servers', 'keystone_authtoken', 'memcached_servers', 'renamed in juno'],
    ['keystone', 'memcache', 'servers', 'cache', 'memcache_servers', 'gone in ocata'],
  ],
  gone: [
    ['*', 'keystone_authtoken', 'signing_dir hash_algorithms', 'gone in train with PKI tokens'],
    ['*', 'keystone_authtoken', 'check_revocations_for_cached revocation_cache_time', 'gone in stein with PKI tokens'],
    ['*', 'keystone_authtoken', 'admin_token', 'identity API v2 is gone since queens: nothing takes its place', 'look'],
    ['keystone', 'DEFAULT', 'admin_endpoint', 'gone in stein: the catalog says it'],
    ['keystone', 'DEFAULT', 'admin_token', 'gone: keystone-manage bootstrap does this', 'look'],
    ['keystone', 'token', 'hash_algorithm', 'gone in newton with PKI tokens'],
    ['keystone', 'token', 'driver', 'gone: fernet tokens are not stored'],
  ],
  values,
  compositions: [tokenLogin],
  goneDefaults: goneDefaultsOf('keystone', 'DEFAULT', defaults),
  imported: [
    ...drivers.map((section) => ({ project: 'keystone', section, option: 'driver', group: `keystone.${section}` })),
    { project: 'keystone', section: 'token', option: 'provider', group: 'keystone.token.provider' },
    {
      ...{ project: 'keystone', section: 'auth', option: 'methods', group: 'keystone.auth.<word>' },
      named: { section: 'auth', otherwise: 'default' },
    },
  ],
  sections: [{ by: ['auth', 'methods'], like: [] }],
  dynamic: [{ by: ['auth', 'methods'], section: 'auth' }],
  open: ['keystone_authtoken'],
}

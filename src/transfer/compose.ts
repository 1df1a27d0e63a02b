/** The value that a source's file gives to an option, of the first of these sections that has it. */
export type Ask = (sections: readonly string[], name: string) => string | undefined

export interface Made {
  readonly section: string
  readonly name: string
  readonly value: string
}

/** Several old options that together make new ones. Applies when the source has one of `uses` that the target does not know. */
export interface Composition {
  readonly project: string
  readonly sections: readonly string[]
  readonly uses: readonly string[]
  /** an option that, when the source has it, was in force already: the old ones were not read */
  readonly unless: readonly (readonly [section: string, name: string])[]
  readonly reason: string
  make(ask: Ask): readonly Made[]
}

/** As RFC 3986 wants user and password in a URL. In oslo.config's files $$ and \$ stand for one dollar. */
const quoted = (text: string): string =>
  encodeURIComponent(text.replace(/\$\$|\\\$/g, '$')).replace(
    /[!'()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  )

const rabbitSections = ['DEFAULT', 'oslo_messaging_rabbit']

const transportUrl = (ask: Ask): readonly Made[] => {
  const rabbit = (name: string, otherwise: string): string => ask(rabbitSections, `rabbit_${name}`) ?? otherwise
  const account = `${quoted(rabbit('userid', 'guest'))}:${quoted(rabbit('password', 'guest'))}`
  const port = rabbit('port', '5672')
  const hosts = rabbit('hosts', rabbit('host', 'localhost'))
  const words = hosts.split(',').map((host) => host.trim())
  const urls = words.filter(Boolean).map((host) => `${account}@${/:\d+$/.test(host) ? host : `${host}:${port}`}`)
  const vhost = rabbit('virtual_host', '/')
  return [
    {
      section: 'DEFAULT',
      name: 'transport_url',
      value: `rabbit://${urls.join(',')}/${vhost === '/' ? '' : quoted(vhost)}`,
    },
  ]
}

/** What the password plugin needs, from the options that the identity API v2 had; a name that is not there is left out. */
const password = (
  section: string,
  url: string | undefined,
  from: Readonly<Record<string, string | undefined>>,
): readonly Made[] =>
  Object.entries({
    auth_type: 'password',
    auth_url: url,
    ...from,
    user_domain_name: 'Default',
    project_domain_name: 'Default',
  }).flatMap(([name, value]) => (value === undefined ? [] : [{ section, name, value }]))

/** http://host:35357/v2.0 -> http://host:35357/v3. The admin port is a matter of the target's release: removed-values. */
const identityV3 = (url: string): string => `${url.replace(/\/(v2\.0|v3)?\/*$/, '')}/v3`

const authTokenUrl = (ask: Ask): string => {
  const here = (name: string, otherwise: string): string => ask(['keystone_authtoken'], name) ?? otherwise
  const parts = `${here('auth_protocol', 'https')}://${here('auth_host', '127.0.0.1')}:${here('auth_port', '35357')}`
  return identityV3(here('identity_uri', `${parts}${here('auth_admin_prefix', '')}`))
}

export const compositions: readonly Composition[] = [
  {
    project: '*',
    sections: rabbitSections,
    uses: ['rabbit_host', 'rabbit_hosts', 'rabbit_port', 'rabbit_userid', 'rabbit_password', 'rabbit_virtual_host'],
    unless: [['DEFAULT', 'transport_url']],
    reason: 'gone in stein (oslo.messaging 9): the broker is named by transport_url',
    make: transportUrl,
  },
  {
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
      password('keystone_authtoken', authTokenUrl(ask), {
        username: ask(['keystone_authtoken'], 'admin_user'),
        password: ask(['keystone_authtoken'], 'admin_password'),
        project_name: ask(['keystone_authtoken'], 'admin_tenant_name'),
      }),
  },
  {
    project: 'nova',
    sections: ['neutron', 'DEFAULT'],
    uses: ['admin_username', 'admin_password', 'admin_tenant_name', 'admin_auth_url', 'auth_strategy'].flatMap(
      (name) => [name, `neutron_${name}`],
    ),
    unless: [
      ['neutron', 'auth_type'],
      ['neutron', 'auth_plugin'],
    ],
    reason: 'gone in mitaka: the password plugin takes their place',
    make: (ask) => {
      const old = (name: string) => ask(['neutron'], name) ?? ask(['DEFAULT'], `neutron_${name}`)
      const url = old('admin_auth_url')
      return password('neutron', url === undefined ? undefined : identityV3(url), {
        username: old('admin_username'),
        password: old('admin_password'),
        project_name: old('admin_tenant_name'),
      })
    },
  },
  {
    project: 'neutron',
    sections: ['DEFAULT'],
    uses: ['username', 'password', 'tenant_id', 'tenant_name', 'auth_url'].map((name) => `nova_admin_${name}`),
    unless: [
      ['nova', 'auth_type'],
      ['nova', 'auth_plugin'],
    ],
    reason: 'gone in mitaka: [nova] with the password plugin takes their place',
    make: (ask) => {
      const old = (name: string) => ask(['DEFAULT'], `nova_admin_${name}`)
      const url = old('auth_url')
      return password('nova', url === undefined ? undefined : identityV3(url), {
        username: old('username'),
        password: old('password'),
        project_id: old('tenant_id'),
        project_name: old('tenant_id') === undefined ? old('tenant_name') : undefined,
      })
    },
  },
  {
    project: 'nova',
    sections: ['glance', 'DEFAULT'],
    uses: ['host', 'port', 'protocol', 'glance_host', 'glance_port', 'glance_protocol'],
    unless: [
      ['glance', 'api_servers'],
      ['DEFAULT', 'glance_api_servers'],
    ],
    reason: 'gone in newton: [glance] api_servers names it',
    make: (ask) => {
      const old = (name: string, otherwise: string) =>
        ask(['glance'], name) ?? ask(['DEFAULT'], `glance_${name}`) ?? otherwise
      const value = `${old('protocol', 'http')}://${old('host', '$my_ip')}:${old('port', '9292')}`
      return [{ section: 'glance', name: 'api_servers', value }]
    },
  },
]

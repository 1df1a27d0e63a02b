import { describe, expect, test } from 'vitest'
import { merged, metadata } from './merging.ts'

const login =
  'auth_type auth_url username user_id password project_name user_domain_name project_domain_name user_domain_id'
const known = metadata({
  DEFAULT:
    'public_endpoint public_bind_host glance_catalog_info glance_api_servers backup_swift_auth_url backup_swift_auth_version',
  database: 'connection',
  cinder: 'catalog_info endpoint_template',
  glance: 'api_servers endpoint_override',
  glance_store: 'swift_store_auth_address swift_store_auth_version',
  keystone_authtoken: login,
  neutron: login,
  trustee: login,
  auth: 'methods password token external',
  upgrade_levels: 'compute conductor scheduler',
  quotas: 'quota_driver',
  key_manager: 'backend fixed_key',
})

/** The value of 'section.option' in a merged file that has this value. */
const becomes = (project: string, option: string, value: string, more = '') => {
  const [section = '', name = ''] = option.split('.')
  const { at, of } = merged(project, `[${section}]\n${name} = ${value}\n${more}`, known)
  return [at(section, name), of(name).some(({ look }) => look)]
}

describe("keystone's own substitution", () => {
  const port = (lines: string) => `[eventlet_server]\n${lines}\n`
  test.each([
    ['http://10.0.0.11:%(public_port)s/', '', 'http://10.0.0.12:5000/', false],
    ['http://10.0.0.11:%(public_port)s/', port('public_port = 5001'), 'http://10.0.0.12:5001/', false],
    ['http://10.0.0.11:%(public_port)s/', '[DEFAULT]\npublic_port = 81\n', 'http://10.0.0.12:81/', false],
    ['http://k:%(admin_port)s', '', 'http://k:5000', false],
    ['http://k:%(admin_port)s/', port('admin_port = 81'), 'http://k:81/', false],
    ['http://%(public_bind_host)s:5000/', port('public_bind_host = 10.0.0.11'), 'http://10.0.0.12:5000/', false],
    ['http://k:5000/%(tenant_id)s', '', 'http://k:5000/%(tenant_id)s', false],
    ['http://k:%(own_port)s/', '', 'http://k:%(own_port)s/', true],
  ])('%s %j', (value, more, wanted, look) => {
    expect(becomes('keystone', 'DEFAULT.public_endpoint', value, more)).toEqual([wanted, look])
  })
})

describe('catalogs, servers and databases', () => {
  test.each([
    ['nova', 'cinder.catalog_info', 'volumev2:cinderv2:internalURL', 'volumev3:cinderv3:internalURL', false],
    ['nova', 'cinder.catalog_info', 'volume:cinder:publicURL', 'volumev3:cinderv3:publicURL', false],
    ['nova', 'cinder.catalog_info', 'volumev2::publicURL', 'volumev3::publicURL', false],
    ['nova', 'cinder.catalog_info', 'volumev2:disks:publicURL', 'volumev3::publicURL', true],
    ['nova', 'cinder.catalog_info', 'volumev3:own:publicURL', 'volumev3:own:publicURL', false],
    ['cinder', 'DEFAULT.glance_catalog_info', 'image:glance:publicURL', 'image:glance:publicURL', false],
    [
      'nova',
      'cinder.endpoint_template',
      'http://10.0.0.11:8776/v2/%(project_id)s',
      'http://10.0.0.12:8776/v3/%(project_id)s',
      false,
    ],
    // a rule for nova's file
    ['heat', 'cinder.endpoint_template', 'http://h:8776/v2/%(project_id)s', 'http://h:8776/v2/%(project_id)s', false],
    ['nova', 'glance.api_servers', '10.0.0.11:9292', 'http://10.0.0.12:9292', false],
    ['nova', 'glance.api_servers', 'img1:9292, https://img2:9292', 'http://img1:9292,https://img2:9292', false],
    ['nova', 'glance.api_servers', '[fd00::1]:9292', 'http://[fd00::1]:9292', false],
    ['cinder', 'DEFAULT.glance_api_servers', '10.0.0.11:9292', 'http://10.0.0.12:9292', false],
    ['nova', 'glance.endpoint_override', 'img:9292/v2', 'img:9292/v2', true],
    [
      'nova',
      'database.connection',
      'mysql+mysqlconnector://n:p@10.0.0.11/nova',
      'mysql+pymysql://n:p@10.0.0.12/nova',
      false,
    ],
    [
      'nova',
      'database.connection',
      'mysql+mysqldb://n:p@h/nova?charset=utf8',
      'mysql+pymysql://n:p@h/nova?charset=utf8',
      false,
    ],
    [
      'nova',
      'database.connection',
      'mysql+mysqlconnector://n:p@h/nova?use_pure=1',
      'mysql+pymysql://n:p@h/nova?use_pure=1',
      true,
    ],
    ['nova', 'database.connection', 'postgresql+psycopg2://n:p@h/nova', 'postgresql+psycopg2://n:p@h/nova', false],
    ['glance', 'glance_store.swift_store_auth_address', '10.0.0.11:35357/v2.0/', 'https://10.0.0.12:5000/v3', false],
    [
      'glance',
      'glance_store.swift_store_auth_address',
      'http://swift:8080/auth/v1.0',
      'http://swift:8080/auth/v1.0',
      false,
    ],
    ['glance', 'glance_store.swift_store_auth_version', '2', '3', true],
    ['glance', 'glance_store.swift_store_auth_version', '1', '1', false],
    ['cinder', 'DEFAULT.backup_swift_auth_url', 'http://10.0.0.11:35357/v2.0', 'http://10.0.0.12:5000/v3', false],
    ['cinder', 'DEFAULT.backup_swift_auth_version', '2', '3', true],
  ])('%s %s = %s', (project, option, value, wanted, look) => {
    expect(becomes(project, option, value)).toEqual([wanted, look])
  })

  test.each([
    ['glance.endpoint_override', '"img:9292/v2"', 'needs a URL'],
    ['database.connection', '"mysql+pymysql://n:p@h/nova"', "the source's value"],
    ['database.connection', 'mysql+pymysql://no/va:x@h/nova', 'its password hides where the host begins'],
  ])('%s = %s is written as it was', (option, value, why) => {
    const [section = '', name = ''] = option.split('.')
    const { text, of } = merged('nova', `[${section}]\n${name} = ${value}\n`, known)
    expect(text).toContain(`${name} = ${value}\n`)
    expect(of(name)[0]).toMatchObject({ fate: 'kept', reason: expect.stringContaining(why) })
  })

  test('the @ of a password is escaped, whatever the user is called', () => {
    expect(becomes('nova', 'database.connection', 'mysql+pymysql://sqlite:p@w@h/nova')).toEqual([
      'mysql+pymysql://sqlite:p%40w@h/nova',
      false,
    ])
  })

  test('options that moved get the same value', () => {
    const { at } = merged('nova', '[DEFAULT]\ncinder_catalog_info = volume:cinder:internalURL\n', known)
    expect(at('cinder', 'catalog_info')).toBe('volumev3:cinderv3:internalURL')
  })
})

describe('what is imported', () => {
  test.each([
    ['keystone', 'auth.password', 'keystone.auth.plugins.password.Password', undefined, false],
    ['keystone', 'auth.token', 'keystone.auth.plugins.token.Token', undefined, false],
    ['keystone', 'auth.external', 'keystone.auth.plugins.external.Domain', 'Domain', false],
    ['keystone', 'auth.external', 'keystone.auth.plugins.external.DefaultDomain', 'DefaultDomain', false],
    ['keystone', 'auth.methods', 'external,password,token,oidc', 'external,password,token,oidc', false],
    ['neutron', 'quotas.quota_driver', 'neutron.db.quota_db.DbQuotaDriver', undefined, false],
    ['nova', 'upgrade_levels.conductor', 'kilo', undefined, true],
    ['nova', 'upgrade_levels.compute', 'auto', 'auto', false],
    ['nova', 'key_manager.backend', 'nova.keymgr.barbican.BarbicanKeyManager', 'barbican', false],
    [
      'nova',
      'key_manager.backend',
      'nova.keymgr.conf_key_mgr.ConfKeyManager',
      'nova.keymgr.conf_key_mgr.ConfKeyManager',
      false,
    ],
  ])('%s %s = %s', (project, option, value, wanted, look) => {
    expect(becomes(project, option, value)).toEqual([wanted, look])
  })

  test('a value of which nothing is left has a reason', () => {
    const { of } = merged('neutron', '[quotas]\nquota_driver = neutron.db.quota_db.DbQuotaDriver\n', known)
    expect(of('quota_driver')).toMatchObject([
      { fate: 'dropped', reason: expect.stringContaining('its module is gone') },
    ])
  })

  test('a method with its own name is named by its plugin, and shown: no package has that entry point group', () => {
    const source = '[auth]\nmethods = password,oidc\noidc = keystone.auth.plugins.mapped.Mapped\n'
    const { at, of } = merged('keystone', source, known)
    expect(at('auth', 'oidc')).toBe('mapped')
    expect(of('oidc')).toMatchObject([{ look: true, from: 'keystone.auth.plugins.mapped.Mapped' }])
    expect(merged('keystone', source.replaceAll('oidc', 'saml2'), known).at('auth', 'saml2')).toBeUndefined()
  })
})

describe('a login without domains', () => {
  const names = ['auth_type', 'auth_url', 'user_domain_name', 'project_domain_name']
  const v2 = 'auth_url = http://10.0.0.11:35357/v2.0\nusername = u\npassword = p\nproject_name = service\n'

  test.each([
    ['keystone_authtoken', 'auth_plugin = password'],
    ['keystone_authtoken', 'auth_type = v2password'],
    ['neutron', 'auth_type = password'],
    ['nova_neutron', 'auth_plugin = password'],
  ])('[%s] %s', (section, kind) => {
    const source = `[neutron]\nauth_section = nova_neutron\n[${section}]\n${kind}\n${v2}`
    const { at } = merged('nova', source, known)
    expect(names.map((name) => at(section, name))).toEqual([
      'password',
      'http://10.0.0.12:5000/v3',
      'Default',
      'Default',
    ])
  })

  test.each([
    [
      'auth_type = password\nuser_domain_id = 7\nproject_name = p\nproject_domain_name = D\nusername = u\n',
      [undefined, 'D'],
    ],
    ['auth_type = password\nuser_id = 7\n', [undefined, undefined]],
    ['auth_type = v3kerberos\nusername = u\n', [undefined, undefined]],
  ])('%j', (lines, wanted) => {
    const { at } = merged('heat', `[trustee]\n${lines}`, known)
    expect(['user_domain_name', 'project_domain_name'].map((name) => at('trustee', name))).toEqual(wanted)
  })

  test('a target that still speaks v2.0 needs none', () => {
    const source = `[neutron]\nauth_type = password\n${v2}`
    const { at, decisions } = merged('nova', source, known, { release: 'pike' })
    const given = ['auth_type', 'auth_url', 'username', 'password', 'project_name']
    expect(decisions.map(({ option }) => option)).toEqual(given)
    const later = merged('nova', source, known, { release: 'queens' })
    expect(later.at('neutron', 'user_domain_name')).toBe('Default')
    expect(names.map((name) => at('neutron', name))).toEqual([
      'password',
      'http://10.0.0.12:35357/v2.0',
      undefined,
      undefined,
    ])
  })

  test("nova's service token has the domains too", () => {
    const more = metadata({ keystone_authtoken: login, service_user: `send_service_user_token ${login}` })
    const { at } = merged('nova', `[keystone_authtoken]\nauth_plugin = password\n${v2}`, more)
    expect(names.map((name) => at('service_user', name))).toEqual([
      'password',
      'http://10.0.0.12:5000/v3',
      'Default',
      'Default',
    ])
  })

  test('a strategy alone does not make a login', () => {
    const { at, of } = merged('nova', '[DEFAULT]\nauth_strategy = keystone\n', known)
    expect(at('neutron', 'auth_type')).toBeUndefined()
    expect(of('auth_strategy')).toMatchObject([{ fate: 'dropped' }])
  })
})

describe.each(['nova', 'cinder'])('volumes encrypted with a fixed key, %s', (project) => {
  const own = `${project}.keymgr.conf_key_mgr.ConfKeyManager`
  const backend = (source: string, from?: string) => {
    const { at, of } = merged(project, source, known, from === undefined ? {} : { from })
    return [at('key_manager', 'backend'), at('key_manager', 'fixed_key'), of('backend').some(({ look }) => look)]
  }

  test.each([
    ['[keymgr]\nfixed_key = 00ff\n', undefined, own, true],
    ['[key_manager]\nfixed_key = 00ff\n', 'ocata', own, true],
    [`[keymgr]\nfixed_key = 00ff\napi_class = ${own}\n`, 'mitaka', own, false],
    // barbican was already in use
    ['[key_manager]\nfixed_key = 00ff\n', 'victoria', undefined, false],
    ['[key_manager]\nfixed_key = 00ff\nbackend = barbican\n', 'ocata', 'barbican', false],
  ])('%j of %s', (source, from, wanted, look) => {
    expect(backend(source, from)).toEqual([wanted, '00ff', look])
  })

  test('without a key nothing is added', () => expect(backend('[DEFAULT]\n')).toEqual([undefined, undefined, false]))
})

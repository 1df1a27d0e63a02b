import { describe, expect, test } from 'vitest'
import { addressMap } from '../../src/transfer/addresses.ts'
import { mergeConfig } from '../../src/transfer/merge.ts'
import type { Extra } from '../../src/transfer/needs.ts'
import { type GeneratorOutput, knownOptions } from '../../src/transfer/options.ts'
import { get, getAll, parse } from '../../src/transfer/oslo-conf.ts'

const multi = ['alias', 'driver', 'dhcp_domains']
const metadata: Readonly<Record<string, string>> = {
  DEFAULT:
    'transport_url enabled_apis my_ip host debug auth_strategy enabled_backends backup_driver service_plugins public_endpoint',
  database: 'connection connection_recycle_time',
  keystone_authtoken: 'www_authenticate_uri auth_type memcached_servers service_token_roles',
  oslo_messaging_notifications: 'driver topics',
  oslo_messaging_rabbit: 'ssl rabbit_ha_queues',
  oslo_policy: 'policy_file',
  oslo_concurrency: 'lock_path',
  glance: 'api_servers',
  glance_store: 'stores default_store',
  neutron: 'auth_type auth_url username password project_name user_domain_name project_domain_name region_name',
  nova: 'auth_type auth_url username password project_id user_domain_name project_domain_name region_name',
  filter_scheduler: 'enabled_filters',
  service_user: 'send_service_user_token auth_type',
  ml2: 'mechanism_drivers',
  token: 'provider',
  identity: 'driver',
  backend_defaults: 'volume_driver target_ip_address target_helper',
  pci: 'alias',
  quota: 'instances',
}

const json: GeneratorOutput = {
  options: Object.fromEntries(
    Object.entries(metadata).map(([section, names]) => [
      section,
      {
        opts: names.split(' ').map((name) => ({
          name,
          dest: name,
          type: multi.includes(name) ? 'multi valued' : 'string value',
          secret: ['password', 'connection', 'transport_url'].includes(name),
        })),
      },
    ]),
  ),
  deprecated_options: {
    DEFAULT: [
      { name: 'quota_instances', replacement_group: 'quota', replacement_name: 'instances' },
      { name: 'pci_alias', replacement_group: 'pci', replacement_name: 'alias' },
    ],
  },
}

const map = addressMap(
  { file: 'x', addresses: [], counterparts: [{ source: '10.2.0.1', target: '10.9.0.7' }] },
  [],
  'oldhost',
)

const merge = (project: string, source: string, target = '', extra: readonly Extra[] = [], release = '2025.1') => {
  const path = `/etc/${project}/${project}.conf`
  const merged = mergeConfig({ path, project, source, target, options: knownOptions(json), map, release, extra })
  return { ...merged, file: parse(merged.text) }
}

const fates = (decisions: ReturnType<typeof merge>['decisions']) =>
  decisions.map((it) => `${it.fate} [${it.section}] ${it.option}`)

describe('broker options from before Kilo', () => {
  const rabbit = (lines: string, section = 'DEFAULT') =>
    get(merge('nova', `[${section}]\n${lines}`).file, 'DEFAULT', 'transport_url')

  test.each([
    ['rabbit_host = 10.2.0.1\nrabbit_password = x\n', 'rabbit://guest:x@10.9.0.7:5672/'],
    [
      'rabbit_hosts = a:5671, b\nrabbit_port = 5673\nrabbit_userid = nova\nrabbit_password = p@s/s#%\nrabbit_virtual_host = /\n',
      'rabbit://nova:p%40s%2Fs%23%25@a:5671,nova:p%40s%2Fs%23%25@b:5673/',
    ],
    [
      'rabbit_host = h\nrabbit_password = a$$b\\$c!\nrabbit_virtual_host = /v\n',
      'rabbit://guest:a%24b%24c%21@h:5672/%2Fv',
    ],
    ['rabbit_password = 10.2.0.1\n', 'rabbit://guest:10.2.0.1@localhost:5672/'],
  ])('%j', (lines, url) => {
    expect(rabbit(lines)).toBe(url)
    expect(rabbit(lines, 'oslo_messaging_rabbit')).toBe(url)
  })

  test('the old options are reported as merged, their password is not shown', () => {
    const { decisions, text } = merge(
      'glance',
      '[DEFAULT]\nrpc_backend = rabbit\nrabbit_host = h\nrabbit_password = hunter2\n',
    )
    expect(fates(decisions)).toEqual([
      'dropped [DEFAULT] rpc_backend',
      'merged [DEFAULT] rabbit_host',
      'merged [DEFAULT] rabbit_password',
    ])
    expect(decisions[1]?.to).toBe('[DEFAULT] transport_url')
    expect(JSON.stringify(decisions)).not.toContain('hunter2')
    expect(text).toBe('[DEFAULT]\ntransport_url = rabbit://guest:hunter2@h:5672/\n')
  })

  test('a transport_url on the source was in force: the old options go', () => {
    const { decisions, file } = merge('nova', '[DEFAULT]\ntransport_url = rabbit://a//\nrabbit_host = h\n')
    expect(get(file, 'DEFAULT', 'transport_url')).toBe('rabbit://a//')
    expect(fates(decisions)).toContain('dropped [DEFAULT] rabbit_host')
  })
})

describe('the identity API v2', () => {
  test.each([
    ['identity_uri = http://10.2.0.1:35357\nauth_host = other', 'http://10.9.0.7:5000/v3'],
    ['identity_uri = https://k:35357/v2.0/', 'https://k:5000/v3'],
    ['auth_host = k\nauth_protocol = http\nauth_port = 35357', 'http://k:5000/v3'],
    ['auth_host = k', 'https://k:5000/v3'],
  ])('%j', (lines, url) => {
    const { file } = merge(
      'glance',
      `[keystone_authtoken]\n${lines}\nadmin_user = g\nadmin_password = p#;\nadmin_tenant_name = service\n`,
    )
    expect(
      ['auth_type', 'auth_url', 'username', 'password', 'project_name', 'user_domain_name', 'project_domain_name'].map(
        (name) => get(file, 'keystone_authtoken', name),
      ),
    ).toEqual(['password', url, 'g', 'p#;', 'service', 'Default', 'Default'])
    expect(get(file, 'keystone_authtoken', 'identity_uri')).toBeUndefined()
  })

  test('when the source already has the plugin, only leftovers go', () => {
    const source = '[keystone_authtoken]\nauth_plugin = password\nauth_url = http://k:5000\nadmin_user = x\n'
    const { file, decisions } = merge('glance', source)
    expect(get(file, 'keystone_authtoken', 'auth_type')).toBe('password')
    expect(fates(decisions)).toContain('dropped [keystone_authtoken] admin_user')
  })

  test("nova's account for neutron, from before Juno and from Juno on", () => {
    const wanted = ['password', 'http://k:5000/v3', 'neutron', 'n#p', 'service']
    const names = ['auth_type', 'auth_url', 'username', 'password', 'project_name']
    for (const [section, prefix] of [
      ['DEFAULT', 'neutron_'],
      ['neutron', ''],
    ]) {
      const lines = Object.entries({
        username: 'neutron',
        password: 'n#p',
        tenant_name: 'service',
        auth_url: 'http://k:35357/v2.0',
      })
      const { file } = merge(
        'nova',
        `[${section}]\n${lines.map(([name, value]) => `${prefix}admin_${name} = ${value}\n`).join('')}`,
      )
      expect(names.map((name) => get(file, 'neutron', name))).toEqual(wanted)
    }
  })

  test("neutron's account for nova", () => {
    const { file } = merge(
      'neutron',
      '[DEFAULT]\nnova_admin_username = nova\nnova_admin_tenant_id = 7f\nnova_admin_auth_url = http://k:5000/v2.0\nnova_region_name = R\n',
    )
    expect(
      ['auth_type', 'username', 'project_id', 'auth_url', 'region_name'].map((name) => get(file, 'nova', name)),
    ).toEqual(['password', 'nova', '7f', 'http://k:5000/v3', 'R'])
  })
})

describe('old names', () => {
  test.each([
    ['nova', '[DEFAULT]\nsql_connection = mysql+pymysql://a\n', 'database', 'connection', 'mysql+pymysql://a'],
    ['nova', '[DATABASE]\nsql_connection = mysql://a\n', 'database', 'connection', 'mysql+pymysql://a'],
    ['nova', '[DEFAULT]\nsql_idle_timeout = 5\n', 'database', 'connection_recycle_time', '5'],
    ['nova', '[DEFAULT]\nquota_instances = 5\n', 'quota', 'instances', '5'],
    ['nova', '[DEFAULT]\nglance_host = 10.2.0.1\n', 'glance', 'api_servers', 'http://10.9.0.7:9292'],
    [
      'nova',
      '[DEFAULT]\nscheduler_default_filters = RamFilter,ComputeFilter\n',
      'filter_scheduler',
      'enabled_filters',
      'ComputeFilter',
    ],
    [
      'cinder',
      '[DEFAULT]\nenabled_backends = a\n[a]\niscsi_ip_address = 10.2.0.1\n',
      'a',
      'target_ip_address',
      '10.9.0.7',
    ],
    ['cinder', '[backend_defaults]\niscsi_helper = tgtadm\n', 'backend_defaults', 'target_helper', 'tgtadm'],
    [
      'glance',
      '[DEFAULT]\nknown_stores = glance.store.filesystem.Store,glance.store.gridfs.Store\n',
      'glance_store',
      'stores',
      'file',
    ],
    [
      'neutron',
      '[DEFAULT]\nnotification_driver = neutron.openstack.common.notifier.rpc_notifier\n',
      'oslo_messaging_notifications',
      'driver',
      'messaging',
    ],
    ['keystone', '[token]\nprovider = keystone.token.providers.uuid.Provider\n', 'token', 'provider', 'fernet'],
    ['keystone', '[identity]\ndriver = keystone.identity.backends.sql.Identity\n', 'identity', 'driver', 'sql'],
  ])('%s %j', (project, source, section, name, value) => {
    expect(getAll(merge(project, source).file, section, name)).toEqual([value])
  })

  test('an option renamed twice is followed', () => {
    const { decisions } = merge('cinder', '[DEFAULT]\nosapi_compute_link_prefix = http://10.2.0.1\n')
    expect(decisions[0]).toMatchObject({ fate: 'renamed', to: '[DEFAULT] public_endpoint = http://10.9.0.7' })
  })

  test('the newer name wins when both are there', () => {
    const { file, decisions } = merge('nova', '[DEFAULT]\nsql_connection = mysql://old\n[database]\nconnection = new\n')
    expect(getAll(file, 'database', 'connection')).toEqual(['new'])
    expect(decisions.find((it) => it.fate === 'dropped')?.reason).toContain('[database] connection, which wins')
  })

  test('lists under two names are joined, the newer name first', () => {
    const { file } = merge('nova', '[DEFAULT]\npci_alias = a\npci_alias = b\n[pci]\nalias = c\n')
    expect(getAll(file, 'pci', 'alias')).toEqual(['c', 'a', 'b'])
  })
})

describe('values', () => {
  test("filters are pruned for the target's release", () => {
    const source = '[filter_scheduler]\nenabled_filters = AvailabilityZoneFilter, RetryFilter,ComputeFilter\n'
    const filters = (release: string) =>
      get(merge('nova', source, '', [], release).file, 'filter_scheduler', 'enabled_filters')
    expect(filters('ussuri')).toBe('AvailabilityZoneFilter, RetryFilter,ComputeFilter')
    expect(filters('zed')).toBe('AvailabilityZoneFilter,ComputeFilter')
    expect(filters('2025.1')).toBe('ComputeFilter')
  })

  test('a list with nothing left is removed, and shown', () => {
    const { file, decisions } = merge('neutron', '[ml2]\nmechanism_drivers = linuxbridge\n')
    expect(get(file, 'ml2', 'mechanism_drivers')).toBeUndefined()
    expect(decisions[0]).toMatchObject({ fate: 'dropped', look: true })
  })

  test('a quoted value is understood and stays readable for oslo.config', () => {
    const { file } = merge('nova', '[database]\nconnection = "mysql://u:p@10.2.0.1/nova"\n')
    expect(get(file, 'database', 'connection')).toBe('mysql+pymysql://u:p@10.9.0.7/nova')
  })

  test("the old machine's name is shown as a host, and kept as an identity", () => {
    const { decisions } = merge('glance', '[DEFAULT]\ntransport_url = rabbit://u:p@oldhost//\nhost = oldhost\n')
    expect(decisions.map(({ option, look }) => [option, look])).toEqual([
      ['transport_url', true],
      ['host', undefined],
    ])
  })

  test('a range with an address of the source in it is kept and shown', () => {
    const { file, decisions } = merge('nova', '[DEFAULT]\nmy_pool = 10.2.0.0-10.2.0.9\n')
    expect(get(file, 'DEFAULT', 'my_pool')).toBe('10.2.0.0-10.2.0.9')
    expect(decisions[0]).toMatchObject({ look: true, reason: expect.stringContaining('has 10.2.0.1 of the source') })
  })

  test('a value that has another meaning now is shown', () => {
    expect(merge('keystone', '[token]\nprovider = uuid\n').decisions).toMatchObject([{ fate: 'rewritten', look: true }])
  })

  test('a secret that is not a URL is never changed', () => {
    const { file } = merge('nova', '[neutron]\npassword = 10.2.0.1\nadmin_password = x\n')
    expect(get(file, 'neutron', 'password')).toBe('10.2.0.1')
  })
})

describe('a database URL with an @ in its password', () => {
  const connection = (url: string) => {
    const { decisions, file } = merge('nova', `[database]\nconnection = ${url}\n`)
    const { look, reason } = decisions.find((one) => one.option === 'connection') ?? expect.fail()
    return { value: get(file, 'database', 'connection'), look, reason }
  }

  test('is quoted so that the newer SQLAlchemy reads the same host', () => {
    const { value, reason } = connection('mysql+pymysql://nova:s3cr@t@10.2.0.1/nova')
    expect(value).toBe('mysql+pymysql://nova:s3cr%40t@10.9.0.7/nova')
    expect(reason).toMatch(/written %40/)
    expect(connection('mysql+pymysql://nova:s3cr@t@db/nova').value).toBe('mysql+pymysql://nova:s3cr%40t@db/nova')
  })

  test('must be looked at when its host is unclear', () => {
    const { value, look } = connection('mysql+pymysql://nova:s3@a/x?q@10.2.0.1/y')
    expect(value).toBe('mysql+pymysql://nova:s3@a/x?q@10.2.0.1/y')
    expect(look).toBe(true)
  })
})

describe("the packages' file", () => {
  const target =
    '[DEFAULT]\n# the address\nmy_ip = 192.0.2.2\nstate_path = /var/lib/nova\n#host = x\n\n[oslo_concurrency]\nlock_path = /var/lock/nova\n\n[keystone_authtoken]\nregion_name = regionOne\n'

  test("the source's value wins, what it does not set is removed, paths stay", () => {
    const { text, decisions } = merge(
      'nova',
      '[DEFAULT]\nmy_ip = 10.2.0.1\nhost = src\n[oslo_concurrency]\nlock_path = /tmp\n',
      target,
    )
    expect(text).toContain(
      '[DEFAULT]\n# the address\nmy_ip = 10.9.0.7\nstate_path = /var/lib/nova\n#host = x\nhost = src\n',
    )
    expect(text).toContain('lock_path = /var/lock/nova')
    expect(text).not.toContain('regionOne')
    expect(fates(decisions)).toContain('packaged-removed [keystone_authtoken] region_name')
    expect(fates(decisions)).toContain('dropped [oslo_concurrency] lock_path')
  })

  test('a lock path is kept if the packages have none', () => {
    expect(get(merge('nova', '[oslo_concurrency]\nlock_path = /tmp\n').file, 'oslo_concurrency', 'lock_path')).toBe(
      '/tmp',
    )
  })

  test('a policy file in JSON is no longer referred to', () => {
    const { decisions, file } = merge('nova', '[DEFAULT]\npolicy_file = /etc/nova/policy.json\n')
    expect(get(file, 'oslo_policy', 'policy_file')).toBeUndefined()
    expect(decisions[0]).toMatchObject({ fate: 'dropped', look: true })
    expect(get(merge('nova', '[oslo_policy]\npolicy_file = own.yaml\n').file, 'oslo_policy', 'policy_file')).toBe(
      'own.yaml',
    )
  })
})

describe('an option that is gone', () => {
  const source = '[DEFAULT]\ncompute_topic = one\n  two\ncells_password = hunter2\nrpc-topics = x\n'
  const gone = () => merge('nova', source, '', [], 'zed')

  test('is not in force', () =>
    expect(gone().file.parts.flatMap((part) => (part.kind === 'option' ? [part.key] : []))).toEqual([
      'cells_password',
      'rpc-topics',
    ]))

  test('is listed at the end as a comment', () => {
    expect(gone().text).toContain(`
# swapctl: options of the source that zed does not know; they are not in force
# [DEFAULT] compute_topic = one
#     two   (removed in pike)
`)
  })

  test('is named to the operator', () => {
    expect(gone().decisions.map(({ fate, from, look }) => [fate, from, look])).toEqual([
      ['unknown', 'one\n  two', true],
      ['kept', undefined, true],
      ['kept', undefined, true],
    ])
  })
})

test('an option removed in a later release than the target is not reported as removed', () => {
  const made = (release: string) =>
    merge('nova', '[DEFAULT]\nosapi_compute_listen = 0.0.0.0\n', '', [], release).decisions[0]
  expect(made('zed')).toMatchObject({
    fate: 'kept',
    reason: expect.stringContaining("unknown to the target's option lists"),
  })
  expect(made('2025.2')).toMatchObject({ fate: 'unknown', reason: 'removed in 2025.2' })
})

test('secrets of options that are not in force are not written', () => {
  const { text } = merge('cinder', '[DEFAULT]\nzadara_password = hunter2\n')
  expect(text).toContain('# [DEFAULT] zadara_password = ***   (removed in')
})

describe('options that the pair of releases needs', () => {
  const extra = { section: 'quota', option: 'instances', value: '5', reason: 'why' }

  test.each([
    ['', '5', ['added [quota] instances']],
    ['[quota]\ninstances = 7\n', '5', ['added [quota] instances']],
    ['[quota]\ninstances = 5\n', '5', ['kept [quota] instances']],
  ])('%j', (source, value, wanted) => {
    const { file, decisions } = merge('glance', source, '', [extra])
    expect(get(file, 'quota', 'instances')).toBe(value)
    expect(fates(decisions)).toEqual(wanted)
  })

  test('a value of the source stays if the addition yields', () => {
    const { file } = merge('glance', '[quota]\ninstances = 7\n', '', [{ ...extra, yields: true }])
    expect(get(file, 'quota', 'instances')).toBe('7')
  })

  test('service tokens for cinder: since 2023.1, with the login of keystone_authtoken, unless the source has them', () => {
    const login = '[keystone_authtoken]\nauth_plugin = password\npassword = p#\n'
    const sends = (source: string, release: string) => {
      const { file } = merge('nova', source, '', [], release)
      return ['send_service_user_token', 'auth_type', 'password'].map((name) => get(file, 'service_user', name))
    }
    // this test's metadata does not know [service_user] password
    expect(sends(login, '2025.1')).toEqual(['true', 'password', undefined])
    expect(sends(login, 'zed')).toEqual([undefined, undefined, undefined])
    expect(sends(`${login}[service_user]\nsend_service_user_token = false\n`, '2025.1')[0]).toBe('false')
  })

  test('a role that users of an older cloud have is accepted for service tokens', () => {
    const roles = (source: string) => get(merge('cinder', source).file, 'keystone_authtoken', 'service_token_roles')
    expect(roles('')).toBe('service,admin')
    expect(roles('[keystone_authtoken]\nservice_token_roles = service\n')).toBe('service')
  })
})

test('a file that oslo.config cannot read is refused by name', () => {
  expect(() => merge('nova', '[DEFAULT]\nnonsense\n')).toThrow(
    expect.objectContaining({ exitCode: 2, where: '/etc/nova/nova.conf on the source, line 2' }),
  )
  expect(() => merge('nova', '', '[DEFAULT]\nnonsense\n')).toThrow(
    expect.objectContaining({ exitCode: 2, where: '/etc/nova/nova.conf on the target, line 2' }),
  )
})

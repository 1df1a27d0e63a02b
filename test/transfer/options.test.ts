import { describe, expect, test } from 'vitest'
import { type GeneratorOutput, knownOptions, withSectionsOf } from '../../src/transfer/options.ts'
import { parse } from '../../src/transfer/oslo-conf.ts'

const opt = (name: string, more: Partial<GeneratorOutput['options'][string]['opts'][number]> = {}) => ({
  name,
  dest: name.replaceAll('-', '_'),
  type: 'string value',
  secret: false,
  ...more,
})

const alias = (name: string, group: string, replacement: string) => ({
  name,
  replacement_group: group,
  replacement_name: replacement,
})

const json: GeneratorOutput = {
  options: {
    DEFAULT: { opts: [opt('log-config-append'), opt('rpc_conn_pool_size'), opt('enabled_backends')] },
    database: { opts: [opt('connection', { secret: true }), opt('connection', { secret: true })] },
    api_database: { opts: [opt('connection', { secret: true })] },
    keystone_authtoken: { opts: [opt('www_authenticate_uri'), opt('auth_uri'), opt('auth_type')] },
    ovs: { opts: [opt('bridge_mappings', { type: 'list value' })] },
    heat_api: { opts: [opt('bind_host')] },
    heat_api_cfn: { opts: [opt('bind_host')] },
    pci: { opts: [opt('alias', { type: 'multi valued' })] },
    old: { opts: [opt('leaving', { deprecated_for_removal: true, deprecated_reason: '\nNobody\n  uses it. ' })] },
    neutron: { opts: [opt('auth-url'), opt('password', { secret: true })] },
    backend_defaults: { opts: [opt('target_ip_address'), opt('volume_driver')] },
    glance_store: { opts: [opt('filesystem_store_datadir')] },
    'glance.store.rbd.store': { opts: [opt('rbd_store_pool')] },
  },
  deprecated_options: {
    DEFAULT: [
      alias('log_config', 'DEFAULT', 'log-config-append'),
      alias('rpc_conn_pool_size', 'DEFAULT', 'rpc_conn_pool_size'),
      alias('sql_connection', 'database', 'connection'),
      alias('sql_connection', 'database', 'connection'),
      alias('sql_connection', 'api_database', 'connection'),
      alias('bind_host', 'heat_api', 'bind_host'),
      alias('bind_host', 'heat_api_cfn', 'bind_host'),
      alias('of_nothing', 'gone', 'gone'),
      alias('sql_api', 'api_database', 'connection'),
      alias('account', 'neutron', 'auth-url'),
      alias('account', 'neutron', 'password'),
    ],
    DATABASE: [alias('sql_connection', 'database', 'connection')],
    keystone_authtoken: [alias('auth_uri', 'keystone_authtoken', 'www_authenticate_uri')],
    neutron: [alias('admin_auth_url', 'neutron', 'auth-url')],
    backend_defaults: [alias('iscsi_ip_address', 'backend_defaults', 'target_ip_address')],
  },
}

const known = () => knownOptions(json)
const names = (section: string, name: string) =>
  known()
    .replacements(section, name)
    .map((it) => `${it.section}.${it.name}`)

describe("pitfalls of the generator's data", () => {
  test('a key in a file is the dest, never the name with dashes', () => {
    expect(known().live('DEFAULT', 'log_config_append')?.name).toBe('log_config_append')
    expect(known().live('DEFAULT', 'log-config-append')).toBeUndefined()
  })

  test('the replacement of an old name is also a dest', () => {
    expect(names('DEFAULT', 'log_config')).toEqual(['DEFAULT.log_config_append'])
    expect(names('neutron', 'admin_auth_url')).toEqual(['neutron.auth_url'])
  })

  test('a current name wins over an alias of the same name', () => {
    expect(known().live('keystone_authtoken', 'auth_uri')?.name).toBe('auth_uri')
    expect(names('keystone_authtoken', 'auth_uri')).toEqual([])
    expect(names('DEFAULT', 'rpc_conn_pool_size')).toEqual([])
  })

  test('one old name for both databases means the main one only', () => {
    expect(names('DEFAULT', 'sql_connection')).toEqual(['database.connection'])
    expect(names('DEFAULT', 'sql_api')).toEqual(['api_database.connection'])
  })

  test('a name is secret if an option of this name or one that it became is', () => {
    const all = ['password', 'connection', 'sql_connection', 'account', 'admin_auth_url', 'log_config', 'auth_type']
    expect(all.filter(known().hides)).toEqual(['password', 'connection', 'sql_connection', 'account'])
  })

  test('one old name for two servers means both', () => {
    expect(names('DEFAULT', 'bind_host')).toEqual(['heat_api.bind_host', 'heat_api_cfn.bind_host'])
  })

  test('sections are compared case-insensitively, except DEFAULT', () => {
    expect(known().live('OVS', 'bridge_mappings')?.section).toBe('ovs')
    expect(names('database', 'sql_connection')).toEqual(['database.connection'])
    expect(known().live('default', 'log_config_append')).toBeUndefined()
  })

  test('an alias of a missing option does not count', () => expect(names('DEFAULT', 'of_nothing')).toEqual([]))

  test("a plugin's section accepts any option", () => {
    expect(known().open('keystone_authtoken')).toBe(true)
    expect(known().open('neutron')).toBe(false)
  })

  test('lists, secrets and options to be removed are recognised', () => {
    expect(known().live('pci', 'alias')?.multi).toBe(true)
    expect(known().live('ovs', 'bridge_mappings')?.multi).toBe(false)
    expect(known().live('neutron', 'password')?.secret).toBe(true)
    expect(known().live('old', 'leaving')?.leaving).toBe('Nobody uses it.')
    expect(known().live('pci', 'alias')?.leaving).toBeUndefined()
  })
})

describe('sections that a file defines itself', () => {
  const here = () =>
    withSectionsOf(parse('[DEFAULT]\nenabled_backends = LVM, fast:rbd\n[own]\nenabled_backends = ceph\n'), known())

  test('a backend of cinder is described by backend_defaults', () => {
    expect(here().live('lvm', 'target_ip_address')).toMatchObject({ section: 'lvm', name: 'target_ip_address' })
    expect(here().live('lvm', 'nonsense')).toBeUndefined()
    expect(here().replacements('lvm', 'iscsi_ip_address')).toMatchObject([
      { section: 'lvm', name: 'target_ip_address' },
    ])
    expect(here().live('ceph', 'target_ip_address')).toBeUndefined()
  })

  test('a store of glance is described by any kind of store', () => {
    expect(here().live('fast', 'rbd_store_pool')?.section).toBe('fast')
    expect(here().live('os_glance_staging_store', 'filesystem_store_datadir')?.section).toBe('os_glance_staging_store')
  })

  test('sections by physical network accept anything', () => {
    expect(here().open('neutron_physnet_a')).toBe(true)
    expect(here().open('neutron_tunnel')).toBe(true)
    expect(here().open('neutron_other')).toBe(false)
  })

  test('the other sections are as before', () => {
    expect(here().live('OVS', 'bridge_mappings')?.section).toBe('ovs')
    expect(here().open('keystone_authtoken')).toBe(true)
    expect(here().replacements('DEFAULT', 'log_config')).toHaveLength(1)
  })
})

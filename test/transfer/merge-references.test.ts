import { describe, expect, test } from 'vitest'
import { merged, metadata } from './merging.ts'

const nova = metadata(
  {
    DEFAULT: 'host my_ip state_path log_dir',
    glance: 'api_servers',
    vnc: 'server_listen base',
    oslo_concurrency: 'lock_path',
  },
  { 'DEFAULT.vncserver_listen': 'vnc.server_listen' },
)

describe('values that refer to other options', () => {
  test.each([
    // glance_host is gone, my_ip is not; glance_port is at its old default
    ['glance_host = 10.0.0.11\nglance_api_servers = $glance_host:$glance_port', 'http://10.0.0.12:9292'],
    [`glance_api_servers = http://\${glance_host}:\${glance_port}/`, 'http://$my_ip:9292/'],
    ['glance_host = img\nglance_port = 81\nglance_api_servers = https://$glance_host:$glance_port', 'https://img:81'],
    ['glance_host = $other\nother = img\nglance_api_servers = http://$glance_host:1', 'http://img:1'],
    ['glance_api_servers = http://$DEFAULT.glance_host:1', 'http://$my_ip:1'],
    ['my_ip = 10.0.0.11\nglance_api_servers = http://$my_ip:9292', 'http://$my_ip:9292'],
    ['glance_api_servers = http://\\$glance_host:$$glance_port', 'http://\\$glance_host:$$glance_port'],
    // merged from several
    ['glance_host = $img\nimg = 10.0.0.11', 'http://10.0.0.12:9292'],
  ])('%j', (lines, wanted) => {
    const { at } = merged('nova', `[DEFAULT]\n${lines}\n`, nova)
    expect(at('glance', 'api_servers')).toBe(wanted)
  })

  test('an option that moved is filled in where its old name was used, with its own references', () => {
    const { at, of } = merged('nova', '[DEFAULT]\nvncserver_listen = $my_ip\n[vnc]\nbase = x.$vncserver_listen\n', nova)
    expect(at('vnc', 'base')).toBe('x.$my_ip')
    expect(of('base')).toMatchObject([{ fate: 'rewritten', reason: expect.stringContaining('vncserver_listen') }])
  })

  test('an unknown reference is shown at the option that contains it', () => {
    const { at, of } = merged('nova', '[DEFAULT]\nlog_dir = $nowhere/log\n[vnc]\nbase = $state_path/$log_dir\n', nova)
    expect(at('DEFAULT', 'log_dir')).toBe('$nowhere/log')
    expect(of('log_dir')).toMatchObject([{ look: true, reason: expect.stringContaining('does not know') }])
    expect(of('base')[0]?.look).toBeUndefined()
  })

  test('no part of a secret is shown', () => {
    const { of } = merged('nova', '[database]\npassword = hun$ter2\n', metadata({ database: 'password' }))
    expect(of('password')).toMatchObject([{ look: true }])
    expect(JSON.stringify(of('password'))).not.toContain('ter2')
  })
})

describe("a service's own name", () => {
  const cinder = metadata({ DEFAULT: 'host my_ip enabled_backends', backend: 'backend_host', matchmaker_redis: 'host' })
  const backend = '[DEFAULT]\nenabled_backends = lvm\n[lvm]\n'

  test.each([
    ['[DEFAULT]\nhost = 10.0.0.11\n', 'DEFAULT', 'host', '10.0.0.11'],
    ['[DEFAULT]\nmy_ip = 10.0.0.11\nhost = $my_ip\n', 'DEFAULT', 'host', '10.0.0.11'],
    [`${backend}backend_host = rbd:10.0.0.11\n`, 'lvm', 'backend_host', 'rbd:10.0.0.11'],
    [`${backend}backend_host = rbd:$host\n`, 'lvm', 'backend_host', 'rbd:old'],
    [`${backend}host = 10.0.0.11\n`, 'lvm', 'host', '10.0.0.11'],
    ['[DEFAULT]\ncoordination_host = 10.0.0.11\n', 'DEFAULT', 'coordination_host', '10.0.0.11'],
    ['[matchmaker_redis]\nhost = 10.0.0.11\n', 'matchmaker_redis', 'host', '10.0.0.12'],
  ])('%j', (source, section, name, wanted) => {
    expect(merged('cinder', source, cinder).at(section, name)).toBe(wanted)
  })

  test('says why another value is written instead of a reference', () => {
    const { of } = merged('cinder', '[DEFAULT]\nmy_ip = 10.0.0.11\nhost = $my_ip\n', cinder)
    expect(of('host')).toMatchObject([{ reason: '[DEFAULT] my_ip inserted: database rows use this name' }])
    const lines = 'glance_host = h\nglance_api_servers = http://$glance_host:1\n'
    expect(merged('nova', `[DEFAULT]\n${lines}`, nova).of('glance_api_servers')[0]?.reason).toContain(
      'glance_host inserted: the target does not read it here',
    )
  })
})

describe('packaged paths under an old name', () => {
  const packaged = '[oslo_concurrency]\nlock_path = /var/lock/packaged\n'

  test.each(['/var/lib/nova/lock', '$state_path/lock'])('[DEFAULT] lock_path = %s', (path) => {
    const { at, of } = merged('nova', `[DEFAULT]\nlock_path = ${path}\n`, nova, { target: packaged })
    expect(at('oslo_concurrency', 'lock_path')).toBe('/var/lock/packaged')
    expect(of('lock_path')).toMatchObject([{ fate: 'dropped', section: 'DEFAULT' }])
  })

  test("without a packaged value the source's is used", () => {
    expect(merged('nova', '[DEFAULT]\nlock_path = /x\n', nova).at('oslo_concurrency', 'lock_path')).toBe('/x')
  })
})

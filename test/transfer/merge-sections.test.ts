import { describe, expect, test } from 'vitest'
import { merged, metadata } from './merging.ts'

const cinder = metadata({
  DEFAULT: 'enabled_backends host',
  backend: 'backend_host',
  backend_defaults: 'volume_driver rbd_pool',
})

describe('options that the generator lists under another section, or nowhere', () => {
  const source = '[DEFAULT]\nenabled_backends = rbd-1\n[rbd-1]\nvolume_driver = x.Y\nbackend_host = hostgroup\n'

  test("a backend's host stays: volumes.host begins with it", () => {
    const { at, of } = merged('cinder', source, cinder)
    expect(at('rbd-1', 'backend_host')).toBe('hostgroup')
    expect(of('backend_host')).toMatchObject([{ fate: 'kept', reason: "the source's value" }])
    expect(of('backend_host')[0]?.look).toBeUndefined()
  })

  test("a driver's option that is on no list is kept, and shown", () => {
    const { at, of } = merged('cinder', `${source}own_driver_option = 10.0.0.11\n`, cinder)
    expect(at('rbd-1', 'own_driver_option')).toBe('10.0.0.12')
    expect(of('own_driver_option')).toMatchObject([{ fate: 'rewritten', look: true }])
  })

  test('a section named by auth_section is a login, whatever its name', () => {
    const login = 'auth_plugin = v2password\nauth_url = http://10.0.0.11:35357/v2.0\npassword = hunter2\n'
    const nova = metadata({ neutron: 'auth_section auth_type' })
    const { at, of } = merged('nova', `[neutron]\nauth_section = nova_neutron\n[nova_neutron]\n${login}`, nova)
    expect(at('nova_neutron', 'auth_type')).toBe('password')
    expect(at('nova_neutron', 'auth_url')).toBe('http://10.0.0.12:5000/v3')
    expect(at('nova_neutron', 'password')).toBe('hunter2')
    expect(of('password')[0]?.look).toBeUndefined()
  })

  test('service providers are read by code and are on no list: every line stays', () => {
    const lines = 'service_provider = VPN:a:b.C:default\nservice_provider = VPN:d:e.F\n'
    const { text, of } = merged('neutron', `[service_providers]\n${lines}`, metadata({ DEFAULT: 'host' }))
    expect(text).toBe(`[service_providers]\n${lines}`)
    expect(of('service_provider')[0]?.look).toBeUndefined()
  })

  test('a keystone method listed in methods is an option of [auth]; others are shown', () => {
    const source = '[auth]\nmethods = password,own\nown = first\nown = plugged\nother = plugged\n'
    const { at, of } = merged('keystone', source, metadata({ auth: 'methods password' }))
    expect([at('auth', 'own'), at('auth', 'other')]).toEqual(['plugged', 'plugged'])
    expect([of('own')[0]?.look, of('other')[0]?.look]).toEqual([undefined, true])
  })

  test('an option known to be gone is not in force', () => {
    const { text, of } = merged('nova', '[DEFAULT]\ncompute_topic = x\n', metadata({ DEFAULT: 'host' }))
    expect(text).not.toMatch(/^compute_topic/m)
    expect(of('compute_topic')).toMatchObject([{ fate: 'unknown', reason: 'removed in pike', look: true }])
  })

  test('an option that is gone from two sections is remembered once for each', () => {
    const source = '[a]\niscsi_port = 1\n[b]\niscsi_port = 2\n'
    const { text } = merged('cinder', source, metadata({ DEFAULT: 'host' }))
    expect(text.match(/iscsi_port = ./g)).toEqual(['iscsi_port = 1', 'iscsi_port = 2'])
  })

  test('another file that oslo.config cannot read is refused by name', () => {
    const siblings = [{ path: 'more.conf', text: 'nonsense\n', later: false }]
    expect(() => merged('nova', '', metadata({ DEFAULT: 'host' }), { siblings })).toThrow(
      expect.objectContaining({ exitCode: 2, where: 'more.conf on the source, line 1' }),
    )
  })

  test('of nothing comes nothing', () => {
    expect(merged('nova', '', metadata({ DEFAULT: 'host' }), { release: 'zed' }).text).toBe('')
  })

  test("the packages' paths stay where the source has none, other values go", () => {
    const target = '[DEFAULT]\ncert = /etc/own.pem\nkind = x\nmixed = /a\nmixed = b\n'
    const { at } = merged('nova', '', metadata({ DEFAULT: 'cert kind mixed' }), { target })
    expect(['cert', 'kind', 'mixed'].map((name) => at('DEFAULT', name))).toEqual(['/etc/own.pem', undefined, undefined])
  })

  test('a packaged file without a last line end gets one', () => {
    const { text } = merged('nova', '[DEFAULT]\ncompute_topic = x\n', metadata({ DEFAULT: 'host' }), {
      release: 'zed',
      target: '[DEFAULT]\n# the end',
    })
    expect(text).toContain('# the end\n\n# swapctl: ')
  })
})

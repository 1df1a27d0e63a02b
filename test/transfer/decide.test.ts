import { describe, expect, test } from 'vitest'
import type { GeneratorOutput } from '../../src/transfer/options.ts'
import { merged, metadata } from './merging.ts'

describe('where an option of the source goes', () => {
  test('[default] is a different section from [DEFAULT], as in oslo.config', () => {
    const { at, of } = merged(
      'nova',
      '[DEFAULT]\ndebug = true\n[default]\ndebug = false\n',
      metadata({ DEFAULT: 'debug' }),
    )
    expect(at('DEFAULT', 'debug')).toBe('true')
    expect(of('debug').map(({ section }) => section)).toEqual(['DEFAULT', 'default'])
  })

  test.each([
    ['federation', 'sso_callback_template', '/etc/keystone/own.html'],
    ['oslo_policy', 'policy_dirs', 'own.d'],
  ])('[%s] %s is copied if the packages do not set it, and stays theirs if they do', (section, name, own) => {
    const known = metadata({ [section]: name })
    const source = `[${section}]\n${name} = ${own}\n`
    expect(merged('keystone', source, known).at(section, name)).toBe(own)
    const target = `[${section}]\n${name} = /packaged\n`
    expect(merged('keystone', source, known, { target }).at(section, name)).toBe('/packaged')
  })

  test('a packaged policy file takes precedence over one of another name', () => {
    const target = '[oslo_policy]\npolicy_file = packaged.yaml\n'
    const known = metadata({ oslo_policy: 'policy_file' })
    const { at, of } = merged('nova', '[oslo_policy]\npolicy_file = own.yaml\n', known, { target })
    expect(at('oslo_policy', 'policy_file')).toBe('packaged.yaml')
    expect(of('policy_file')).toMatchObject([
      { fate: 'dropped', reason: "set by the packages; the target's value is kept" },
    ])
  })

  test('what the packages set alike is kept, and what they set otherwise is theirs', () => {
    const known = metadata({ oslo_concurrency: 'lock_path' })
    const fate = (source: string) => {
      const target = '[oslo_concurrency]\nlock_path = /var/lock.json\n'
      return merged('nova', `[oslo_concurrency]\n${source}`, known, { target }).of('lock_path')
    }
    expect(fate('lock_path = /var/lock.json\n')).toMatchObject([{ fate: 'kept' }])
    expect(fate('lock_path = /tmp\nlock_path = /var/lock.json\n')).toMatchObject([{ fate: 'kept' }])
    expect(fate('lock_path = /own.json\n')).toMatchObject([
      { fate: 'dropped', reason: expect.stringMatching(/^set by the packages/) },
    ])
    expect(fate('lock_path = /own.json\n')[0]?.look).toBeUndefined()
  })

  test('a policy in JSON is to look at', () => {
    const { of } = merged('nova', '[oslo_policy]\npolicy_file = own.json\n', metadata({ oslo_policy: 'policy_file' }))
    expect(of('policy_file')).toMatchObject([{ fate: 'dropped', look: true, reason: expect.stringContaining('JSON') }])
  })

  test('a section in several spellings is one', () => {
    const { of } = merged('nova', '[Own]\na = 1\n[own]\na = 2\n', metadata({ DEFAULT: 'host' }))
    expect(of('a')).toHaveLength(1)
  })

  test('a rule for volume backends is for their sections only', () => {
    const known = metadata({
      DEFAULT: 'enabled_backends',
      backend_defaults: 'target_helper target_port',
      other: 'target_port',
    })
    const source = '[DEFAULT]\nenabled_backends = lvm\n[lvm]\niscsi_port = 3261\n[other]\niscsi_port = 3261\n'
    const { of } = merged('cinder', source, known)
    expect(of('iscsi_port').map(({ reason }) => reason)).toEqual([
      'renamed in queens, gone in stein',
      'its old name was removed in stein',
    ])
  })

  test("a rule for [DEFAULT] is for no backend's section, and a new name that the target does not list is to be looked at", () => {
    const known = { DEFAULT: 'enabled_backends', backend_defaults: 'target_helper' }
    const source = (section: string) => `[DEFAULT]\nenabled_backends = lvm\n[${section}]\nos_region_name = one\n`
    const region = (section: string) =>
      merged('cinder', source(section), metadata({ ...known, nova: 'region_name' })).at('nova', 'region_name')
    expect([region('DEFAULT'), region('lvm')]).toEqual(['one', undefined])
    const reason = expect.stringContaining("the new name is not on the target's option lists")
    const [unlisted] = merged('cinder', source('DEFAULT'), metadata(known)).of('os_region_name')
    expect(unlisted).toMatchObject({ fate: 'renamed', look: true, reason })
  })

  test('in a section that accepts any option the newest name wins, and nothing is appended to it', () => {
    const source = '[keystone_authtoken]\nauth_uri = http://a\nwww_authenticate_uri = http://b\n'
    const { text, of } = merged('nova', source, metadata({ DEFAULT: 'host' }), { release: 'zed' })
    expect(text).toBe('[keystone_authtoken]\nwww_authenticate_uri = http://b\n')
    expect(of('auth_uri')).toMatchObject([{ fate: 'dropped', reason: expect.stringContaining('which wins') }])
  })

  test('a new name that the target does not know is no place for the value', () => {
    const { of } = merged('cinder', '[other]\niscsi_port = 3261\n', metadata({ DEFAULT: 'host' }))
    expect(of('iscsi_port')).toMatchObject([{ fate: 'unknown', reason: 'removed in stein', look: true }])
  })

  test("an option to be removed later is reported, with the authors' reason if there is one", () => {
    const opt = (name: string, deprecated_reason: string | null) => ({
      ...{ name, dest: name, type: 'string value', secret: false, deprecated_for_removal: true, deprecated_reason },
    })
    const known: GeneratorOutput = {
      options: { DEFAULT: { opts: [opt('silent', null), opt('told', 'Nobody uses it.')] } },
      deprecated_options: {},
    }
    const { of } = merged('nova', '[DEFAULT]\nsilent = 1\ntold = 1\n', known)
    expect(of('silent')[0]?.reason).toBe("the source's value; to be removed in a later release.")
    expect(of('told')[0]?.reason).toBe("the source's value; to be removed in a later release. Nobody uses it.")
  })
})

describe('what an old name has become', () => {
  const source = '[DEFAULT]\nuse_forwarded_for = true\n'

  test('is followed through the list of removed options to the name that the target reads', () => {
    const known = metadata({ api: 'proxied' }, { 'api.use_forwarded_for': 'api.proxied' })
    const { at, of } = merged('nova', source, known)
    expect(at('api', 'proxied')).toBe('true')
    expect(of('use_forwarded_for')).toMatchObject([{ fate: 'renamed', reason: 'its old name was removed in 2024.1' }])
  })

  test('is no option of the target: not in force, and shown', () => {
    const { text, of } = merged('nova', source, metadata({ api: 'auth_strategy' }))
    expect(text).not.toMatch(/^use_forwarded_for/m)
    expect(of('use_forwarded_for')).toMatchObject([{ fate: 'unknown', reason: 'removed in 2024.1', look: true }])
  })

  test('is gone for a reason that an operator must look at, or not', () => {
    const { of } = merged(
      'cinder',
      '[DEFAULT]\nvolume_driver = x\nenable_v2_api = true\n',
      metadata({ DEFAULT: 'host' }),
    )
    expect(of('volume_driver')).toMatchObject([{ fate: 'dropped', look: true }])
    expect(of('enable_v2_api')).toMatchObject([{ fate: 'dropped', reason: 'gone in wallaby: v3 is the API' }])
    expect(of('enable_v2_api')[0]?.look).toBeUndefined()
  })
})

describe('several old options that became one login', () => {
  const login = 'auth_type auth_url username password project_name'
  const account = 'admin_username = n\nadmin_auth_url = http://k:35357/v2.0\n'

  test("are those of the rule's section and project", () => {
    const known = metadata({ neutron: login, nova: login, other: login })
    const { at, of } = merged('nova', `[neutron]\n${account}[other]\nadmin_username = own\n`, known)
    expect(at('neutron', 'username')).toBe('n')
    expect(of('admin_username')).toMatchObject([
      { section: 'neutron', fate: 'merged' },
      { section: 'other', fate: 'kept' },
    ])
    const elsewhere = '[DEFAULT]\nnova_admin_username = n\nnova_admin_auth_url = http://k:35357/v2.0\n'
    expect(merged('neutron', elsewhere, known).at('nova', 'username')).toBe('n')
    expect(merged('cinder', elsewhere, known).at('nova', 'username')).toBeUndefined()
  })

  test('are dropped if the new one was already in force', () => {
    const known = metadata({ neutron: login })
    const { at, of } = merged('nova', `[neutron]\nauth_type = v3token\n${account}`, known)
    expect(at('neutron', 'username')).toBeUndefined()
    expect(of('admin_username')).toMatchObject([
      { fate: 'dropped', reason: 'the source sets [neutron] auth_type, which took precedence' },
    ])
  })
})

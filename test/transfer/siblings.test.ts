import { describe, expect, test } from 'vitest'
import { get, parse } from '../../src/transfer/oslo-conf.ts'
import { translate } from '../../src/transfer/translate.ts'

/** What the target reads of several files in their order, each file alone, and the decisions on all. */
const together = (project: string, ...texts: readonly string[]) => {
  const files = texts.map((text, at) => ({ path: at === 0 ? 'main.conf' : `drop-in-${at}.conf`, text }))
  const translated = translate({ project, from: 'mitaka', to: 'epoxy', files })
  const all = translated.map(({ text }) => parse(text))
  return {
    at: (section: string, name: string) => get({ parts: all.flatMap(({ parts }) => parts) }, section, name),
    each: (section: string, name: string) => all.map((file) => get(file, section, name)),
    of: (name: string) => translated.flatMap(({ decisions }) => decisions).filter(({ option }) => option === name),
  }
}

describe('the broker', () => {
  const account = '[DEFAULT]\nrabbit_password = Pw-of-rabbit\nrabbit_userid = nova\n'

  test('parts in two files are put together in the last one', () => {
    const { each, of } = together('nova', '[DEFAULT]\nrabbit_host = 10.0.0.11\n', account)
    expect(each('DEFAULT', 'transport_url')).toEqual([undefined, 'rabbit://nova:Pw-of-rabbit@10.0.0.11:5672/'])
    expect(of('rabbit_host')).toMatchObject([{ look: true, reason: expect.stringContaining('drop-in-1.conf') }])
    expect(of('rabbit_password')).toMatchObject([{ look: true, reason: expect.stringContaining('main.conf') }])
  })

  test('so are parts before and after a file that has none', () => {
    const files = [account, '[DEFAULT]\ndebug = true\n', '[oslo_messaging_rabbit]\nrabbit_host = 10.0.0.11\n']
    expect(together('nova', ...files).each('DEFAULT', 'transport_url')).toEqual([
      undefined,
      undefined,
      'rabbit://nova:Pw-of-rabbit@10.0.0.11:5672/',
    ])
  })

  test("a file with a current option of a part's name has no part", () => {
    const files = ['[DEFAULT]\nglance_host = g\n', '[DEFAULT]\nglance_port = 1\n', '[DEFAULT]\nhost = me\n']
    const { each, of } = together('nova', ...files)
    expect(each('glance', 'api_servers')).toEqual([undefined, 'http://g:1', undefined])
    expect(of('glance_host')[0]?.reason).toContain('drop-in-1.conf')
  })

  test('a later value overrides that of a complete file', () => {
    const complete = `${account}rabbit_host = 10.0.0.11\n`
    const { at } = together('nova', complete, '[DEFAULT]\nrabbit_password = Pw-of-later\n')
    expect(at('DEFAULT', 'transport_url')).toBe('rabbit://nova:Pw-of-later@10.0.0.11:5672/')
  })

  test.each(['DEFAULT', 'oslo_messaging_rabbit'])('a URL in another file wins over old names in [%s]', (section) => {
    const url = '[DEFAULT]\ntransport_url = rabbit://nova:x@10.0.0.11:5672/\n'
    const old = `[${section}]\nrabbit_password = Pw-of-rabbit\n`
    for (const files of [
      [url, old],
      [old, url],
    ]) {
      const { each, of } = together('nova', ...files)
      expect(each('DEFAULT', 'transport_url').filter(Boolean)).toEqual(['rabbit://nova:x@10.0.0.11:5672/'])
      const path = files[0] === url ? 'main.conf' : 'drop-in-1.conf'
      expect(of('rabbit_password')).toMatchObject([
        { fate: 'dropped', look: true, reason: expect.stringContaining(path) },
      ])
    }
  })
})

test('a left over name of a login invents no other login', () => {
  const login = '[keystone_authtoken]\nauth_type = password\nauth_url = https://10.0.0.11:5000/v3\nusername = nova\n'
  const { each, of } = together('nova', login, '[keystone_authtoken]\nadmin_password = Pw-of-admin\n')
  expect(each('keystone_authtoken', 'auth_url')).toEqual(['https://10.0.0.11:5000/v3', undefined])
  expect(each('keystone_authtoken', 'auth_type')).toEqual(['password', undefined])
  expect(each('keystone_authtoken', 'password')).toEqual([undefined, undefined])
  expect(of('admin_password')).toMatchObject([
    { fate: 'dropped', look: true, from: '***', reason: expect.stringContaining('main.conf') },
  ])
})

test('a domain that another file names is not replaced by Default', () => {
  const own = '[neutron]\nuser_domain_name = Own\nproject_domain_name = Own\n'
  const login = '[neutron]\nauth_type = password\nusername = neutron\nproject_name = service\n'
  expect(together('nova', own, login).each('neutron', 'user_domain_name')).toEqual(['Own', undefined])
})

describe('an option that a release needs', () => {
  const api = '[api_database]\nconnection = mysql+pymysql://nova:x@10.0.0.11/own_api\n'
  const main = '[database]\nconnection = mysql+pymysql://nova:x@10.0.0.11/nova\n'

  test('is not added when another file has it', () => {
    for (const files of [
      [api, main],
      [main, api],
    ])
      expect(
        together('nova', ...files)
          .each('api_database', 'connection')
          .filter(Boolean),
      ).toHaveLength(1)
    expect(together('nova', '', main).at('api_database', 'connection')).toContain('/nova_api')
  })

  test('is written in the first file when it depends on no other, and overrides no other file', () => {
    expect(together('cinder', '', '').each('keystone_authtoken', 'service_token_roles')).toEqual([
      'service,admin',
      undefined,
    ])
    const set = '[service_user]\nsend_service_user_token = false\n'
    const login = '[keystone_authtoken]\nauth_type = password\n'
    const each = together('nova', set, login).each('service_user', 'send_service_user_token')
    expect(each).toEqual(['false', undefined])
    expect(together('nova', '', login).at('service_user', 'auth_type')).toBe('password')
    const own = together('nova', '[service_user]\nusername = own\n', `${login}username = nova\n`)
    expect(own.each('service_user', 'username')).toEqual(['own', undefined])
  })
})

describe('a reference', () => {
  const servers = '[DEFAULT]\nglance_api_servers = $glance_host:9292\n'
  const host = '[DEFAULT]\nglance_host = 10.0.0.11\n'

  test.each(['nova', 'cinder'])('of %s is filled in from another file', (project) => {
    for (const files of [
      [host, servers],
      [servers, host],
    ]) {
      const { at, of } = together(project, ...files)
      const value = at('glance', 'api_servers') ?? at('DEFAULT', 'glance_api_servers')
      expect(value).toBe('http://10.0.0.11:9292')
      const path = files[0] === host ? 'main.conf' : 'drop-in-1.conf'
      expect(of('glance_api_servers')[0]?.reason).toContain(`[DEFAULT] glance_host of ${path}`)
    }
  })

  test('has the last value of all files', () => {
    const { at } = together(
      'cinder',
      `${host}glance_api_servers = $glance_host:9292\n`,
      '[DEFAULT]\nglance_host = last\n',
    )
    expect(at('DEFAULT', 'glance_api_servers')).toBe('http://last:9292')
  })
})

test('a backend may be defined in another file than the list that names it', () => {
  const list = '[DEFAULT]\nenabled_backends = fast\n'
  const { of } = together('cinder', list, '[fast]\nvolume_backend_name = fast\n')
  expect(of('volume_backend_name')).toMatchObject([{ fate: 'kept', reason: "the source's value" }])
})

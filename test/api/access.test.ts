import { expect, test } from 'vitest'
import { accessOf, optionsOf } from '../../src/api/access.ts'

const admin = {
  OS_AUTH_URL: 'https://c:5000/v3/',
  OS_USERNAME: 'admin',
  OS_PASSWORD: 's3cret',
  OS_PROJECT_NAME: 'admin',
}
const without = (...names: readonly string[]) =>
  Object.fromEntries(Object.entries(admin).filter(([name]) => !names.includes(name)))
const access = (env: Readonly<Record<string, string>>) => accessOf(optionsOf(env), {}, 'source: /root/openrc')
const auth = (env: Readonly<Record<string, string>>) => (access(env).login as { auth: Record<string, unknown> }).auth

test('a password login uses the default domain of openstackclient when none is named', () => {
  expect(access(admin)).toEqual({
    identity: 'https://c:5000',
    interfaces: ['public'],
    tls: {},
    login: {
      auth: {
        identity: {
          methods: ['password'],
          password: { user: { name: 'admin', password: 's3cret', domain: { id: 'default' } } },
        },
        scope: { project: { name: 'admin', domain: { id: 'default' } } },
      },
    },
  })
})

test.each([
  [{ OS_USER_DOMAIN_ID: 'u1', OS_USER_DOMAIN_NAME: 'U' }, { id: 'u1' }],
  [{ OS_USER_DOMAIN_NAME: 'U' }, { name: 'U' }],
  [{ OS_DEFAULT_DOMAIN: 'd' }, { id: 'd' }],
  [{ OS_DEFAULT_DOMAIN_NAME: 'D' }, { name: 'D' }],
])('the domain of the user: %j', (more, domain) => {
  expect(auth({ ...admin, ...more })).toMatchObject({ identity: { password: { user: { domain } } } })
})

test.each([
  [{ OS_PROJECT_ID: 'p1' }, { project: { id: 'p1' } }],
  [{ OS_TENANT_ID: 'p1' }, { project: { id: 'p1' } }],
  [{ OS_TENANT_NAME: 'p', OS_PROJECT_DOMAIN_ID: 'd' }, { project: { name: 'p', domain: { id: 'd' } } }],
  [{ OS_PROJECT_NAME: 'p', OS_TENANT_NAME: 'old' }, { project: { name: 'p' } }],
  [{ OS_PROJECT_NAME: 'p', OS_PROJECT_DOMAIN_NAME: 'D' }, { project: { name: 'p', domain: { name: 'D' } } }],
  [{ OS_DOMAIN_ID: 'd' }, { domain: { id: 'd' } }],
  [{ OS_DOMAIN_NAME: 'D' }, { domain: { name: 'D' } }],
  [{ OS_SYSTEM_SCOPE: 'all' }, { system: { all: true } }],
])('the scope of %j', (more, scope) => {
  expect(auth({ ...without('OS_PROJECT_NAME'), ...more })).toMatchObject({ scope })
})

test('a user given by id has no domain; application credentials bring their scope', () => {
  expect(auth({ ...without('OS_USERNAME'), OS_USER_ID: 'u' })).toMatchObject({
    identity: { password: { user: { id: 'u', password: 's3cret' } } },
  })
  const by = { OS_AUTH_URL: 'http://c:5000', OS_APPLICATION_CREDENTIAL_SECRET: 's' }
  const type = { OS_AUTH_TYPE: 'v3applicationcredential' }
  expect(auth({ ...by, ...type, OS_APPLICATION_CREDENTIAL_ID: 'a' })).toEqual({
    identity: { methods: ['application_credential'], application_credential: { id: 'a', secret: 's' } },
  })
  expect(auth({ ...by, ...type, OS_APPLICATION_CREDENTIAL_NAME: 'n', OS_USERNAME: 'u' })).toMatchObject({
    identity: { application_credential: { name: 'n', user: { name: 'u', domain: { id: 'default' } } } },
  })
  expect(auth({ ...by, OS_APPLICATION_CREDENTIAL_ID: 'a' })).toMatchObject({
    identity: { methods: ['application_credential'] },
  })
})

test('region, interface and TLS', () => {
  const more = { OS_REGION_NAME: 'RegionTwo', OS_ENDPOINT_TYPE: 'internalURL', OS_INSECURE: 'True' }
  expect(access({ ...admin, ...more })).toMatchObject({
    region: 'RegionTwo',
    interfaces: ['internal'],
    tls: { insecure: true },
  })
  expect(access({ ...admin, ...more, OS_INTERFACE: 'admin' }).interfaces).toEqual(['admin'])
  expect(access({ ...admin, OS_INSECURE: 'false', OS_REGION_NAME: '' })).toMatchObject({ tls: {} })
})

test.each([
  [{ ...admin, OS_AUTH_TYPE: 'v3token', OS_TOKEN: 't' }, /OS_AUTH_TYPE v3token: a token expires/],
  [{ OS_AUTH_URL: 'http://c', OS_TOKEN: 't' }, /OS_TOKEN: a token expires/],
  [{ ...admin, OS_AUTH_TYPE: 'v3oidcpassword' }, /OS_AUTH_TYPE v3oidcpassword: swapctl cannot log in with it/],
  [{ ...admin, OS_SYSTEM_SCOPE: 'all' }, /several scopes.*: project, system_scope/],
  [{ ...without('OS_PROJECT_NAME'), OS_TRUST_ID: 't' }, /OS_TRUST_ID/],
  [{ ...admin, OS_INTERFACE: 'outside' }, /OS_INTERFACE 'outside'/],
  [{ ...admin, OS_NETWORK_ENDPOINT_OVERRIDE: 'http://n' }, /OS_NETWORK_ENDPOINT_OVERRIDE/],
  [without('OS_AUTH_URL'), /OS_AUTH_URL is missing/],
  [without('OS_USERNAME'), /OS_USERNAME or OS_USER_ID is missing/],
  [without('OS_PASSWORD'), /OS_PASSWORD is missing/],
  [without('OS_PROJECT_NAME'), /OS_PROJECT_NAME or OS_PROJECT_ID is missing/],
  [{ ...admin, OS_AUTH_URL: 'c:5000' }, /OS_AUTH_URL is not an http/],
])('refused by name, without a value: %#', (env, message) => {
  let said: unknown
  try {
    access(env)
  } catch (error) {
    said = error
  }
  expect(said).toMatchObject({ exitCode: 2, where: 'source: /root/openrc', message: expect.stringMatching(message) })
  expect(`${said} ${(said as { next: string }).next}`).not.toContain('s3cret')
})

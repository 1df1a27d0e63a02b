import fc from 'fast-check'
import { afterEach, expect, test } from 'vitest'
import { hidden } from '../src/text/hidden.ts'
import { redact } from '../src/text/redact.ts'
import {
  forgetSecrets,
  registerLogin,
  registerSecret,
  registerSettings,
  registerUrls,
  spellings,
} from '../src/text/secrets.ts'

afterEach(forgetSecrets)

/** Secrets as people and generators create them: with quotes, backslashes, percent signs, other scripts. */
const secret = fc
  .string({ unit: fc.constantFrom(...'abXY19\'"\\%@:/?#&+ $`{}é日=;,!-_.~*()<>|'), minLength: 8, maxLength: 40 })
  .filter((text) => text.trim() === text && text.trim().length >= 8 && !/^[a-z._-]*$/.test(text))
const around = fc.string({ unit: fc.constantFrom(...'ab \n=:\'"/@,'), maxLength: 30 })

test('no spelling of a registered secret survives, wherever it occurs', () => {
  fc.assert(
    fc.property(secret, around, around, (value, before, after) => {
      forgetSecrets()
      registerSecret(value)
      for (const written of spellings(value)) expect(redact(before + written + after)).not.toContain(written)
    }),
  )
})

test('each of several secrets is hidden, even if one contains another or they touch', () => {
  fc.assert(
    fc.property(
      fc.array(secret, { minLength: 1, maxLength: 4 }),
      fc.array(fc.nat(3), { maxLength: 8 }),
      (all, order) => {
        forgetSecrets()
        const nested = [...all, `${all[0]}${all.at(-1)}`]
        nested.forEach(registerSecret)
        const text = order.map((index) => nested[index % nested.length]).join('')
        const result = redact(text)
        for (const value of nested) expect(result.replaceAll(hidden, '\u0000')).not.toContain(value)
      },
    ),
  )
})

test('redacted text stays as it is', () => {
  fc.assert(
    fc.property(secret, fc.array(around, { minLength: 1, maxLength: 5 }), (value, parts) => {
      forgetSecrets()
      registerSecret(value)
      const once = redact(parts.join(value))
      expect(redact(once)).toBe(once)
    }),
  )
})

test('a text without secrets is unchanged', () => {
  const plain = fc.array(fc.constantFrom('nova', '10.20.0.10', 'moves', '118', 'tables', 'to', '(eth0)', '/etc/nova\n'))
  fc.assert(
    fc.property(secret, plain, (value, words) => {
      forgetSecrets()
      registerSecret(value)
      const text = words.join(' ')
      fc.pre(!spellings(value).some((written) => text.includes(written)))
      expect(redact(text)).toBe(text)
    }),
  )
})

test('the header of a basic login is hidden once user and password are registered', () => {
  registerLogin('admin', 'hun ter:2')
  const header = Buffer.from('admin:hun ter:2').toString('base64')
  expect(redact(`sent ${header} once`)).toBe(`sent ${hidden} once`)
})

test('passwords are learned from URLs and settings, and then hidden everywhere', () => {
  registerUrls('transport_url = rabbit://nova:Hunter-2%40x@10.0.0.4:5672,nova:Hunter-3y@10.0.0.5:5672//')
  registerSettings(
    '[keystone_authtoken]\npassword = Hunter-4z\n[auth]\npassword = password\ntoken = keystone.auth.Token\n',
  )
  for (const value of ['Hunter-2@x', 'Hunter-2%40x', 'Hunter-3y', 'Hunter-4z'])
    expect(redact(`said ${value} there`)).toBe(`said ${hidden} there`)
  expect(redact('methods of keystone.auth.Token and password')).toBe('methods of keystone.auth.Token and password')
})

test('a password in a URL of the settings may contain quotes, blanks and commas', () => {
  registerSettings(`[DEFAULT]
transport_url = rabbit://nova:hun ter's,Two@10.0.0.4:5672,nova:Three"Q,u x@10.0.0.5:5672//
`)
  for (const value of [`hun ter's,Two`, `Three"Q,u x`])
    expect(redact(`said ${value} there`)).toBe(`said ${hidden} there`)
  expect(redact('from 10.0.0.4:5672 as nova')).toBe('from 10.0.0.4:5672 as nova')
})

test('an @ in the path of a URL with a port teaches no password', () => {
  registerUrls('http://10.0.0.1:8774/v2?x=a@b.c http://h:8775/v3?x=a@b')
  expect(redact('GET 8774/v2?x=a and 8775/v3?x=a')).toBe('GET 8774/v2?x=a and 8775/v3?x=a')
})

test('passwords are learned from settings whose names have dots', () => {
  registerSettings('node.session.auth.password = Hunter-5z\n')
  expect(redact('said Hunter-5z there')).toBe(`said ${hidden} there`)
})

/** As Python writes it: quote(x, safe=''), quote(x), quote_plus(x), json.dumps(x), b64encode(x). */
test('a secret is known in every spelling', () => {
  expect(spellings('p\'q"r\\s$t`u %/é+(1)')).toEqual([
    'p\'q"r\\s$t`u %/é+(1)',
    "p'q%22r%5Cs%24t%60u%20%25%2F%C3%A9%2B(1)",
    'p%27q%22r%5Cs%24t%60u%20%25%2F%C3%A9%2B%281%29',
    'p%27q%22r%5Cs%24t%60u%20%25/%C3%A9%2B%281%29',
    'p%27q%22r%5Cs%24t%60u+%25%2F%C3%A9%2B%281%29',
    'p%27q%22r%5cs%24t%60u%20%25%2f%c3%a9%2b%281%29',
    'p\'q\\"r\\\\s$t`u %/é+(1)',
    'p\'q\\"r\\\\s$t`u %/\\u00e9+(1)',
    'p\'q\\\\\\"r\\\\\\\\s$t`u %/é+(1)',
    "p'\\''q\"r\\s$t`u %/é+(1)",
    'p\'"\'"\'q"r\\s$t`u %/é+(1)',
    'p\'q\\"r\\\\s\\$t\\`u %/é+(1)',
    "p''q\"r\\s$t`u %/é+(1)",
    'p\\\'q"r\\\\s$t`u %/é+(1)',
    'cCdxInJccyR0YHUgJS/DqSsoMSk=',
    'cCdxInJccyR0YHUgJS/DqSsoMSk',
  ])
  expect(spellings('abc*12')).toContain('abc%2A12')
  expect(spellings('a=b=c+1').slice(-2)).toEqual(['YT1iPWMrMQ==', 'YT1iPWMrMQ'])
})

test.each([
  ['abc12', false],
  ['abc123', true],
  ['  ab1  ', false],
  ['one-word.of_it', false],
  ['x'.repeat(15), false],
  ['x'.repeat(16), true],
  // a part of the placeholder
  ['REDACTED', false],
])('%j is registered: %s', (value, registered) => {
  registerSecret(value)
  expect(redact(`x ${value} y`)).toBe(registered ? `x ${hidden} y` : `x ${value} y`)
  forgetSecrets()
  expect(redact(`x ${value} y`)).toBe(`x ${value} y`)
})

test('the longest of several secrets is hidden first, whichever came first', () => {
  registerSecret(undefined)
  registerSecret('Hunter-1')
  registerSecret('Hunter-1-longer')
  expect(redact('said Hunter-1-longer there')).toBe(`said ${hidden} there`)
})

test('a login with a plain word is not learned', () => {
  registerLogin('admin', 'pass')
  const header = Buffer.from('admin:pass').toString('base64')
  expect(redact(`sent ${header} once`)).toBe(`sent ${header} once`)
})

test.each([
  ['rabbit://nova:Hunter%zz2@h/', 'Hunter%zz2'],
  // one of the first, and one of the last of many
  [`rabbit://${'x:1,'.repeat(15)}nova:Hunter-15${',x'.repeat(24)}@h/`, `Hunter-15${',x'.repeat(24)}`],
  [`rabbit://${'x:1,'.repeat(24)}nova:Hunter-24${',x'.repeat(15)}@h/`, `Hunter-24${',x'.repeat(15)}`],
])('learned from the URL %s', (url, password) => {
  registerUrls(url)
  expect(redact(`said ${password} there`)).toBe(`said ${hidden} there`)
})

test.each([
  ['rabbit://nova:Hunter-7@10.0.0.4:5672/vhost-Name1', '5672/vhost-Name1'],
  ['rabbit://a/b:Hunter-8@h', 'Hunter-8'],
  ['mail:Hunter-77@example.com', 'Hunter-77'],
])('%s does not teach %s', (url, text) => {
  registerUrls(url)
  expect(redact(`said ${text} there`)).toBe(`said ${text} there`)
})

test.each([
  ['password=Hunter-4', 'Hunter-4'],
  ['password = Hunter-4  ', 'Hunter-4'],
  ['token = a+keystone.Token1', 'a+keystone.Token1'],
  ['token = keystone.Token-1!', 'keystone.Token-1!'],
])('learned from the setting %j', (line, value) => {
  registerSettings(`${line}\n`)
  expect(redact(`said ${value} there`)).toBe(`said ${hidden} there`)
})

test('prose with a sign in it is no setting', () => {
  registerSettings('say password = Hunter-4\n')
  expect(redact('said Hunter-4 there')).toBe('said Hunter-4 there')
})

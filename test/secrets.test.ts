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

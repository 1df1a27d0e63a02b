import { describe, expect, test } from 'vitest'
import { isObserved, keyfileHas, withKeyfile, withoutKeyfile } from '../../src/cutover/keepers/keyfile.ts'

const profile = `[connection]
id=eth0
type=ethernet
interface-name=eth0

[ipv4]
# kept by hand
address1=10.20.0.11/24,10.20.0.1
address2=10.20.0.10/24
address7=10.20.0.12/24
method=manual

[ipv6]
method=auto
`
const edited = (edit: object): string => ('text' in edit ? String(edit.text) : expect.fail(JSON.stringify(edit)))
const why = (edit: object): string => ('refused' in edit ? String(edit.refused) : expect.fail('was edited'))

describe('a profile of NetworkManager', () => {
  test('loses the line of an address and nothing else', () => {
    expect(edited(withoutKeyfile(profile, '10.20.0.10'))).toBe(profile.replace('address2=10.20.0.10/24\n', ''))
    expect(edited(withoutKeyfile(profile, '10.20.0.1'.replace('.1', '.9')))).toBe(profile)
    expect(keyfileHas(profile, '10.20.0.10')).toBe(true)
    expect(keyfileHas(profile, '10.20.0.13')).toBe(false)
  })

  test.each([
    ['the gateway hangs on it', '10.20.0.11', profile, /contains more than the address/],
    ['it is the only one', '10.20.0.10', '[ipv4]\naddress1=10.20.0.10/24\nmethod=manual\n', /only address/],
    [
      'a route is sent from it',
      '10.20.0.10',
      `${profile}\n[ipv4]\nroute1=10.8.0.0/16,10.20.0.1\nroute1_options=mtu=1400,src=10.20.0.10\n`,
      /cannot remove/,
    ],
    ['it is the gateway', '10.20.0.1', profile, /cannot remove/],
    [
      'another line sets the same key',
      '10.20.0.10',
      profile.replace('address7=', 'address2='),
      /^line 10 also sets address2: remove the one/,
    ],
    [
      'several stand in one line',
      '10.20.0.10',
      '[ipv4]\naddresses1=10.20.0.10;24;0.0.0.0;\nmethod=auto\n',
      /more than/,
    ],
  ])('is refused when %s', (_what, address, text, reason) => {
    expect(why(withoutKeyfile(text, address))).toMatch(reason)
  })

  test('gets an address after the others, under the next free number', () => {
    const wanted = profile.replace('address7=10.20.0.12/24\n', 'address7=10.20.0.12/24\naddress8=10.20.0.99/24\n')
    expect(edited(withKeyfile(profile, 'eth0', '10.20.0.99/24'))).toBe(wanted)
    expect(edited(withKeyfile(profile, 'eth0', 'fd00::10/64'))).toBe(`${profile}address1=fd00::10/64\n`)
    expect(edited(withKeyfile('[ipv4]\nmethod=auto', 'eth0', '10.0.0.1/8'))).toBe(
      '[ipv4]\nmethod=auto\naddress1=10.0.0.1/8\n',
    )
  })

  test.each([
    ['[.nmmeta]\nnm-generated=true\nvolatile=true\n', true],
    ['[.nmmeta]\nnm-generated=false\n', false],
    ['[user]\nnm-generated=true\n', false],
  ])('is only an observation: %j', (more, wanted) => expect(isObserved(`${profile}${more}`)).toBe(wanted))

  test.each([
    ['[ipv4]\nmethod=disabled\n', /ipv4 disabled/],
    ['[connection]\nid=eth0\n', /without a method/],
    ['[ipv4]\nmethod=manual\naddresses1=10.0.0.1;8;0.0.0.0;\n', /old form/],
  ])('is refused an address in %j', (text, reason) => {
    expect(why(withKeyfile(text, 'eth0', '10.20.0.10/24'))).toMatch(reason)
  })
})

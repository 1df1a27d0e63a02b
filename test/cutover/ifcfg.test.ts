import { describe, expect, test } from 'vitest'
import { ifcfgConfigures, ifcfgHas, withIfcfg, withoutIfcfg } from '../../src/cutover/keepers/ifcfg.ts'

const file = `# kept by hand
DEVICE="eth0"
ONBOOT=yes
IPADDR=10.20.0.11
PREFIX=24
GATEWAY=10.20.0.1
IPADDR1=10.20.0.12
NETMASK1=255.255.255.0
IPADDR2="10.20.0.10"
PREFIX2=24
IPADDR3=10.20.0.13
PREFIX3=24
IPV6ADDR=fd00::11/64
IPV6ADDR_SECONDARIES="fd00::10/64 fd00::12/64"
`
const edited = (edit: object): string => ('text' in edit ? String(edit.text) : expect.fail(JSON.stringify(edit)))
const why = (edit: object): string => ('refused' in edit ? String(edit.refused) : expect.fail('was edited'))

describe('an ifcfg file', () => {
  test.each([
    [
      'a number, and the later ones close up',
      '10.20.0.10',
      file
        .replace('IPADDR2="10.20.0.10"\nPREFIX2=24\n', '')
        .replace('IPADDR3=', 'IPADDR2=')
        .replace('PREFIX3=', 'PREFIX2='),
    ],
    [
      'a number below two, where a gap is no end',
      '10.20.0.12',
      file.replace('IPADDR1=10.20.0.12\nNETMASK1=255.255.255.0\n', ''),
    ],
    ['a secondary IPv6 address', 'fd00::10', file.replace('"fd00::10/64 fd00::12/64"', '"fd00::12/64"')],
    ['nothing for a look-alike', '10.20.0.1'.concat('00'), file],
  ])('loses %s', (_what, address, wanted) => {
    expect(edited(withoutIfcfg(file, address))).toBe(wanted)
    expect(ifcfgHas(file, address)).toBe(wanted !== file)
  })

  test.each([
    ['the gateway hangs on it', '10.20.0.11', file, /gateway/],
    ['it is the first', '10.20.0.11', file.replace('GATEWAY=10.20.0.1\n', ''), /first address/],
    ['it is the only one', '10.20.0.11', 'DEVICE=eth0\nIPADDR=10.20.0.11\n', /only address/],
    [
      'it is an alias of its own',
      '10.20.0.11',
      'DEVICE=eth0:1\nIPADDR=10.20.0.11\n',
      /only configures the alias eth0:1/,
    ],
    ['it is the gateway', '10.20.0.1', file, /cannot remove/],
    ['it is the first of IPv6', 'fd00::11', file, /cannot remove/],
  ])('is refused when %s', (_what, address, text, reason) => {
    expect(why(withoutIfcfg(text, address))).toMatch(reason)
  })

  test.each([
    ['IPV6ADDR_SECONDARIES="fd00::12/64 \\\nfd00::10/64"\n', 14],
    ['IPV6ADDR_SECONDARIES=\\\n"fd00::10/64"\n', 14],
    ["IPV6ADDR_SECONDARIES='fd00::12/64\nfd00::10/64'\n", 14],
    ['# it\'s "by hand\nIPV6ADDR_SECONDARIES="fd00::10/64 # " #"\nX="\nfd00::10"', 16],
  ])('is refused for a value over several lines: %j', (more, line) => {
    const text = file.replace(/IPV6ADDR_SEC.*\n/, '').concat(more)
    const refused = `the value in line ${line} continues on the next line: write it on one line`
    expect(ifcfgHas(text, 'fd00::10')).toBe(true)
    expect(withoutIfcfg(text, 'fd00::10')).toEqual({ refused })
    expect(withIfcfg(text, 'eth0', '10.20.0.99/24')).toEqual({ refused })
    expect(withIfcfg(text, 'eth0', 'fd00::99/64')).toEqual({ refused })
  })

  test.each([
    ['IPADDR2=10.20.0.14\n', 'IPADDR2'],
    ['IPADDR2=10.20.0.10\n', 'IPADDR2'],
    ['IPADDR1=10.20.0.14\n', 'IPADDR1'],
    ['IPV6ADDR_SECONDARIES="fd00::13/64"\n', 'IPV6ADDR_SECONDARIES'],
  ])('is refused when a line sets an address again: %j', (more, key) => {
    const refused = `line 15 sets ${key} again: remove the one that must not apply`
    expect(withoutIfcfg(`${file}${more}`, '10.20.0.10')).toEqual({ refused })
    expect(withIfcfg(`${file}${more}`, 'eth0', 'fd00::99/64')).toEqual({ refused })
  })

  test('is refused for an address beside another command', () => {
    const text = `${file}IPADDR4=10.20.0.14;PREFIX4=24\n`
    expect(ifcfgHas(text, '10.20.0.14')).toBe(true)
    expect(why(withoutIfcfg(text, '10.20.0.14'))).toMatch(/cannot remove/)
  })

  test('gets an address under the next number, and IPv6 as a secondary one', () => {
    expect(ifcfgConfigures(file, 'eth0')).toBe(true)
    expect(ifcfgConfigures(file, 'eth1')).toBe(false)
    expect(edited(withIfcfg(file, 'eth0', '10.20.0.99/24'))).toBe(`${file}IPADDR4=10.20.0.99\nPREFIX4=24\n`)
    expect(edited(withIfcfg(file, 'eth0', 'fd00::99/64'))).toBe(
      file.replace('fd00::12/64"', 'fd00::12/64 fd00::99/64"'),
    )
    expect(edited(withIfcfg('IPADDR=10.0.0.1\nIPV6ADDR=fd00::1/64', 'eth0', 'fd00::2/64'))).toBe(
      'IPADDR=10.0.0.1\nIPV6ADDR=fd00::1/64\nIPV6ADDR_SECONDARIES="fd00::2/64"\n',
    )
    expect(why(withIfcfg('BOOTPROTO=dhcp\n', 'eth0', '10.0.0.1/8'))).toMatch(/no address/)
    expect(why(withIfcfg('IPADDR=10.0.0.1\n', 'eth0', 'fd00::2/64'))).toMatch(/no IPv6/)
  })
})

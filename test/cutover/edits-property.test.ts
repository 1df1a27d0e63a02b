import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { editFiles } from '../../src/cutover/keepers/edits.ts'
import { prefixOfMask } from '../../src/cutover/keepers/given.ts'
import { withIfcfg, withoutIfcfg } from '../../src/cutover/keepers/ifcfg.ts'
import { type Edit, ifupdownGives, withIfupdown, withoutIfupdown } from '../../src/cutover/keepers/ifupdown.ts'
import { withKeyfile, withoutKeyfile } from '../../src/cutover/keepers/keyfile.ts'
import { withNetplan, withoutNetplan } from '../../src/cutover/keepers/netplan.ts'
import { withNetworkd, withoutNetworkd } from '../../src/cutover/keepers/networkd.ts'

const text = (edit: Edit): string => ('text' in edit ? edit.text : expect.fail(edit.refused))
const [moving, added] = ['10.20.0.10', '10.20.0.10/24']

const place = { name: 'api', address: moving, prefix: 24, sourceInterface: 'eth0', targetInterface: 'eth0' }

/** Addresses other than the moving one, including similar ones. */
const own = fc.uniqueArray(
  fc.oneof(
    fc.constantFrom('10.20.0.1', '10.20.0.100', '110.20.0.10'),
    fc.integer({ min: 2, max: 250 }).map((last) => `10.30.0.${last}`),
  ),
  { minLength: 1, maxLength: 4 },
)
/** Comments and blank lines, which must stay where they are. */
const noise = fc.constantFrom('', '# 10.20.0.10/24\n', '\n', '# managed by hand\n\n')

interface Form {
  readonly name: string
  readonly file: fc.Arbitrary<string>
  readonly with: (file: string) => Edit
  readonly without: (file: string) => Edit
  /** what an addition leaves behind after its removal */
  readonly left?: (file: string) => string
}

const joined = (parts: readonly string[], between: readonly string[]): string =>
  parts.map((part, index) => `${part}${between[index] ?? ''}`).join('')
const noises = fc.array(noise, { minLength: 6, maxLength: 6 })

const netplanFile = fc
  .record({
    addresses: own,
    flow: fc.constantFrom('block', 'flow', 'lines'),
    indent: fc.constantFrom('      ', '        ', '            '),
    between: noises,
    options: fc.constantFrom('', '          label: "eth0:x"\n          lifetime: 0\n'),
    before: fc.boolean(),
  })
  .map(({ addresses, flow, indent, between, options, before }) => {
    const items = addresses.map((it) => `${it}/24`)
    const list =
      flow === 'block'
        ? `\n${joined(
            items.map((it, index) =>
              index === 0 && options
                ? `${indent}- ${it}:\n${options.replaceAll('          ', `${indent}    `)}`
                : `${indent}- "${it}" # own\n`,
            ),
            between,
          )}`
        : ` [${items.join(flow === 'flow' ? ', ' : `,\n${indent}  `)}] # list\n`
    const device = `    eth0:\n      mtu: 1500\n      addresses:${list}      dhcp4: no\n`
    const other = `    eth1: {addresses: [10.40.0.1/24]}\n`
    return `network:\n  version: 2\n  ethernets:\n${before ? `${other}${device}` : `${device}${other}`}${between[5]}`
  })

/** The ways to write an address of a /24 in a stanza. */
const written = fc.constantFrom<(address: string) => string>(
  (it) => `address ${it}/24\n`,
  (it) => `address ${it}/255.255.255.0\n`,
  (it) => `address ${it}\n\tnetmask 255.255.255.0\n`,
  (it) => `netmask 24\n\taddress ${it}\n`,
  (it) => `address ${it}/24\n\tnetmask 255.255.255.0\n`,
)
const ways = fc.array(written, { minLength: 4, maxLength: 4 })

const stanza = (address: string, way: ((address: string) => string) | undefined): string =>
  `iface eth0 inet static\n\t${way?.(address)}`

const ifupdownFile = fc
  .record({ addresses: own, between: noises, ways })
  .map(({ addresses, between, ways }) =>
    joined(
      ['auto eth0\n', ...addresses.map((it, index) => stanza(it, ways[index])), 'iface eth1 inet dhcp\n'],
      between,
    ),
  )
const networkdFile = fc
  .record({ addresses: own, between: noises })
  .map(({ addresses, between }) =>
    joined(
      [
        '[Match]\nName=eth0\n',
        '[Network]\nDHCP=no\n',
        ...addresses.map((it) => `Address=${it}/24\n`),
        '[Link]\nMTUBytes=1500\n',
      ],
      between,
    ),
  )
const keyfile = fc
  .record({ addresses: own, between: noises })
  .map(({ addresses, between }) =>
    joined(
      [
        '[connection]\nid=e\n',
        '[ipv4]\nmethod=manual\n',
        ...addresses.map((it, index) => `address${index + 1}=${it}/24\n`),
        '[ipv6]\nmethod=auto\n',
      ],
      between,
    ),
  )
const ifcfgFile = fc
  .record({ addresses: own, between: noises })
  .map(({ addresses, between }) =>
    joined(
      [
        'DEVICE=eth0\n',
        ...addresses.map((it, index) => `IPADDR${index || ''}=${it}\nPREFIX${index || ''}=24\n`),
        'ONBOOT=yes\n',
      ],
      between,
    ),
  )

const forms: readonly Form[] = [
  {
    name: 'netplan',
    file: netplanFile,
    with: (file) => withNetplan(file, 'eth0', added),
    without: (file) => withoutNetplan(file, moving),
  },
  {
    name: 'ifupdown',
    file: ifupdownFile,
    with: (file) => withIfupdown(file, 'eth0', added),
    without: (file) => withoutIfupdown(file, moving),
  },
  {
    name: 'networkd',
    file: networkdFile,
    with: (file) => withNetworkd(file, added),
    without: (file) => withoutNetworkd(file, moving),
  },
  {
    name: 'keyfile',
    file: keyfile,
    with: (file) => withKeyfile(file, 'eth0', added),
    without: (file) => withoutKeyfile(file, moving),
  },
  {
    name: 'ifcfg',
    file: ifcfgFile,
    with: (file) => withIfcfg(file, 'eth0', added),
    without: (file) => withoutIfcfg(file, moving),
  },
]

/** Lines with content; only the blank line before an added stanza may stay. */
const saying = (file: string): string => file.replace(/\n{2,}/g, '\n')

describe.each(forms)('an edit of $name', (form) => {
  test('changes nothing else, and adding then removing an address gives the same file', () => {
    fc.assert(
      fc.property(form.file, (file) => {
        const more = text(form.with(file))
        expect(more).not.toBe(file)
        const back = text(form.without(more))
        if (form.name === 'ifupdown') expect(saying(back)).toBe(saying(file))
        else expect(back).toBe(file)
        expect(text(form.without(file))).toBe(file)
      }),
      { numRuns: 60 },
    )
  })
})

test('an address in an interfaces file is found with its prefix and removed, however its netmask is written', () => {
  const command = fc.constantFrom('24', '255.255.255.0').map((mask) => `\tup ip addr add ${moving}/${mask} dev eth0\n`)
  const more = fc.oneof(
    command,
    written.map((way) => stanza(moving, way)),
  )
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.constantFrom('10.20.0.1', '10.20.0.100'), { minLength: 1 }),
      ways,
      more,
      (all, ways, line) => {
        const before = all.map((it, index) => stanza(it, ways[index])).join('')
        expect(ifupdownGives(`${before}${line}`, moving)).toMatchObject([{ devices: ['eth0'], prefix: 24 }])
        expect(text(withoutIfupdown(`${before}${line}`, moving))).toBe(before)
      },
    ),
    { numRuns: 60 },
  )
})

test('an interfaces file is never edited for an address under a method that only some versions of ifup read', () => {
  const method = fc.constantFrom('dhcp', 'manual', 'bootp', 'ppp', 'loopback', 'auto', '6to4')
  fc.assert(
    fc.property(ifupdownFile, method, written, (file, method, way) => {
      const content = `${file}iface eth0 inet ${method}\n\t${way(moving)}`
      const files = [{ path: '/etc/network/interfaces', mode: '0644', owner: 'root:root', content }]
      for (const side of ['source', 'target'] as const)
        expect(editFiles(side, { kind: 'ifupdown', files, readers: [] }, place)).toEqual({
          refused: expect.stringContaining(`under "inet ${method}"`),
          remedy: expect.any(String),
        })
    }),
    { numRuns: 60 },
  )
})

test('a prefix and its netmask are the same, and a mask with holes is none', () => {
  const word = (mask: number): string => [24, 16, 8, 0].map((by) => (mask >>> by) & 255).join('.')
  const ones = (length: number): number => (length === 0 ? 0 : (-1 << (32 - length)) >>> 0)
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 32 }), (length) => {
      expect(prefixOfMask(word(ones(length)))).toBe(length)
      expect(prefixOfMask(String(length))).toBe(length)
    }),
  )
  const whole = new Set(Array.from({ length: 33 }, (_one, length) => ones(length)))
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 0xffffffff }).filter((mask) => !whole.has(mask)),
      (mask) => {
        expect(prefixOfMask(word(mask))).toBeUndefined()
      },
    ),
  )
})

test('an edited netplan file differs only in the address, according to the parser', () => {
  fc.assert(
    fc.property(netplanFile, (file) => {
      const before = parse(file)
      const after = parse(text(withNetplan(file, 'eth0', added)))
      expect(after.network.ethernets.eth0.addresses.pop()).toBe(added)
      expect(after).toEqual(before)
    }),
    { numRuns: 60 },
  )
})

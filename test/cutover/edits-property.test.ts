import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { withIfcfg, withoutIfcfg } from '../../src/cutover/keepers/ifcfg.ts'
import { type Edit, withIfupdown, withoutIfupdown } from '../../src/cutover/keepers/ifupdown.ts'
import { withKeyfile, withoutKeyfile } from '../../src/cutover/keepers/keyfile.ts'
import { withNetplan, withoutNetplan } from '../../src/cutover/keepers/netplan.ts'
import { withNetworkd, withoutNetworkd } from '../../src/cutover/keepers/networkd.ts'

const text = (edit: Edit): string => ('text' in edit ? edit.text : expect.fail(edit.refused))
const [moving, added] = ['10.20.0.10', '10.20.0.10/24']

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

const ifupdownFile = fc
  .record({ addresses: own, between: noises })
  .map(({ addresses, between }) =>
    joined(
      [
        'auto eth0\n',
        ...addresses.map((it) => `iface eth0 inet static\n\taddress ${it}/24\n`),
        'iface eth1 inet dhcp\n',
      ],
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

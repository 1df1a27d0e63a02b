import { describe, expect, test } from 'vitest'
import { editFiles } from '../../src/cutover/keepers/edits.ts'
import {
  networkdFiles,
  networkdHangs,
  networkdHas,
  withNetworkd,
  withoutNetworkd,
} from '../../src/cutover/keepers/networkd.ts'

const plain = `[Match]
Name=eth0

[Network]
LinkLocalAddressing=no
Address=10.20.0.11/24
Address=10.20.0.10/24
Gateway=10.20.0.1
`

const cases: readonly (readonly [string, string, string, string])[] = [
  ['a line of [Network]', '10.20.0.10', plain, plain.replace('Address=10.20.0.10/24\n', '')],
  ['look-alikes', '10.20.0.1', plain, plain],
  [
    'a section of its own, with its options',
    '10.20.0.10',
    '[Network]\nDHCP=yes\n\n[Address]\nAddress=10.20.0.10/24\nLabel=eth0:api\n\n[Route]\nGateway=10.20.0.1\n',
    '[Network]\nDHCP=yes\n\n[Route]\nGateway=10.20.0.1\n',
  ],
  [
    'only its own section',
    '10.20.0.10',
    '[Address]\nAddress=10.20.0.11/24\n[Address]\nAddress=10.20.0.10/24\n',
    '[Address]\nAddress=10.20.0.11/24\n',
  ],
  [
    'comments',
    '10.20.0.10',
    '[Network]\n# Address=10.20.0.10/24\n;Address=10.20.0.10\n',
    '[Network]\n# Address=10.20.0.10/24\n;Address=10.20.0.10\n',
  ],
  ['a route to it', '10.20.0.10', '[Route]\nDestination=10.20.0.10\n', '[Route]\nDestination=10.20.0.10\n'],
  ['spaces and no prefix', '10.20.0.10', '[Network]\n  Address = 10.20.0.10 \nDHCP=no', '[Network]\nDHCP=no'],
  ['an IPv6 address in another spelling', 'fd00::10', '[Network]\nAddress=FD00:0:0::0010/64\n', '[Network]\n'],
  ['an empty reset', '10.20.0.10', '[Network]\nAddress=\n', '[Network]\nAddress=\n'],
  ['an empty file', '10.20.0.10', '', ''],
  [
    'the comment before the next section',
    '10.20.0.10',
    '[Address]\n# api\nAddress=10.20.0.10/24\n\n# to the storage\n[Route]\nGateway=10.20.0.1\n',
    '# to the storage\n[Route]\nGateway=10.20.0.1\n',
  ],
  [
    'a line continued with a backslash',
    '10.20.0.12',
    '[Network]\nAddress=10.20.0.11/24\nAddress=\\\n# inside\n 10.20.0.12/24\nDHCP=no\n',
    '[Network]\nAddress=10.20.0.11/24\nDHCP=no\n',
  ],
  [
    'what continues another option',
    '10.20.0.10',
    '[Network]\nDescription=x \\\nAddress=10.20.0.10/24\n',
    '[Network]\nDescription=x \\\nAddress=10.20.0.10/24\n',
  ],
  [
    'an address after a comment and a value that end in backslashes',
    '10.20.0.10',
    '[Network]\n# a comment is never continued \\\nAddress=10.20.0.10/24\nDescription=c:\\\\\nAddress=10.20.0.10/24\n',
    '[Network]\n# a comment is never continued \\\nDescription=c:\\\\\n',
  ],
]

describe('a .network file', () => {
  test.each(cases)('loses or keeps %s', (_what, address, text, wanted) => {
    expect(withoutNetworkd(text, address)).toEqual({ text: wanted })
    expect(networkdHas(text, address)).toBe(text !== wanted)
  })

  test.each([
    ['after the other addresses', plain.replace('Address=10.20.0.10/24\n', ''), plain],
    ['once', plain, plain],
    [
      'after the options when there is no address',
      '[Network]\nDHCP=yes\n\n[Link]\nMTUBytes=9000\n',
      '[Network]\nDHCP=yes\nAddress=10.20.0.10/24\n\n[Link]\nMTUBytes=9000\n',
    ],
    [
      'in a section of its own making',
      '[Match]\nName=eth0',
      '[Match]\nName=eth0\n\n[Network]\nAddress=10.20.0.10/24\n',
    ],
    ['below an empty section', '[Network]\n\n[Link]\n', '[Network]\nAddress=10.20.0.10/24\n\n[Link]\n'],
    [
      'after an address over two lines',
      '[Network]\nAddress=\\\n 10.20.0.12/24\nDNS=\\\n10.20.0.1\n',
      '[Network]\nAddress=\\\n 10.20.0.12/24\nAddress=10.20.0.10/24\nDNS=\\\n10.20.0.1\n',
    ],
    [
      'when the last line has no end',
      '[Network]\nAddress=10.20.0.12/24',
      '[Network]\nAddress=10.20.0.12/24\nAddress=10.20.0.10/24\n',
    ],
  ])('gets an address %s', (_where, text, wanted) => {
    expect(withNetworkd(text, '10.20.0.10/24')).toEqual({ text: wanted })
  })

  test('gets an IPv6 address without duplicate address detection, as the old holder still answers', () => {
    const added = `${plain}\n[Address]\nAddress=fd00::10/64\nDuplicateAddressDetection=none\n`
    expect(withNetworkd(plain, 'fd00::10/64')).toEqual({ text: added })
    expect(withoutNetworkd(added, 'fd00::10')).toEqual({ text: `${plain}\n` })
  })

  test.each([
    '[Network]\nDHCP=no\n[Address]\nAddress=10.20.0.10/24\nAddress=10.20.0.20/24\n',
    '[Network]\nDHCP=no\n[Address]\nAddress=10.20.0.20/24\nAddress=\\\n10.20.0.10/24\n',
  ])('is refused when an [Address] section has another address: %j', (text) => {
    expect(withoutNetworkd(text, '10.20.0.10')).toEqual({
      refused: 'the [Address] section in line 3 has 10.20.0.10 and another address: give each its own section',
    })
  })

  test.each(['[Network]\nDescription=x \\', '[Network]\nDescription=x \\\n', '[Network]\nDNS=1 \\\n# c\n'])(
    'gets no address after the backslash at the end of %j',
    (text) => {
      const why = { refused: expect.stringContaining('ends in a backslash') }
      expect(withNetworkd(text, '10.20.0.10/24')).toEqual(why)
      expect(withNetworkd(text, 'fd00::10/64')).toEqual(why)
    },
  )

  test('what refers to an address is found over two lines', () => {
    expect(networkdHangs('[Route]\nPreferredSource=\\\n# api\n10.20.0.10\n', '10.20.0.10')).toBe(
      'PreferredSource= 10.20.0.10',
    )
  })
})

describe('networkctl status', () => {
  test.each([
    [
      'systemd 247',
      '* 2: eth0                       \n                     Link File: n/a\n                  Network File: /etc/systemd/network/10-eth0.network\n                          Type: ether\n',
      ['/etc/systemd/network/10-eth0.network'],
    ],
    [
      'systemd 257 with drop-ins',
      '* 2: eth0\n                   Link File: n/a\n                Network File: /etc/systemd/network/10-eth0.network\n                              |-/etc/systemd/network/10-eth0.network.d/api.conf\n                              `-/run/systemd/network/10-eth0.network.d/x.conf\n                       State: routable (configured)\n                    HW Path: /not/this\n',
      [
        '/etc/systemd/network/10-eth0.network',
        '/etc/systemd/network/10-eth0.network.d/api.conf',
        '/run/systemd/network/10-eth0.network.d/x.conf',
      ],
    ],
    ['an interface of somebody else', '* 2: eth0\n  Network File: n/a\n  State: routable (unmanaged)\n', []],
    ['nothing', '', []],
  ])('names the files: %s', (_what, text, wanted) => {
    expect(networkdFiles(text)).toEqual(wanted)
  })
})

test.each([
  ['[Route]\nGateway=10.20.0.1\nPreferredSource=10.20.0.10\n', 'PreferredSource=10.20.0.10'],
  ['[RoutingPolicyRule]\nFrom = 10.20.0.10/32\nTable=100\n', 'From = 10.20.0.10/32'],
  ['[Route]\nGateway=10.20.0.1\nPreferredSource=10.20.0.100\n', undefined],
  ['# PreferredSource=10.20.0.10\n', undefined],
])('what refers to an address in %j: %s', (more, wanted) => {
  const own = '[Network]\nAddress=10.20.0.11/24\n[Address]\nAddress=10.20.0.10/24\n'
  expect(networkdHangs(`${own}${more}`, '10.20.0.10')).toBe(wanted)
  const file = { path: '/etc/systemd/network/e0.network', mode: '0644', owner: 'root:root', content: `${own}${more}` }
  const moving = { name: 'api', address: '10.20.0.10', prefix: 24, sourceInterface: 'e0', targetInterface: 'e0' }
  const edits = editFiles('source', { kind: 'networkd', files: [file], readers: [] }, moving)
  expect('refused' in edits).toBe(wanted !== undefined)
})

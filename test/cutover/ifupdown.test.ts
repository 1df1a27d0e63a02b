import { describe, expect, test } from 'vitest'
import {
  ifupdownHas,
  ifupdownInterfaces,
  ifupdownSources,
  withIfupdown,
  withoutIfupdown,
} from '../../src/cutover/keepers/ifupdown.ts'

const own = 'auto eth0\niface eth0 inet static\n    address 10.20.0.11/24\n    gateway 10.20.0.1\n'

const taken: readonly (readonly [string, string, string])[] = [
  [
    'an alias with its auto line',
    `# by hand\n${own}\nauto eth0:1\niface eth0:1 inet static\n    address 10.20.0.10\n    netmask 255.255.255.0\n`,
    `# by hand\n${own}\n`,
  ],
  [
    'an alias among others in one auto line',
    `auto lo eth0 eth0:1\niface eth0:1 inet static\n  address 10.20.0.10/24\niface eth0 inet static\n  address 10.20.0.11/24\n`,
    `auto lo eth0\niface eth0 inet static\n  address 10.20.0.11/24\n`,
  ],
  ['a second stanza of the interface', `${own}\niface eth0 inet static\n    address 10.20.0.10/24\n`, `${own}\n`],
  [
    'up and down commands',
    `${own}    up ip addr add 10.20.0.10/24 dev $IFACE label eth0:api\n    post-up /sbin/ip -4 address add 10.20.0.10/24 brd + dev eth0\n    down ip a del 10.20.0.10/24 dev eth0 || true\n    up ip route add 10.9.0.0/16 via 10.20.0.1\n`,
    `${own}    up ip route add 10.9.0.0/16 via 10.20.0.1\n`,
  ],
  [
    'an address with a netmask behind it',
    `${own}\niface eth0 inet static\n    address 10.20.0.10/255.255.255.0\n`,
    `${own}\n`,
  ],
  [
    'commands with a netmask',
    `${own}    up ip addr add 10.20.0.10/255.255.255.0 dev eth0\n    down ip addr del 10.20.0.10/255.255.255.0 dev eth0\n`,
    own,
  ],
  [
    'a command over two lines',
    `${own}    up ip addr add \\\n        10.20.0.10/24 dev eth0\n    mtu 1500\n`,
    `${own}    mtu 1500\n`,
  ],
  [
    'commands in other words',
    `${own}  up ip addr replace dev "$IFACE" 10.20.0.10/24 scope global label \${IFACE}:1 # api\n  pre-down ip -4 addr del 10.20.0.10/24 dev eth0 2>/dev/null || :\n`,
    own,
  ],
  [
    'an address below a comment that ends in a backslash',
    `${own}# see \\\niface eth0 inet static\n  address 10.20.0.10/24\n`,
    `${own}# see \\\n`,
  ],
]

const refused: readonly (readonly [string, string, string])[] = [
  ['the only address', 'iface eth0 inet static\n  address 10.20.0.10/24\n', 'it is the only address of eth0 there'],
  [
    'an address with a gateway',
    `iface eth0 inet static\n  address 10.20.0.10/24\n  gateway 10.20.0.1\n${own}`,
    'the stanza of eth0 that gives the address also has gateway',
  ],
  [
    'a stanza that gives another address too',
    `iface eth0 inet static\n  address 10.20.0.10/24\n  address 10.20.0.20/24\n${own}`,
    'the stanza of eth0 that gives the address also gives 10.20.0.20/24',
  ],
  [
    'a stanza alone with another address',
    'iface eth0 inet static\n  address 10.20.0.20/24\n  address 10.20.0.10/24\n',
    'also gives 10.20.0.20/24',
  ],
  [
    'a command of another kind',
    `${own}  up /usr/local/bin/vip.sh 10.20.0.10\n`,
    'in a line that swapctl cannot remove',
  ],
  [
    'an old ifconfig command',
    `${own}  up ifconfig eth0:1 10.20.0.10 netmask 255.255.255.0\n`,
    'in a line that swapctl',
  ],
]

const alone =
  'line 5 names 10.20.0.10 in a line that swapctl cannot remove: put the address on a line that does nothing'

describe('an interfaces file', () => {
  test.each([
    'up ip addr add 10.20.0.10/24 dev $IFACE; ip route add default via 10.20.0.1',
    'up ip addr add 10.20.0.10/24 dev eth0 && ip route add 10.9.0.0/16 via 10.20.0.1',
    'up ip addr add 10.20.0.10/24 dev eth0&&ip rule add from 10.20.0.11 table 7',
    'up ip addr add 10.20.0.20/24 dev eth0; ip addr add 10.20.0.10/24 dev eth0',
    'up ip addr add 10.20.0.10/24;ip addr add 10.20.0.20/24 dev eth0',
    'up ip addr add 10.20.0.30/24 peer 10.20.0.10 dev eth0',
    'up ip addr add 10.20.0.10/24 peer 10.20.0.30 dev eth0',
    'up ip addr add 10.20.0.10/24 dev eth0 || /usr/local/sbin/alarm',
    'up ip addr add 10.20.0.10/24 dev eth0 | logger',
    'up ip addr add 10.20.0.10/24 dev $(cat /etc/device)',
    'up ip addr add 10.20.0.10/24 dev eth0 \\\n    ; ip route add default via 10.20.0.1',
    'up (ip addr add 10.20.0.10/24 dev eth0)',
  ])('is refused for more than the address: %s', (line) => {
    expect(withoutIfupdown(`${own}  ${line}\n`, '10.20.0.10')).toEqual({ refused: expect.stringContaining(alone) })
  })

  test.each(taken)('loses %s', (_what, text, wanted) => {
    expect(ifupdownHas(text, '10.20.0.10')).toBe(true)
    expect(withoutIfupdown(text, '10.20.0.10')).toEqual({ text: wanted })
  })

  test.each(refused)('is refused for %s', (_what, text, why) => {
    expect(withoutIfupdown(text, '10.20.0.10')).toEqual({ refused: expect.stringContaining(why) })
  })

  test.each(['10.20.0.1', '10.20.0.110', '110.20.0.11'])('is not touched for the look-alike %s', (address) => {
    const text = 'iface eth0 inet static\n  address 10.20.0.11/24\n# up ip addr add 10.20.0.1/24 dev eth0\n'
    expect(withoutIfupdown(text, address)).toEqual({ text })
  })

  test('gets another stanza right after those of its interface', () => {
    const text = `${own}\n# storage\nauto eth1\niface eth1 inet manual\n`
    const added = withIfupdown(text, 'eth0', '10.20.0.10/24')
    expect(added).toEqual({
      text: `${own}\niface eth0 inet static\n    address 10.20.0.10/24\n\n# storage\nauto eth1\niface eth1 inet manual\n`,
    })
  })

  test.each([
    ['eth1', '10.20.0.10/24', 'has no stanza for eth1'],
    ['eth0', '10.20.0.11/24', 'already names 10.20.0.11/24'],
  ])('is refused when %s cannot get %s', (device, address, why) => {
    expect(withIfupdown(own, device, address)).toEqual({ refused: why })
  })

  test('gets IPv6 as inet6', () => {
    expect(withIfupdown(own, 'eth0', 'fd00::10/64')).toEqual({
      text: `${own.trimEnd()}\n\niface eth0 inet6 static\n    address fd00::10/64\n`,
    })
  })

  test('lists its interfaces and the files it sources', () => {
    const text =
      'source interfaces.d/*\nsource-directory /etc/network/more\nauto eth0\niface eth0 inet dhcp\niface eth0:1 inet static\n'
    expect(ifupdownInterfaces(text)).toEqual(['eth0', 'eth0:1'])
    expect(ifupdownSources(text)).toEqual([
      { glob: '/etc/network/interfaces.d/*', plainNames: false },
      { glob: '/etc/network/more/*', plainNames: true },
    ])
    expect(ifupdownSources('source e0 /etc/e1\n', '/etc/network/interfaces.d')).toEqual([
      { glob: '/etc/network/interfaces.d/e0', plainNames: false },
      { glob: '/etc/e1', plainNames: false },
    ])
  })
})

import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { keepersOf } from '../../src/cutover/keepers/keepers.ts'

const moving = {
  name: 'api',
  address: '10.20.0.10',
  prefix: 24,
  sourceInterface: 'eth0',
  targetInterface: 'eth0',
}
const keepers = (text: string) => keepersOf(text, moving, 'eth0')

const keepalived = `== keepalived /etc/keepalived/keepalived.conf
global_defs { router_id a }
! 10.20.0.10 is the API
vrrp_instance api {
  unicast_src_ip 10.20.0.10
  virtual_ipaddress {
    10.20.0.10/24 dev eth0 label eth0:api   # the API
    10.20.0.101/24
  }
}
`
const cib = (meta: string) => `== pacemaker cib
<cib><resources><primitive class="ocf" id="vip" provider="heartbeat" type="IPaddr2"><instance_attributes id="vip-a">
<nvpair id="vip-ip" name="ip" value="10.20.0.10"/></instance_attributes>${meta}</primitive>
<primitive id="other" type="IPaddr2"><instance_attributes><nvpair name="ip" value="10.20.0.101"/></instance_attributes></primitive></resources></cib>
`

describe('what would bring an address back', () => {
  test.each([
    ['nobody', '== addresses\n    inet 10.20.0.10/24 scope global eth0\n', []],
    ['keepalived, in its own file', keepalived, ['keepalived: /etc/keepalived/keepalived.conf, line 6']],
    [
      'keepalived, on one line',
      '== keepalived /etc/k.conf\nvirtual_ipaddress_excluded { 10.20.0.10/24 }\n',
      ['keepalived: /etc/k.conf, line 1'],
    ],
    ['pacemaker', cib(''), ['pacemaker: resource vip']],
    [
      'pacemaker, which has let it go',
      cib('<meta_attributes><nvpair id="m" name="is-managed" value="false"/></meta_attributes>'),
      [],
    ],
    [
      'ucarp in a stanza',
      '== ucarp /etc/network/interfaces\niface eth0 inet static\n  ucarp-vid 1\n  ucarp-vip 10.20.0.10\n',
      ['ucarp: /etc/network/interfaces, line 3'],
    ],
    [
      'ucarp in a file',
      '== ucarp /etc/ucarp/vip-001.conf\nVIP_ADDRESS="10.20.0.10"\n',
      ['ucarp: /etc/ucarp/vip-001.conf, line 1'],
    ],
    ['ucarp, started by hand', '== running\n 77 ucarp --addr=10.20.0.10 -s 1 -p uc4rpSecret\n', ['ucarp, process 77']],
    [
      'keepalived, by the mark it leaves',
      '== addresses\n    inet 10.20.0.10/24 scope global proto keepalived eth0\n',
      ['keepalived, which set the address'],
    ],
    [
      'keepalived, by a definition',
      '== keepalived /etc/k.conf\n$NET = 10.20.0\n$V=$NET.10\nvirtual_ipaddress {\n  $V/32\n  $NET.11\n}\n',
      ['keepalived: /etc/k.conf, line 4'],
    ],
    [
      'ctdb',
      '== ctdb /etc/ctdb/public_addresses\n10.20.0.101/24 eth0\n10.20.0.10/24 eth0\n',
      ['ctdb: /etc/ctdb/public_addresses, line 2'],
    ],
    [
      'heartbeat',
      '== heartbeat /etc/ha.d/haresources\n# 10.20.0.10\na IPaddr::10.20.0.101/24\na IPaddr2::10.20.0.10/24/eth0 httpd\nb 10.20.0.10/24\n',
      ['heartbeat: /etc/ha.d/haresources, line 3', 'heartbeat: /etc/ha.d/haresources, line 4'],
    ],
    [
      'a script of the boot',
      '== boot /etc/rc.local\n# ip addr add 10.20.0.10/24\nip -4 addr add 10.20.0.10/24 dev eth0\ncurl http://10.20.0.10\n',
      ['/etc/rc.local, line 2'],
    ],
    [
      'swapctl itself',
      '== boot /etc/systemd/system/swapctl-hold.service\nExecStart=ip addr replace 10.20.0.10/32 dev lo\n',
      [],
    ],
  ])('%s', (_what, text, wanted) => {
    expect(keepers(text).map(({ says }) => says)).toEqual(wanted)
  })

  const runs = (name: string) => `== daemon ${name}\n77 /usr/sbin/${name} -n\n`
  test.each([
    ['without a configuration', runs('keepalived'), 'its configuration was not found'],
    [
      'with an include that is not there',
      `== keepalived /etc/k.conf\ninclude /srv/k.conf\n== unread /srv/k.conf\n${runs('keepalived')}`,
      '/srv/k.conf is missing',
    ],
    [
      'with a definition from elsewhere',
      `== keepalived /etc/k.conf\nvirtual_ipaddress {\n  $V/32\n}\n${runs('keepalived')}`,
      '/etc/k.conf, line 2, uses a parameter that swapctl does not expand',
    ],
    [
      'with a definition over several lines',
      `== keepalived /etc/k.conf\n$V=\\\n 10.20.1.1\nvirtual_ipaddress { $V }\n${runs('keepalived')}`,
      '/etc/k.conf, line 3, uses a parameter that swapctl does not expand',
    ],
    ['without a list', runs('ctdbd'), 'its list of public addresses was not found'],
    ['without haresources', runs('heartbeat'), '/etc/ha.d/haresources is missing'],
    ['that does not answer', `== pacemaker cib\n\n${runs('corosync')}`, 'cibadmin --query does not answer'],
    ['that does not answer', `== pacemaker cib\n${runs('pacemakerd')}`, 'cibadmin --query does not answer'],
  ])('may be a daemon %s', (_what, text, why) => {
    const name = /daemon (\S+)/.exec(text)?.[1]
    expect(keepers(text)).toMatchObject([{ unsure: true, says: expect.stringContaining(why) }])
    expect(keepers(text)[0]?.says).toContain(`${name} runs (process 77: /usr/sbin/${name} -n)`)
  })

  test.each([
    ['keepalived', '== keepalived /etc/k.conf\n$V=10.20.0.9\nauth_pass a$b\nvirtual_ipaddress {\n $V\n}\n'],
    ['ctdbd', '== ctdb /etc/ctdb/public_addresses\n10.20.0.101/24 eth0\n'],
    ['heartbeat', '== heartbeat /etc/ha.d/haresources\na 10.20.0.101\n'],
    ['corosync', cib('').replace('"10.20.0.10"', '"10.20.0.99"')],
  ])('is not %s when its configuration says so', (name, text) => {
    expect(keepers(`${text}${runs(name)}`)).toEqual([])
  })

  test('gives the commands to type there', () => {
    expect(keepers(keepalived)[0]?.commands[0]).toBe(
      "sed -i.before-swapctl '/^    10\\.20\\.0\\.10\\/24 dev eth0 label eth0:api   # the API$/d' /etc/keepalived/keepalived.conf && systemctl reload keepalived && for turn in $(seq 20); do ip addr replace 10.20.0.10/24 dev eth0; sleep 0.25; done",
    )
    expect(keepers(cib(''))[0]?.commands).toEqual([
      'crm_resource --resource vip --meta --set-parameter is-managed --parameter-value false',
    ])
  })

  test('gives commands that delete exactly its lines, whatever was deleted before', () => {
    const directory = mkdtempSync(join(tmpdir(), 'swapctl-keepers-'))
    const path = join(directory, "it's.conf")
    const other = { ...moving, address: '10.20.0.101' }
    const files = [
      ['keepalived', keepalived.split('\n').slice(1).join('\n')],
      ['ucarp', '# kept\nVIP_ADDRESS="10.20.0.10"\nVIP_ADDRESS="10.20.0.101"\n'],
      ['boot', 'exit () { :; }\nip addr add 10.20.0.10/24 dev eth0\nip addr add 10.20.0.101/24 dev $dev # [*]\n'],
    ] as const
    try {
      for (const [kind, text] of files) {
        writeFileSync(path, text)
        const told = [moving, other].flatMap((one) => keepersOf(`== ${kind} ${path}\n${text}`, one, 'eth0'))
        expect(told).toHaveLength(2)
        for (const { commands } of told) execFileSync('sh', ['-ec', commands[0]?.split(' && ')[0] ?? ''])
        const gone = (line: string) =>
          [moving, other].some(({ address }) => line.includes(address)) && !/^!|unicast/.test(line.trim())
        expect(readFileSync(path, 'utf8')).toBe(
          text
            .split('\n')
            .filter((line) => !gone(line))
            .join('\n'),
        )
      }
    } finally {
      rmSync(directory, { recursive: true })
    }
  })
})

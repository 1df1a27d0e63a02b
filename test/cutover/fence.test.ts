import { describe, expect, test } from 'vitest'
import { parseConnections } from '../../src/cutover/handover/connections.ts'
import { iptablesRules, nftRules, stopped } from '../../src/cutover/handover/fence-rules.ts'
import { resetActions } from '../../src/cutover/handover/reset.ts'
import { killActions, stale } from '../../src/cutover/handover/sessions.ts'
import { lookArgv } from '../../src/cutover/outage/watch-computes.ts'
import { command } from '../../src/engine/machines/command.ts'
import type { Of } from '../../src/engine/step.ts'
import { remoteText } from '../../src/hosts/channel.ts'

describe('the rules', () => {
  test('of the source drop all TCP packets from the target except ssh', () => {
    expect(
      nftRules({ hook: 'input', peers: ['10.20.0.12', 'fd00::12'], open: [22, 2222] }),
    ).toBe(`table inet swapctl_fence
delete table inet swapctl_fence
table inet swapctl_fence {
  chain input {
    type filter hook input priority -200; policy accept;
    iifname "lo" accept
    tcp dport { 22, 2222 } accept
    tcp sport { 22, 2222 } accept
    ip saddr { 10.20.0.12 } meta l4proto tcp counter drop
    ip6 saddr { fd00::12 } meta l4proto tcp counter drop
  }
}
`)
  })

  test('of the target reject at once', () => {
    const rules = nftRules({ hook: 'output', peers: ['10.20.0.11'], open: [22] })
    expect(rules).toContain('    oifname "lo" accept\n')
    expect(rules).toContain('    ip daddr { 10.20.0.11 } meta l4proto tcp counter reject with tcp reset\n')
    expect(rules).not.toContain('ip6')
  })

  test('are the same in iptables', () => {
    expect(iptablesRules({ hook: 'input', peers: ['10.20.0.12'], open: [22] })).toBe(`*filter
:swapctl_fence - [0:0]
-A swapctl_fence -i lo -j RETURN
-A swapctl_fence -p tcp --dport 22 -j RETURN
-A swapctl_fence -p tcp --sport 22 -j RETURN
-A swapctl_fence -s 10.20.0.12 -p tcp -j DROP
COMMIT
`)
  })

  test.each([
    [
      'nft',
      '\t\tip saddr 10.20.0.12 meta l4proto tcp counter packets 7 bytes 420 drop\n\t\tip6 saddr fd00::12 counter packets 2 bytes 80 drop',
      9,
    ],
    [
      'iptables',
      'Chain swapctl_fence (1 references)\n    pkts      bytes target     prot opt in     out     source               destination\n       3      180 RETURN     all  --  lo     *       0.0.0.0/0            0.0.0.0/0\n      12      720 DROP       tcp  --  *      *       10.20.0.12           0.0.0.0/0',
      12,
    ],
    ['nothing', '', 0],
  ])('count what they stopped: %s', (_tool, text, count) => {
    expect(stopped(text)).toBe(count)
  })
})

const ss = `State  Recv-Q Send-Q               Local Address:Port          Peer Address:Port  Process
ESTAB  0      0                    10.20.0.13:41000              10.20.0.10:5672
ESTAB  0      0      [::ffff:10.20.0.13%eth0]:41001     [::ffff:10.20.0.10]:5672
ESTAB  0      0                   [fd00::13]:41002              [fd00::10]:5672
CLOSE-WAIT 1  0                    10.20.0.13:41003              10.20.0.10:8778
`

describe('connections', () => {
  const all = parseConnections(ss)

  test('are parsed with and without a header, in both families', () => {
    expect(all).toEqual([
      { local: '10.20.0.13', localPort: 41000, peer: '10.20.0.10', peerPort: 5672 },
      { local: '10.20.0.13', localPort: 41001, peer: '10.20.0.10', peerPort: 5672 },
      { local: 'fd00::13', localPort: 41002, peer: 'fd00::10', peerPort: 5672 },
    ])
    expect(parseConnections(ss.split('\n').slice(1).join('\n'))).toEqual(all)
  })

  test('that the new holder of the address does not have are stale', () => {
    const target = [{ local: '10.20.0.10', localPort: 5672, peer: '10.20.0.13', peerPort: 41001 }]
    expect(stale(all, target, ['10.20.0.10'])).toEqual([all[0]])
    expect(stale(all, [], ['10.20.0.99'])).toEqual([])
  })

  test('are killed by their exact ports', () => {
    expect(killActions('compute:cmp1', all.slice(0, 2))).toMatchObject([
      {
        argv: [
          'sh',
          '-c',
          'ss -K -t -n "$@" >/dev/null || true',
          'kill',
          ...'( dst 10.20.0.10 and dport = :5672 and sport = :41000 ) or ( dst 10.20.0.10 and dport = :5672 and sport = :41001 )'.split(
            ' ',
          ),
        ],
      },
    ])
    expect(killActions('compute:cmp1', [])).toEqual([])
  })

  test('are filtered by addresses of both families in the syntax of ss', () => {
    expect(lookArgv(['10.20.0.10', 'fd00::10']).slice(4).join(' ')).toBe('( dst 10.20.0.10 or dst [fd00::10] )')
  })

  test('of a large cloud are killed and reset by commands within the length limit', () => {
    const many = Array.from({ length: 5000 }, (_, index) => ({
      local: 'fd00:2001:db8:1:2:3:4:1111',
      localPort: 20_000 + index,
      peer: 'fd00:2001:db8:1:2:3:4:2222',
      peerPort: 15_672,
    }))
    for (const actions of [killActions('compute:cmp1', many), resetActions(many)]) {
      const commands = actions.map((action) => remoteText(command(action as Of<'exec'>)))
      for (const text of commands) expect(Buffer.byteLength(text)).toBeLessThan(128 * 1024)
      const named = commands.flatMap((text) => text.match(/\b2\d{4}\b/g) ?? [])
      expect(named.map(Number)).toEqual(many.map(({ localPort }) => localPort))
    }
  })
})

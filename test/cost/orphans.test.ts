import { describe, expect, test } from 'vitest'
import { parseDisks, parseDomains, parseProcesses, type Running } from '../../src/cost/guests.ts'
import { type Known, orphansOf, orphansText } from '../../src/cost/orphans.ts'

const id = (digit: string): string => `${digit.repeat(8)}-1111-4222-8333-${digit.repeat(12)}`
const [kept, made, stray, moved] = [id('a'), id('b'), id('c'), id('d')]

describe('what runs on a compute', () => {
  test('from its processes: QEMU under any name, with its uuid', () => {
    const text = [
      `   4711 /usr/bin/qemu-system-x86_64 -name guest=instance-00000001,debug-threads=on -S -uuid ${kept} -display none`,
      `  12 /usr/libexec/qemu-kvm -name instance-00000002 -uuid ${made}`,
      `  13 /usr/bin/python3 /usr/bin/thing -uuid ${stray}`,
      `  14 grep -uuid ${stray}`,
      '  15 /usr/bin/qemu-img create -f qcow2 disk 1G',
      '',
    ].join('\n')
    expect(parseProcesses(text)).toEqual([
      { uuid: kept, pid: 4711, domain: false },
      { uuid: made, pid: 12, domain: false },
    ])
  })

  test('from libvirt and the iSCSI initiator', () => {
    expect(parseDomains(`${kept}\n${made}\n\n`)).toEqual([kept, made])
    expect(parseDomains('error: failed to connect to the hypervisor\n')).toEqual([])
    const iqn = `iqn.2010-10.org.openstack:volume-${kept}`
    expect(parseDisks(`tcp: [1] 10.30.0.12:3260,1 ${iqn} (non-flash)\ntcp: [12] [fd00::12]:3260,1 ${iqn}\n`)).toEqual([
      { portal: '10.30.0.12:3260', target: iqn },
      { portal: '[fd00::12]:3260', target: iqn },
    ])
  })
})

describe('what does not match the old controller', () => {
  const on: Running = { compute: 'cmp1', hostname: 'cmp1', guests: [], disks: [] }
  const known: Known = {
    servers: new Map([
      [kept, 'cmp1.example.org'],
      [moved, 'cmp2'],
    ]),
    volumes: new Set([kept]),
  }
  const names = new Map([[made, 'Zoë']])
  const find = (running: Partial<Running>) => orphansOf([{ ...on, ...running }], known, names, ['10.30.0.12'])

  test('a guest that it knows on this compute matches', () => {
    expect(find({ guests: [{ uuid: kept, pid: 1, domain: true }] })).toEqual([])
  })

  test.each([
    [
      'made since, in libvirt',
      { uuid: made, pid: 9, domain: true },
      /'Zoë' runs there \(process 9\)/,
      /virsh destroy b.*virsh undefine b/,
    ],
    [
      'unknown, without libvirt',
      { uuid: stray, pid: 9, domain: false },
      /no server with this id/,
      /on cmp1: kill 9; rm -r/,
    ],
    [
      'unknown, not running',
      { uuid: stray, domain: true },
      /is defined there but not running/,
      /on cmp1: virsh undefine c/,
    ],
    [
      'moved from another',
      { uuid: moved, pid: 9, domain: true },
      /has it on cmp2: it moved/,
      /Before anything starts it on cmp2/,
    ],
  ] as const)('a guest %s', (_what, guest, says, remedy) => {
    const [one, ...others] = find({ guests: [guest] })
    expect(others).toEqual([])
    expect(`${one?.what} ${one?.says}`).toMatch(says)
    expect(one?.remedy).toMatch(remedy)
  })

  test('a disk of an unknown volume, and one connected to the new controller', () => {
    const disk = (uuid: string, portal: string) => ({ portal, target: `iqn.2010-10.org.openstack:volume-${uuid}` })
    expect(find({ disks: [disk(kept, '10.30.0.11:3260')] })).toEqual([])
    expect(find({ disks: [disk(made, '10.30.0.11:3260')] })[0]?.says).toContain(`has no volume ${made}`)
    expect(find({ disks: [disk(kept, '10.30.0.12:3260')] })[0]?.says).toContain('the new controller: writes go')
  })

  test('is reported with what to do, and with what was examined', () => {
    const found = find({ guests: [{ uuid: stray, pid: 9, domain: false }] })
    expect(orphansText({ found, looked: [], unasked: [] })).toMatch(
      /^1 on the computes .*\n {2}cmp1: server c.*\n {6}If it is not needed/,
    )
    expect(
      orphansText({ found: [], looked: ['cmp1: 2 guests, 0 iSCSI sessions'], unasked: ['cmp2: no connection'] }),
    ).toBe(
      'The old controller knows every guest and disk on the computes (cmp1: 2 guests, 0 iSCSI sessions)\n  not checked, look there for unmanaged guests: cmp2: no connection',
    )
  })
})

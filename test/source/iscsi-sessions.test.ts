import { expect, test } from 'vitest'
import { parseSessions } from '../../src/source/iscsi-sessions.ts'

test('targets with and without an initiator are distinguished', () => {
  const text = `Target 1: iqn.2010-10.org.openstack:volume-1
    System information:
        Driver: iscsi
        State: ready
    I_T nexus information:
        I_T nexus: 2
            Initiator: iqn.1993-08.org.debian:01:abc alias: cmp1
            Connection: 0
                IP Address: 10.30.0.13
    LUN information:
Target 2: iqn.2010-10.org.openstack:volume-2
    I_T nexus information:
    LUN information:
`
  expect(parseSessions(text)).toEqual([
    { target: 'iqn.2010-10.org.openstack:volume-1', initiator: 'iqn.1993-08.org.debian:01:abc', address: '10.30.0.13' },
  ])
})

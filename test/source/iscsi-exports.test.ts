import { expect, test } from 'vitest'
import { listensAt, parseLocation, parsePortals, parseTargets } from '../../src/source/iscsi-exports.ts'

test("tgt's targets and portals", () => {
  const text = `Target 1: iqn.2010-10.org.openstack:volume-1
    System information:
        Driver: iscsi
    LUN information:
        LUN: 0
            Type: controller
Target 2: iqn.2010-10.org.openstack:volume-2
    ACL information:
        ALL
`
  expect(parseTargets(text)).toEqual(['iqn.2010-10.org.openstack:volume-1', 'iqn.2010-10.org.openstack:volume-2'])
  expect(parsePortals('Portal: [::]:3260,1\nPortal: 10.30.0.11:3260,1\n')).toEqual(['[::]:3260', '10.30.0.11:3260'])
})

test.each([
  ['10.30.0.11:3260,1 iqn.2010-10.org.openstack:volume-1 1', ['10.30.0.11:3260']],
  ['10.30.0.11:3260;10.31.0.11:3260,7 iqn.2010-10.org.openstack:volume-1 0', ['10.30.0.11:3260', '10.31.0.11:3260']],
  ['[fd00::11]:3260,1 iqn.2010-10.org.openstack:volume-1 1', ['[fd00::11]:3260']],
])('provider_location %s', (text, portals) =>
  expect(parseLocation(text)).toEqual({ portals, target: 'iqn.2010-10.org.openstack:volume-1' }),
)

test('a provider_location of another driver names no target', () => {
  for (const text of ['10.30.0.11:/export', 'rbd', '', '10.30.0.11:3260,1']) expect(parseLocation(text)).toBeUndefined()
})

test.each([
  ['10.30.0.11:3260', ['0.0.0.0:3260'], true],
  ['10.30.0.11:3260', ['10.30.0.11:3260'], true],
  ['10.30.0.11:3260', ['[::]:3260'], false],
  ['10.30.0.11:3260', ['0.0.0.0:3261'], false],
  ['10.30.0.12:3260', ['0.0.0.0:3260'], false],
  ['[fd00::11]:3260', ['[::]:3260'], true],
  ['storage:3260', ['0.0.0.0:3260'], true],
])('a listener for %s among %j: %j', (portal, portals, expected) =>
  expect(listensAt(portal, portals, ['10.30.0.11', 'fd00::11'])).toBe(expected),
)

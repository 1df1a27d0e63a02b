import { describe, expect, test } from 'vitest'
import { listed, recipes } from '../../src/services/index.ts'
import { follow, type Taken } from '../../src/source/follow.ts'
import { differing } from '../../src/source/inventory.ts'
import { type ListedRows, shown } from '../../src/source/listed-rows.ts'

const server = (status: string, mark = '1') => ({ members: { name: 's', status, tenant_id: 'p' }, mark })
const api = (status: string) => ({ name: 's', status, tenant_id: 'p' })

const servers = (rows: ListedRows[string]): ListedRows => ({ servers: rows })

const still = (listing: Taken['listing'], rows: ListedRows): Taken => ({ listing, before: rows, after: rows })

const all = recipes

describe('changes between the listing and the freeze', () => {
  test('a server that became ACTIVE, one that was created, one that was deleted', () => {
    const taken = still(
      { servers: { a: api('BUILD'), b: api('ACTIVE'), c: api('ACTIVE') } },
      servers({ a: server('BUILD'), b: server('ACTIVE'), c: server('ACTIVE') }),
    )
    const now = servers({ a: server('ACTIVE', '2'), b: server('ACTIVE'), d: server('ACTIVE') })
    const { listing, changes } = follow(taken, now, all)
    expect(listing).toEqual({ servers: { a: api('ACTIVE'), b: api('ACTIVE'), d: api('ACTIVE') } })
    expect(changes).toEqual(['servers a changed', 'servers c gone', 'servers d new'])
    // Other differences are still differences.
    const target = { servers: { a: api('ERROR'), b: api('SHUTOFF'), c: api('ACTIVE') } }
    expect(differing(listing, target).map(({ id }) => id)).toEqual(['a', 'b', 'd', 'c'])
  })

  test('a status that came and went during the listing is not expected to come back', () => {
    const taken = {
      listing: { servers: { a: api('REBOOT') } },
      before: servers({ a: server('ACTIVE', '1') }),
      after: servers({ a: server('ACTIVE', '2') }),
    }
    expect(follow(taken, servers({ a: server('ACTIVE', '2') }), all).listing).toEqual({ servers: { a: api('ACTIVE') } })
  })

  test('a value that the API shows differently from its column stays, until the column changes', () => {
    const taken = still({ servers: { a: api('ODD') } }, servers({ a: server('ACTIVE') }))
    expect(follow(taken, servers({ a: server('ACTIVE') }), all).listing).toEqual({ servers: { a: api('ODD') } })
    expect(follow(taken, servers({ a: server('ERROR') }), all).listing).toEqual({ servers: { a: api('ERROR') } })
  })

  test('resources without a table stay listed, and rows that the API did not list stay out', () => {
    const row = { members: { name: 'hidden', enabled: true } }
    const taken = still({ users: { ldap: { name: 'l', enabled: true } } }, { users: { hidden: row } })
    expect(follow(taken, { users: { hidden: row } }, all)).toEqual({ listing: taken.listing, changes: [] })
  })

  test('a list without a known table stays as it is', () => {
    const taken = still({ users: { u: { name: 'l' } } }, {})
    expect(follow(taken, {}, all).listing).toEqual(taken.listing)
  })

  test('members unknown for a changed resource are named, and the others still compared', () => {
    const row = (mark: string, user: string) => ({ members: { type: 'ec2', user_id: user, project_id: 'p' }, mark })
    const thing = { type: 'ec2', user_id: 'u', project_id: 'p', blob: 'sum' }
    const taken = still({ credentials: { c: thing } }, { credentials: { c: row('1', 'u') } })
    const { listing, changes } = follow(taken, { credentials: { c: row('2', 'v') } }, all)
    expect(changes).toEqual(['credentials c changed (blob unknown, not compared)'])
    expect(differing(listing, { credentials: { c: { ...thing, user_id: 'v', blob: 'new' } } })).toEqual([])
    expect(differing(listing, { credentials: { c: { ...thing, blob: 'new' } } })).toHaveLength(1)
    expect(differing(listing, { credentials: {} })).toHaveLength(1)
  })
})

test('neither the order of names nor of members is a difference; an additional name is', () => {
  const group = (...members: string[]) => ({ 'server groups': { g: { name: 'g', members } } })
  expect(differing(group('a', 'b'), group('b', 'a'))).toEqual([])
  expect(differing(group('a', 'b'), group('a', 'b', 'c'))).toHaveLength(1)
})

test('every list of a recipe has its rows, and those its members', () => {
  for (const { inventory } of recipes)
    for (const item of inventory) {
      const rows = listed.filter(({ what }) => what === item.what)
      expect(rows.length, item.what).toBeGreaterThan(0)
      const told = rows.flatMap(({ members }) => Object.keys(members))
      expect(
        item.fields.filter((field) => !told.includes(field)),
        item.what,
      ).toEqual([])
    }
})

test.each([
  ['flag', 1, true],
  ['flag', 0, false],
  ['flag', null, null],
  ['number', '12', 12],
  ['text', undefined, null],
  ['list', 'a\nb', ['a', 'b']],
  ['list', null, []],
  ['pairs', 'read=1\nwrite=a=b', { read: '1', write: 'a=b' }],
  ['json:name', '{"name":"x"}', 'x'],
  ['json:name', null, null],
  ['among:servers', 'a\nz', ['a']],
] as const)('a column as %s: %s', (as, value, says) => {
  expect(shown(value, as, () => new Set(['a']))).toEqual(says)
})

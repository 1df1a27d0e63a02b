import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { listInventory } from '../../src/api/list.ts'
import { recipes } from '../../src/services/index.ts'
import { differing } from '../../src/source/inventory.ts'
import { differenceOfListing, sinceText } from '../../src/verify/inventory.ts'
import { blame } from '../../src/verify/references.ts'
import { fileOf, withinBudget } from '../../src/verify/references-bytes.ts'
import { tokenUnfit } from '../../src/verify/tokens.ts'

const before = { servers: { a: { name: 'x' }, b: { name: 'y' }, c: { name: 'z' } }, users: { u: {} } }
const after = { servers: { a: { name: 'x' }, b: { name: 'Y' }, d: { name: 'new' } } }

test('lists differ per resource, and only requested lists are compared', () => {
  const found = differing(before, after)
  expect(found.map(({ id }) => id)).toEqual(['b', 'c', 'd'])
  expect(found.map((one) => differenceOfListing(recipes, one))).toMatchObject([
    { part: 'inventory', service: 'nova', where: 'servers b', says: '{"name":"y"} became {"name":"Y"}' },
    { says: '{"name":"z"} became missing' },
    { says: 'missing became {"name":"new"}' },
  ])
  expect(sinceText(found)).toMatch(/^the target serves: since the freeze 1 new, 1 gone, 1 changed; servers b: /)
  expect(sinceText([])).toBe('the target serves and lists the same as the source')
})

test('of secret values the digest is kept', async () => {
  const item = { what: 'c', type: 'identity', path: '/c', list: 'c', fields: ['type'], secrets: ['blob'] }
  const list = (blob: string) => listInventory({ get: async () => ({ c: [{ id: '1', type: 'ec2', blob }] }) }, item)
  const digest = createHash('sha256').update('"s3cret"').digest('hex')
  expect(await list('s3cret')).toEqual({ 1: { type: 'ec2', blob: digest } })
  expect(await list('other')).not.toEqual(await list('s3cret'))
})

test('a token is used until it expires', () => {
  const at = (expires: string) => tokenUnfit({ token: 't', expires }, new Date('2026-01-01T12:00:00Z'))
  expect(at('2026-01-01T12:00:01.000000Z')).toBeUndefined()
  expect(at('2026-01-01T12:00:00.000000Z')).toContain('expired at')
  expect(tokenUnfit(undefined, new Date())).toContain('no token')
})

test('a row broken before is recognised by its name, whatever it refers to now', () => {
  const [a, b] = [
    { id: 'v1', key: 'dst@lvm' },
    { id: 'v2', key: 'dst@lvm' },
  ]
  expect(blame([a, b], [{ id: 'v1', key: 'src@lvm' }])).toEqual({ swap: [b], before: [a] })
  expect(blame([a], undefined)).toEqual({ swap: [a], before: [] })
})

test('an image is in a file, and has the best digest that glance knows', () => {
  const row = { id: 'i', size: '7', value: 'file:///var/a%20b', checksum: 'm', algorithm: 'sha512', hash: 's' }
  expect(fileOf(row)).toEqual({ id: 'i', path: '/var/a b', size: 7, algorithm: 'sha512', hash: 's' })
  expect(fileOf({ ...row, algorithm: 'whirl' })).toMatchObject({ algorithm: 'md5', hash: 'm' })
  expect(fileOf({ ...row, hash: null, checksum: null })).toMatchObject({ hash: '' })
  expect(fileOf({ ...row, value: 'rbd://pool/i' })).toBeUndefined()
})

test('the smallest images are read first, up to the limit', () => {
  const file = (id: string, size: number, hash = 'h') => ({ id, path: id, size, algorithm: 'md5', hash })
  const files = [file('big', 100), file('small', 1), file('none', 1, ''), file('middle', 10)]
  expect(withinBudget(files, 11).map(({ id }) => id)).toEqual(['small', 'middle'])
})

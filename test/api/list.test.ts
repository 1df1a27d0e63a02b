import { expect, test } from 'vitest'
import { listInventory } from '../../src/api/list.ts'
import { parseAnswer } from '../../src/api/request.ts'
import { openApi } from '../../src/api/session.ts'

import { SwapError } from '../../src/errors.ts'
import type { Host } from '../../src/hosts/host.ts'

test('the last header block of an answer is used', () => {
  const text = 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 CREATED\r\nX-Subject-Token: abc\r\n\r\n{"a":1}'
  expect(parseAnswer(text)).toMatchObject({ status: 201, body: '{"a":1}' })
})

test('a list is followed over its pages and keyed by id', async () => {
  const pages: Record<string, unknown> = {
    '/servers': {
      servers: [{ uuid: 'a', name: 'x', status: 1 }],
      servers_links: [{ rel: 'next', href: 'http://c/v2.1/servers?marker=a' }],
    },
    '/servers?marker=a': { servers: [{ uuid: 'b', name: 'y' }] },
  }
  const api = { token: '', url: () => '', get: async (_: string, path: string) => pages[path] }
  const item = {
    what: 'servers',
    type: 'compute',
    path: '/servers',
    list: 'servers',
    id: 'uuid',
    fields: ['name', 'status'],
  }
  expect(await listInventory(api, item)).toEqual({ a: { name: 'x', status: 1 }, b: { name: 'y', status: null } })
})

test.each([
  ['has no list', { error: 'try later' }, /has no list 'servers': servers cannot be listed/],
  ['has null', { servers: null }, /has no list/],
  ['is null', null, /has no list/],
  ['is its own next page', { servers: [], next: '/servers' }, /links to a page that was already read/],
  ['was cut off', { servers: [{ id: 'a' }], truncated: true, links: { next: null } }, /is truncated/],
])('an answer that %s is not taken for an empty list', async (_, page, message) => {
  const item = { what: 'servers', type: 'compute', path: '/servers', list: 'servers', fields: [] }
  let turns = 0
  const get = async () => (++turns > 50 ? {} : page)
  await expect(listInventory({ get }, item)).rejects.toMatchObject({
    name: 'SwapError',
    where: 'compute: GET /servers',
    message: expect.stringMatching(message),
  })
})

test('an extension that is not loaded counts as empty; a standard list must exist', async () => {
  const item = { what: 'routers', type: 'network', path: '/v2.0/routers', list: 'routers', fields: [] }
  const api = (status: number) => ({
    get: async () => Promise.reject(new SwapError('target: GET', `answered ${status}`, '', { details: { status } })),
  })
  expect(await listInventory(api(404), { ...item, extension: true })).toEqual({})
  await expect(listInventory(api(500), { ...item, extension: true })).rejects.toThrow('answered 500')
  await expect(listInventory(api(404), item)).rejects.toThrow('answered 404')
})

test('an answer that is not JSON is reported with its URL', async () => {
  const catalog = [{ type: 'image', endpoints: [{ interface: 'public', url: 'http://c:9292' }] }]
  const answers = [
    `HTTP/1.1 201 Created\r\nX-Subject-Token: t\r\n\r\n${JSON.stringify({ token: { expires_at: '', catalog } })}`,
    'HTTP/1.1 200 OK\r\n\r\n<html>',
  ]
  const host = { name: 'target', run: async () => ({ code: 0, stdout: answers.shift() ?? '', stderr: '' }) }
  const api = await openApi(host as unknown as Host, {
    identity: 'http://c:5000',
    login: {},
    interfaces: ['public'],
    tls: {},
  })
  await expect(api.get('image', '/v2/images')).rejects.toMatchObject({
    where: 'target: GET http://c:9292/v2/images',
    message: 'answered 200, but the body is not JSON',
  })
})

const listOf = (answers: (query: URLSearchParams) => unknown, path = '/things?limit=2') => {
  const asked: string[] = []
  const get = async (_: string, at: string): Promise<unknown> => {
    if (asked.push(at) > 50) throw new Error('goes round in circles')
    return answers(new URLSearchParams(at.split('?')[1]))
  }
  return { asked, found: listInventory({ get }, { what: 'things', type: 't', path, list: 'things', fields: [] }) }
}
const things = ['a', 'b', 'c', 'd'].map((id) => ({ id }))
const from = (marker: string | null) => (marker === null ? 0 : things.findIndex(({ id }) => id === marker) + 1)

test.each([
  ['nova, cinder and neutron', 9, (href: string) => ({ things_links: [{ rel: 'next', href }] })],
  ['a list of types in cinder', 9, (href: string) => ({ thing_links: [{ rel: 'previous' }, { rel: 'next', href }] })],
  ['glance', 9, (href: string) => ({ next: href.replace('http://inside', '') })],
  ['keystone', 9, (href: string) => ({ links: { next: href, self: href } })],
  ['heat', 9, (href: string) => ({ links: [{ rel: 'next', href }] })],
  ['nobody, after a page as long as was asked for', 2, () => ({})],
])('%s: pages are followed by its kind of link, with the original query', async (_, limit, link) => {
  const { asked, found } = listOf((query) => {
    const at = from(query.get('marker'))
    const page = things.slice(at, at + 2)
    return {
      things: page,
      ...(page.length < 2 ? {} : link(`http://inside/v2/things?limit=${limit}&marker=${page[1]?.id}`)),
    }
  }, `/things?all_tenants=1&limit=${limit}`)
  expect(Object.keys(await found)).toEqual(['a', 'b', 'c', 'd'])
  expect(asked).toEqual([
    `/things?all_tenants=1&limit=${limit}`,
    `/things?all_tenants=1&limit=${limit}&marker=b`,
    `/things?all_tenants=1&limit=${limit}&marker=d`,
  ])
})

test('an item on two pages is counted once', async () => {
  const pages: Record<string, unknown> = { a: [1, 2], b: [2, 3], c: [3, 4] }
  const next: Record<string, string> = { a: 'b', b: 'c' }
  const { found } = listOf((query) => {
    const at = query.get('marker') ?? 'a'
    const link = next[at] === undefined ? {} : { next: `/things?marker=${next[at]}` }
    return { things: (pages[at] as number[]).map((id) => ({ id })), ...link }
  }, '/things?limit=9')
  expect(Object.keys(await found)).toEqual(['1', '2', '3', '4'])
})

test('a list read by offset ends with an empty page, even when pages are shorter than requested', async () => {
  const { asked, found } = listOf((query) => {
    const offset = Number(query.get('offset'))
    return { things: things.slice(offset, offset + 1) }
  }, '/things?limit=500&offset=0')
  expect(Object.keys(await found)).toEqual(['a', 'b', 'c', 'd'])
  expect(asked.at(-1)).toBe('/things?limit=500&offset=4')
})

test('a service without markers repeats the page, and the list ends there', async () => {
  const { asked, found } = listOf(() => ({ things: things.slice(0, 2) }))
  expect(Object.keys(await found)).toEqual(['a', 'b'])
  expect(asked).toHaveLength(2)
})

test('a repeated marker, and pages of known items, are errors', async () => {
  const circle: Record<string, string> = { a: 'b', b: 'c', c: 'b' }
  const { found } = listOf((query) => {
    const at = query.get('marker') ?? 'a'
    return { things: [{ id: at }], next: `/things?marker=${circle[at]}` }
  })
  await expect(found).rejects.toThrow('links to a page that was already read')
  let count = 0
  const ever = listOf(() => ({ things: [{ id: 'a' }], next: `/things?marker=${++count}` }))
  await expect(ever.found).rejects.toThrow('repeats resources that were already listed')
})

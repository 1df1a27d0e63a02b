import { expect, test } from 'vitest'
import { listInventory, openApi, parseAnswer, parseOpenrc } from '../src/api.ts'
import { SwapError } from '../src/errors.ts'
import type { Host } from '../src/hosts/host.ts'

test('an openrc file is read as a shell reads it', () => {
  const text = `# admin\nexport OS_USERNAME=admin\nexport OS_PASSWORD='p#s;"w@d'\nOS_PROJECT_NAME="a \\"b\\" \\$c"\nexport PATH=/bin\n`
  expect(parseOpenrc(text)).toEqual({ OS_USERNAME: 'admin', OS_PASSWORD: 'p#s;"w@d', OS_PROJECT_NAME: 'a "b" $c' })
})

test('a password in pieces, each quoted in its own way, is one word', () => {
  const text = `export OS_PASSWORD='adm in #1;%@/'"'"'"x'\nOS_USERNAME=a\\ b;c # ignored\nOS_REGION_NAME=\n`
  expect(parseOpenrc(text)).toEqual({ OS_PASSWORD: `adm in #1;%@/'"x`, OS_USERNAME: 'a b', OS_REGION_NAME: '' })
})

test('the last header block of an answer counts', () => {
  const text = 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 CREATED\r\nX-Subject-Token: abc\r\n\r\n{"a":1}'
  expect(parseAnswer(text)).toMatchObject({ status: 201, body: '{"a":1}' })
})

test('a list is followed over its pages and keyed by id', async () => {
  const pages: Record<string, unknown> = {
    '/servers': {
      servers: [{ uuid: 'a', name: 'x', status: 1 }],
      servers_links: [{ rel: 'next', href: 'http://c/2' }],
    },
    'http://c/2': { servers: [{ uuid: 'b', name: 'y' }] },
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
  ['is its own next page', { servers: [], next: '/servers' }, /is the next page of itself/],
])('an answer that %s does not pass for an empty list', async (_, page, message) => {
  const item = { what: 'servers', type: 'compute', path: '/servers', list: 'servers', fields: [] }
  await expect(listInventory({ get: async () => page }, item)).rejects.toMatchObject({
    name: 'SwapError',
    where: 'compute: GET /servers',
    message: expect.stringMatching(message),
  })
})

test('an extension that is not loaded lists nothing; what every cloud has must be there', async () => {
  const item = { what: 'routers', type: 'network', path: '/v2.0/routers', list: 'routers', fields: [] }
  const api = (status: number) => ({
    get: async () => Promise.reject(new SwapError('target: GET', `answered ${status}`, '', { details: { status } })),
  })
  expect(await listInventory(api(404), { ...item, extension: true })).toEqual({})
  await expect(listInventory(api(500), { ...item, extension: true })).rejects.toThrow('answered 500')
  await expect(listInventory(api(404), item)).rejects.toThrow('answered 404')
})

test('an answer that is no JSON is told with the URL that gave it', async () => {
  const catalog = [{ type: 'image', endpoints: [{ interface: 'public', url: 'http://c:9292' }] }]
  const answers = [
    `HTTP/1.1 201 Created\r\nX-Subject-Token: t\r\n\r\n${JSON.stringify({ token: { expires_at: '', catalog } })}`,
    'HTTP/1.1 200 OK\r\n\r\n<html>',
  ]
  const host = { name: 'target', run: async () => ({ code: 0, stdout: answers.shift() ?? '', stderr: '' }) }
  const api = await openApi(host as unknown as Host, 'OS_AUTH_URL=http://c:5000/v3\nOS_USERNAME=admin\n')
  await expect(api.get('image', '/v2/images')).rejects.toMatchObject({
    where: 'target: GET http://c:9292/v2/images',
    message: 'answered 200 with what is no JSON',
  })
})

import { mkdtemp, rm, stat } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Context } from '../../src/context.ts'
import { savedRefusals, watchFreeze } from '../../src/cutover/outage/freeze-window.ts'
import { outagePaths, savedOutage, saveOutage } from '../../src/cutover/outage/outage-file.ts'
import type { ProbeTarget } from '../../src/cutover/outage/probe-target.ts'
import type { Line } from '../../src/cutover/outage/samples.ts'
import { summarise } from '../../src/cutover/outage/summary.ts'

let state: string
const servers = new Set<Server>()
beforeEach(async () => {
  state = await mkdtemp(join(tmpdir(), 'freeze-'))
})
afterEach(async () => {
  for (const server of servers) server.close()
  servers.clear()
  await rm(state, { recursive: true })
})

const context = () => ({ config: { state } }) as unknown as Context
const wait = (ms: number) => new Promise((wake) => setTimeout(wake, ms))

const listen = async (port = 0): Promise<Server> => {
  const server = createServer((_, response) => void response.end())
  servers.add(server)
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve))
  return server
}

const close = (server: Server) => {
  servers.delete(server)
  return new Promise((resolve) => server.close(resolve))
}

const portOf = (server: Server) => (server.address() as AddressInfo).port

const target = (name: string, port: number): ProbeTarget => ({
  name,
  address: '127.0.0.1',
  port,
  http: { path: '/', hostHeader: 'x', tls: false },
})

/** The saved refusals, once there are this many. */
const found = (since: string, count: number) =>
  expect.poll(async () => Object.keys(await savedRefusals(state, since)).length, { timeout: 30_000 }).toBe(count)

test('the first refused call of each API is saved at once, survives a kill, and belongs to this freeze only', async () => {
  const [heat, nova, other] = await Promise.all([listen(), listen(), listen()])
  const targets = [target('heat', portOf(heat)), target('nova', portOf(nova)), target('other', portOf(other))]
  const since = new Date().toISOString()
  const first = await watchFreeze(context(), targets, () => since)
  await wait(500)
  const [heatPort, novaPort] = [portOf(heat), portOf(nova)]
  const closing = Date.now()
  await close(heat)
  // Nothing is stopped here: a kill would happen now.
  await found(since, 1)
  const { heat: refused } = await savedRefusals(state, since)
  expect(Date.parse(refused ?? '')).toBeGreaterThan(closing - 200)
  expect((await stat(join(state, 'freeze.json'))).mode & 0o777).toBe(0o600)

  const second = await watchFreeze(context(), targets, () => since)
  await wait(500)
  await close(nova)
  await found(since, 2)
  expect(Object.keys(await second.end()).sort()).toEqual(['heat', 'nova'])
  expect(await savedRefusals(state, since)).toMatchObject({ heat: refused })
  await first.end()

  // After the revert both serve again, and the next freeze begins later.
  await Promise.all([listen(heatPort), listen(novaPort)])
  await wait(600)
  const again = new Date().toISOString()
  expect(await savedRefusals(state, again)).toEqual({})
  expect(await savedRefusals(state, undefined)).toEqual({})
  const third = await watchFreeze(context(), targets, () => again)
  expect(await third.end()).toEqual({})
})

test('one failed call is no freeze, an API that comes back was not frozen, and one that never answered is ignored', async () => {
  const nova = await listen()
  const port = portOf(nova)
  const gone = await listen()
  const gonePort = portOf(gone)
  await close(gone)
  const since = new Date().toISOString()
  const watch = await watchFreeze(context(), [target('nova', port), target('gone', gonePort)], () => since)
  await wait(500)
  await close(nova)
  await found(since, 1)
  await listen(port)
  await found(since, 0)
  expect(await watch.end()).toEqual({})
})

test('the report is readable by its owner only, and belongs to the current freeze', async () => {
  const frozenSince = new Date().toISOString()
  const sample: Line = { kind: 'sample', name: 'x', at: 1, wire: 'open', wireMs: 1, answer: 'good', ms: 1, says: '200' }
  const outage = await summarise([sample], { frozenSince, refused: {}, moves: [] })
  expect(await savedOutage(state, frozenSince)).toBeUndefined()
  await saveOutage(state, outage)
  expect(await savedOutage(state, frozenSince)).toEqual(outage)
  expect(await savedOutage(state, new Date(0).toISOString())).toBeUndefined()
  expect(await savedOutage(state, undefined)).toBeUndefined()
  for (const path of Object.values(outagePaths(state))) expect((await stat(path)).mode & 0o777).toBe(0o600)
})

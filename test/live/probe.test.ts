import { createServer, type Server } from 'node:http'
import { type AddressInfo, createServer as createTcp } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { summarise } from '../../src/cutover/outage.ts'
import { startProbe } from '../../src/cutover/probe.ts'

const servers: { close(): unknown }[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

const wait = (ms: number) => new Promise((wake) => setTimeout(wake, ms))

const listen = (port: number, status: number, seen: (string | undefined)[] = []): Promise<Server> =>
  new Promise((resolve, reject) => {
    const server = createServer((request, response) => {
      seen.push(request.headers.host)
      response.writeHead(status).end('{}')
    })
    servers.push(server)
    server.once('error', reject).listen(port, '127.0.0.1', () => resolve(server))
  })

const close = (server: Server) => new Promise((resolve) => server.close(resolve))

test('an API that goes away and comes back is down for as long as it was away, and another never is', async () => {
  const seen: (string | undefined)[] = []
  const first = await listen(0, 300, seen)
  const { port } = first.address() as AddressInfo
  const tcp = createTcp((socket) => socket.on('error', () => {}))
  servers.push(tcp)
  await new Promise<void>((resolve) => tcp.listen(0, '127.0.0.1', resolve))
  const probe = startProbe([
    { name: 'compute', address: '127.0.0.1', port, http: { path: '/v2.1', hostHeader: 'controller:8774', tls: false } },
    { name: 'AMQP', address: '127.0.0.1', port: (tcp.address() as AddressInfo).port },
  ])
  await wait(1000)
  await close(first)
  await wait(1500)
  await listen(port, 200)
  await wait(700)
  const outage = summarise(await probe.stop())
  const [compute, amqp] = outage.apis
  expect(compute?.worstGap).toBeGreaterThan(1.3)
  expect(compute?.worstGap).toBeLessThan(2.2)
  expect(Object.keys(compute?.failures ?? {})).toEqual(['ECONNREFUSED'])
  expect(compute?.answersSince).toBeDefined()
  expect(amqp).toMatchObject({ failed: 0, total: 0 })
  expect(amqp?.tries).toBeGreaterThan(20)
  expect(new Set(seen)).toEqual(new Set(['controller:8774']))
})

test('a refusal of the caller is an answer, a broken service is none, and silence ends after a second', async () => {
  const asked = await listen(0, 401)
  const broken = await listen(0, 503)
  const silent = createServer(() => {})
  servers.push(silent)
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
  const target = (name: string, server: Server) => ({
    name,
    address: '127.0.0.1',
    port: (server.address() as AddressInfo).port,
    http: { path: '/', hostHeader: 'x', tls: false },
  })
  const probe = startProbe([target('asked', asked), target('broken', broken), target('silent', silent)])
  await wait(500)
  const samples = await probe.stop()
  silent.closeAllConnections()
  const said = (name: string) => new Set(samples.filter((it) => it.name === name).map((it) => `${it.ok} ${it.says}`))
  expect(said('asked')).toEqual(new Set(['true 401']))
  expect(said('broken')).toEqual(new Set(['false 503']))
  expect(said('silent')).toEqual(new Set(['false no answer in 1 s']))
})

test('a probe ends when it is told to by its signal', async () => {
  const server = await listen(0, 200)
  const controller = new AbortController()
  const { port } = server.address() as AddressInfo
  const probe = startProbe([{ name: 'x', address: '127.0.0.1', port }], controller.signal)
  await wait(350)
  controller.abort()
  await wait(300)
  const samples = await probe.stop()
  expect(samples.length).toBeGreaterThan(1)
  expect(samples.length).toBeLessThan(6)
})

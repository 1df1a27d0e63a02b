import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { createServer as createTls } from 'node:https'
import { type AddressInfo, createServer as createTcp } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { notGreenText } from '../../src/cutover/outage/green.ts'
import { startProbe } from '../../src/cutover/outage/probe.ts'
import type { ProbeTarget } from '../../src/cutover/outage/probe-target.ts'
import { clock, connectPatience, type Sample, tryTarget } from '../../src/cutover/outage/probe-try.ts'

const servers: { close(): unknown }[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

const wait = (ms: number) => new Promise((wake) => setTimeout(wake, ms))

type Asked = { host: string | undefined; token: string | string[] | undefined }

const listen = (port: number, status: number, seen: Asked[] = []): Promise<Server> =>
  new Promise((resolve, reject) => {
    const server = createServer((request, response) => {
      seen.push({ host: request.headers.host, token: request.headers['x-auth-token'] })
      response.writeHead(status).end('{}')
    })
    servers.push(server)
    server.once('error', reject).listen(port, '127.0.0.1', () => resolve(server))
  })

const close = (server: Server) => new Promise((resolve) => server.close(resolve))
const portOf = (server: { address(): unknown }) => (server.address() as AddressInfo).port

const target = (name: string, port: number, token?: string): ProbeTarget => ({
  name,
  address: '127.0.0.1',
  port,
  http: { path: '/v2.1', hostHeader: 'controller:8774', tls: false, ...(token === undefined ? {} : { token }) },
})

const said = (samples: readonly Sample[], name: string) =>
  new Set(samples.filter((it) => it.name === name).map((it) => `${it.wire} ${it.answer} ${it.says}`))

test('without a token a refusal is a good answer, with one it is not; server errors and silence never are', async () => {
  const seen: Asked[] = []
  const refuses = await listen(0, 401, seen)
  const forbids = await listen(0, 403)
  const broken = await listen(0, 503)
  const silent = createTcp(() => {})
  const resets = createTcp((socket) => socket.on('data', () => socket.resetAndDestroy()).on('error', () => {}))
  const closed = createTcp()
  for (const server of [silent, resets, closed]) {
    servers.push(server)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  }
  const gone = portOf(closed)
  await new Promise((resolve) => closed.close(resolve))
  const samples: Sample[] = []
  const probe = startProbe(
    [
      target('asked', portOf(refuses)),
      target('asked with a token', portOf(refuses), 'secret-of-the-test'),
      target('forbidden with a token', portOf(forbids), 'secret-of-the-test'),
      target('broken', portOf(broken)),
      target('silent', portOf(silent)),
      target('resets', portOf(resets)),
      target('gone', gone),
      { name: 'port', address: '127.0.0.1', port: portOf(refuses) },
    ],
    { heard: (sample) => void samples.push(sample) },
  )
  const wanted = { times: 1, within: 5000, since: clock() }
  const red = await probe.green(wanted, 4000)
  await probe.stop()
  expect(said(samples, 'asked')).toContain('open good 401')
  expect(said(samples, 'asked with a token')).toEqual(new Set(['open bad 401']))
  expect(said(samples, 'forbidden with a token')).toEqual(new Set(['open good 403']))
  expect(said(samples, 'broken')).toContain('open bad 503')
  expect(said(samples, 'silent')).toEqual(new Set(['open unasked connected', 'open bad no answer in 5 s']))
  expect(said(samples, 'resets')).toContain('open bad ECONNRESET')
  expect(said(samples, 'gone')).toEqual(new Set(['refused bad ECONNREFUSED']))
  expect(said(samples, 'port')).toEqual(new Set(['open good connected']))
  expect(red.map(notGreenText).sort()).toEqual([
    'asked with a token at 127.0.0.1: 401',
    'broken at 127.0.0.1: 503',
    'gone at 127.0.0.1: ECONNREFUSED',
    'resets at 127.0.0.1: ECONNRESET',
    'silent at 127.0.0.1: no answer yet',
  ])
  expect(new Set(seen.map(({ host }) => host))).toEqual(new Set(['controller:8774']))
  expect(new Set(seen.map(({ token }) => token))).toEqual(new Set([undefined, 'secret-of-the-test']))
  expect(JSON.stringify(samples)).not.toContain('secret-of-the-test')
})

test('over TLS each call is a new connection that resumes the session', async () => {
  const files = mkdtempSync(join(tmpdir(), 'probe-'))
  const key = ['-keyout', join(files, 'key.pem'), '-out', join(files, 'cert.pem')]
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=controller', ...key], {
    stdio: 'ignore',
  })
  const made = { key: readFileSync(join(files, 'key.pem')), cert: readFileSync(join(files, 'cert.pem')) }
  rmSync(files, { recursive: true })
  const ports = new Set<number | undefined>()
  const resumed: boolean[] = []
  const server = createTls(made, (_, response) => void response.end('{}'))
  server.on('secureConnection', (socket) => {
    ports.add(socket.remotePort)
    resumed.push(socket.isSessionReused())
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const samples: Sample[] = []
  const http = { path: '/', hostHeader: 'controller', tls: true }
  const probe = startProbe([{ name: 'image', address: '127.0.0.1', port: portOf(server), http }], {
    heard: (sample) => void samples.push(sample),
  })
  expect(await probe.green({ times: 10, within: 5000, since: clock() }, 60_000)).toEqual([])
  await probe.stop()
  expect(said(samples, 'image')).toContain('open good 200')
  expect(ports.size).toBe(resumed.length)
  expect(resumed[0]).toBe(false)
  expect(resumed.filter(Boolean).length).toBeGreaterThan(5)
})

test('green is reported as soon as each target has answered often enough in a row, without older answers', async () => {
  const first = await listen(0, 200)
  const port = portOf(first)
  const probe = startProbe([target('compute', port), { name: 'port', address: '127.0.0.1', port: portOf(first) }])
  expect(await probe.green({ times: 5, within: 5000, since: clock() }, 20_000)).toEqual([])
  await close(first)
  const since = clock()
  const later = probe.green({ times: 5, within: 5000, since }, 60_000)
  const red = await probe.green({ times: 1, within: 5000, since }, 500)
  expect(red.map(notGreenText).sort()).toEqual([
    'compute at 127.0.0.1: ECONNREFUSED',
    'port at 127.0.0.1: ECONNREFUSED',
  ])
  await listen(port, 200)
  expect(await later).toEqual([])
  await probe.stop()
  expect((await probe.green({ times: 1, within: 5000, since: clock() }, 60_000)).map(notGreenText)).toEqual([
    'compute at 127.0.0.1: no answer yet',
    'port at 127.0.0.1: no answer yet',
  ])
})

test('an answer that takes too long is not green, and is reported with its time', async () => {
  const slow = createServer((_, response) => void setTimeout(() => response.writeHead(200).end(), 300))
  servers.push(slow)
  await new Promise<void>((resolve) => slow.listen(0, '127.0.0.1', resolve))
  const probe = startProbe([target('slow', portOf(slow))])
  const red = await probe.green({ times: 1, within: 200, since: clock() }, 3000)
  await probe.stop()
  expect(red.map(notGreenText)).toEqual([expect.stringMatching(/^slow at 127\.0\.0\.1: 200 after \d{3,} ms$/)])
})

test('a delayed process does not count answers that have already arrived as lost', async () => {
  const server = createTcp(() => {})
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const trying = tryTarget({ name: 'x', address: '127.0.0.1', port: portOf(server) }, true, new Map())
  await new Promise<void>((resolve) => process.nextTick(resolve))
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, connectPatience + 300)
  const sample = await trying
  expect(sample).toMatchObject({ wire: 'open', answer: 'good' })
  expect(sample.wireMs).toBeGreaterThan(connectPatience)
})

test('a probe stops at its signal, and reports what is not green', async () => {
  const server = await listen(0, 200)
  const controller = new AbortController()
  let heard = 0
  const probe = startProbe([{ name: 'x', address: '127.0.0.1', port: portOf(server) }], {
    signal: controller.signal,
    heard: () => void heard++,
  })
  const green = probe.green({ times: 1_000_000, within: 5000, since: clock() }, 60_000)
  await expect.poll(() => heard, { timeout: 20_000 }).toBeGreaterThan(3)
  controller.abort()
  expect(await green).toHaveLength(1)
  await probe.stop()
  const then = heard
  await wait(300)
  expect(heard).toBe(then)
})

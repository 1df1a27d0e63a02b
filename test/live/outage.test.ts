import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Context } from '../../src/context.ts'
import { announceAction } from '../../src/cutover/handover/announce.ts'
import { moveId, movesOf } from '../../src/cutover/handover/moves.ts'
import type { Outage } from '../../src/cutover/outage/outage.ts'
import { outageText } from '../../src/cutover/outage/outage-text.ts'
import type { ProbeTarget } from '../../src/cutover/outage/probe-target.ts'
import { clock } from '../../src/cutover/outage/probe-try.ts'
import { type Line, openRecorder, readLines } from '../../src/cutover/outage/samples.ts'
import { summarise } from '../../src/cutover/outage/summary.ts'
import { watchComputes } from '../../src/cutover/outage/watch-computes.ts'
import type { Entry } from '../../src/engine/journal.ts'
import type { Host } from '../../src/hosts/host.ts'
import { localHost } from '../../src/hosts/local.ts'
import { type Built, build } from './build.ts'
import { type Box, type Net, openNet, type Program } from './namespaces.ts'
import type { Setting } from './outage-program.ts'

const vip = '10.78.0.10'

/** Serves on every address of the box: plainly, over TLS, slowly, never, or with a reset. */
const server = `
import http.server, socket, ssl, struct, sys, threading, time
kind, port, files = sys.argv[1], int(sys.argv[2]), sys.argv[3]
class Api(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if kind == 'hangs':
            time.sleep(60)
        if kind == 'resets':
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
            self.connection.close()
            return
        if kind == 'slow':
            time.sleep(0.3)
        self.send_response(200 if self.headers.get('X-Auth-Token') or kind != 'token' else 401)
        self.send_header('Content-Length', '2')
        self.end_headers()
        self.wfile.write(b'{}')
    def log_message(self, *_): pass
class Server(http.server.ThreadingHTTPServer):
    request_queue_size, daemon_threads = 500, True
    def handle_error(self, *_): pass
one = Server(('0.0.0.0', port), Api)
if kind == 'tls':
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files + '/cert.pem', files + '/key.pem')
    one.socket = context.wrap_socket(one.socket, server_side=True, do_handshake_on_connect=False)
print('listening', flush=True)
one.serve_forever()
`

/** Accepts connections and keeps them, like a message broker. */
const broker = `
import socket
one = socket.create_server(('0.0.0.0', 5672), backlog=500)
print('listening', flush=True)
kept = []
while True:
    kept.append(one.accept()[0])
    kept[:] = kept[-2000:]
`

/** Keeps two connections to the broker, and reconnects when one ends. */
const client = `
import socket, sys, threading, time
def keep():
    while True:
        try:
            wire = socket.create_connection((sys.argv[1], 5672), 3)
            wire.settimeout(None)
            print('connected', flush=True)
            wire.recv(1)
        except OSError:
            pass
        time.sleep(0.1)
for _ in range(2):
    threading.Thread(target=keep).start()
`

let built: Built
let files: string
let net: Net
let [source, target, operator, compute]: Box[] = []

beforeAll(() => {
  built = build('test/live/outage-program.ts')
})
afterAll(() => built?.remove())

const at = (box: Box | undefined): Box => box as Box

beforeEach(async () => {
  files = mkdtempSync(join(tmpdir(), 'swapgap-'))
  const key = ['-keyout', join(files, 'key.pem'), '-out', join(files, 'cert.pem')]
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=controller', ...key], {
    stdio: 'ignore',
  })
  net = await openNet('swapgap')
  ;[source, target, operator, compute] = await Promise.all([
    net.box('source', ['10.78.0.11/24', `${vip}/24`]),
    net.box('target', ['10.78.0.12/24']),
    net.box('operator', ['10.78.0.2/24']),
    net.box('compute', ['10.78.0.13/24']),
  ])
  const serve = (box: Box | undefined, kind: string, port: number) =>
    at(box).start('python3', '-c', server, kind, String(port), files).said
  await Promise.all([
    ...[source, target].map((box) => at(box).start('python3', '-c', broker).said),
    serve(target, 'plain', 8774),
    serve(target, 'token', 5000),
    serve(target, 'tls', 9292),
    serve(target, 'slow', 8776),
    serve(target, 'hangs', 9696),
    serve(target, 'resets', 8004),
  ])
})

afterEach(async () => {
  await net?.close()
  rmSync(files, { recursive: true, force: true })
})

const http = (name: string, port: number, more: Partial<NonNullable<ProbeTarget['http']>> = {}): ProbeTarget => ({
  name,
  address: vip,
  port,
  http: { path: '/', hostHeader: 'controller', tls: false, ...more },
})

const targets: readonly ProbeTarget[] = [
  http('compute', 8774),
  http('identity', 5000),
  http('identity with a token', 5000, { token: 'secret' }),
  http('image', 9292, { tls: true }),
  http('volumev3', 8776),
  http('network', 9696),
  http('orchestration', 8004),
  http('dns', 9001),
  { name: 'AMQP :5672', address: vip, port: 5672 },
]

const probing = async (fresh: boolean, what = targets): Promise<Program & { stop(): Promise<void> }> => {
  const stop = join(files, `stop-${Math.round(clock())}`)
  const setting: Setting = { targets: what, samples: join(files, 'samples'), fresh, stop }
  const program = at(operator).start(process.execPath, built.path, JSON.stringify(setting))
  await program.said
  return {
    ...program,
    stop: async () => {
      writeFileSync(stop, '')
      const { code, stderr } = await program.ended
      expect(code, stderr).toBe(0)
    },
  }
}

const announce = async () => {
  const action = announceAction('target', [{ address: vip, prefix: 24, device: 'eth0' }], 3, 0.01)
  if (action.kind !== 'exec') throw new Error('not a program')
  const { code, stderr } = await at(target).run(action.argv, action.stdin)
  if (code !== 0) throw new Error(stderr)
}
const take = () => at(target).ask('ip', 'addr', 'add', `${vip}/24`, 'dev', 'eth0')
const letGo = () => at(source).ask('ip', 'addr', 'del', `${vip}/24`, 'dev', 'eth0')
const wait = (ms: number) => new Promise((wake) => setTimeout(wake, ms))

/** Performs a move, and returns its journal entries. */
const moving = async (move: () => Promise<unknown>): Promise<readonly Entry[]> => {
  const entry = (event: string) => ({ at: new Date().toISOString(), event, step: moveId }) as unknown as Entry
  const begun = entry('begun')
  await move()
  return [begun, entry('done')]
}

async function* all(...names: readonly string[]): AsyncGenerator<Line> {
  for (const name of names) yield* readLines(join(files, name))
}

const report = async (entries: readonly Entry[], frozenSince?: string): Promise<Outage> => {
  const outage = await summarise(all('samples', 'looks'), {
    ...(frozenSince === undefined ? {} : { frozenSince }),
    refused: {},
    moves: movesOf(entries, 0),
  })
  process.stdout.write(`${outageText(outage)}\n`)
  return outage
}

const api = (outage: Outage, name: string) => outage.apis.find((one) => one.name === name)

test('make before break loses nothing; every kind of API is reported correctly; a killed probe can continue', async () => {
  const frozenSince = new Date().toISOString()
  const first = await probing(true)
  const here = localHost()
  const host: Host = {
    ...here,
    spawn: ({ argv }) => here.spawn({ argv: ['env', ...at(compute).enter, ...argv] }),
  }
  const config = { addresses: [{ address: vip }], computes: [{ name: 'cmp1' }] }
  const recorder = await openRecorder(join(files, 'looks'), true)
  const end = await watchComputes({ config, hosts: () => host } as unknown as Context, recorder)
  await at(compute).start('python3', '-c', client, vip).said
  await wait(1500)
  const entries = await moving(async () => {
    await take()
    await announce()
    await letGo()
    await announce()
  })
  await wait(500)
  // Kills half-open connections, as the cutover does.
  await at(compute).ask('ss', '-K', '-t', '-n', 'dst', vip)
  await wait(1500)
  const [pid] = (await at(operator).ask('pgrep', '-f', built.path)).trim().split('\n')
  process.kill(Number(pid), 'SIGKILL')
  await first.ended
  await wait(1000)
  const second = await probing(false)
  await wait(1500)
  await second.stop()
  end()
  expect(await recorder.close()).toBeUndefined()
  const outage = await report(entries, frozenSince)

  const usual = ['compute', 'identity', 'identity with a token', 'image', 'volumev3', 'AMQP :5672']
  for (const name of usual) expect.soft(api(outage, name)?.move, name).toMatchObject({ lost: 0 })
  for (const name of usual) expect.soft(api(outage, name)?.move?.slowestConnect, name).toBeLessThan(900)
  for (const name of ['compute', 'identity', 'identity with a token', 'image', 'volumev3'])
    expect
      .soft(api(outage, name)?.freeze, name)
      .toMatchObject({ by: 'journal', from: frozenSince, seconds: expect.any(Number) })
  expect(api(outage, 'compute')?.failures).toEqual({ ECONNREFUSED: expect.any(Number) })
  expect(api(outage, 'AMQP :5672')).toMatchObject({ failed: 0 })
  expect(api(outage, 'AMQP :5672')).not.toHaveProperty('freeze')
  // The move itself lost no connection; targets that do not serve are reported separately.
  expect(api(outage, 'network')?.failures).toHaveProperty('no answer in 5 s')
  expect(api(outage, 'orchestration')?.failures).toHaveProperty('ECONNRESET')
  expect(api(outage, 'dns')).toMatchObject({ freeze: { by: 'journal' }, move: { lost: 0 } })
  expect(api(outage, 'dns')?.freeze).not.toHaveProperty('to')
  expect(api(outage, 'volumev3')?.slowestAnswer).toBeGreaterThanOrEqual(300)
  expect(outage.unwatched).toHaveLength(1)
  expect(outage.computes).toMatchObject([
    { name: 'cmp1', ports: [{ name: 'AMQP :5672', before: 2, now: 2, left: 0, first: expect.any(Number) }] },
  ])
  expect(outage.computes[0]?.ports[0]?.all).toBeLessThan(20)
  expect(readFileSync(join(files, 'samples'), 'utf8')).not.toContain('secret')
  expect(statSync(join(files, 'samples')).mode & 0o777).toBe(0o600)
})

test('break before make shows a gap as long as a caller waits: a second, until TCP resends its SYN', async () => {
  const probe = await probing(true)
  await wait(1500)
  const entries = await moving(async () => {
    await letGo()
    await wait(300)
    await take()
    await announce()
  })
  await wait(3000)
  await probe.stop()
  const outage = await report(entries)
  const amqp = api(outage, 'AMQP :5672')
  expect(amqp?.move?.gap).toBeGreaterThan(0.9)
  expect(amqp?.move?.gap).toBeLessThan(3.5)
  expect(amqp?.move?.slow).toBeGreaterThan(0)
  expect(amqp?.worstGap).toBeGreaterThan(0.9)
  expect(outage.move?.gap).toBeGreaterThan(0.9)
  expect(api(outage, 'compute')?.move?.gap).toBeGreaterThan(0.9)
})

test("MariaDB does not block the probe's machine, and is seen stopping and starting", async () => {
  const data = join(files, 'data')
  execFileSync('mariadb-install-db', ['--no-defaults', `--datadir=${data}`, '--user=root', '--skip-test-db'], {
    stdio: 'ignore',
  })
  const socket = join(files, 'mysqld.sock')
  const sql = (text: string) => at(target).ask('mariadb', '-N', '-S', socket, '-e', text)
  // MariaDB counts failed connections against an address that has a name and an account.
  await at(target).ask('sh', '-c', 'echo 10.78.0.2 operator >> /etc/hosts')
  const serve = () => {
    const words = [`--datadir=${data}`, '--user=root', `--socket=${socket}`, '--bind-address=0.0.0.0']
    at(target).start('mariadbd', '--no-defaults', ...words, '--max-connect-errors=10', '--performance-schema=on')
    return expect.poll(() => sql('SELECT 1').catch(() => ''), { timeout: 60_000 }).toBe('1\n')
  }
  await serve()
  await sql("CREATE USER nova@'%' IDENTIFIED BY 'x'")
  const database: ProbeTarget = { name: 'MariaDB :3306', address: '10.78.0.12', port: 3306, mysql: true }
  const probe = await probing(true, [database])
  const refused = "SELECT VARIABLE_VALUE FROM information_schema.GLOBAL_STATUS WHERE VARIABLE_NAME = 'ABORTED_CONNECTS'"
  await expect.poll(async () => Number(await sql(refused)), { timeout: 60_000 }).toBeGreaterThan(25)
  expect(
    await sql("SELECT sum_connect_errors < 5, host FROM performance_schema.host_cache WHERE ip = '10.78.0.2'"),
  ).toBe('1\toperator\n')
  await at(target).ask('mariadb-admin', '-S', socket, 'shutdown')
  await wait(1500)
  await serve()
  await wait(1500)
  await probe.stop()
  const [api] = (await report([])).apis
  expect(Object.keys(api?.failures ?? {})).toContain('ECONNREFUSED')
  expect(api?.worstGap).toBeGreaterThan(1)
  expect(api?.answersSince).toBeDefined()
})

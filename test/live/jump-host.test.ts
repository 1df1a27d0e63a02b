import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { init } from '../../src/commands/init.ts'
import type { Machine } from '../../src/config.ts'
import type { SwapError } from '../../src/errors.ts'
import { openHosts } from '../../src/hosts/hosts.ts'
import { connect, openReach } from '../../src/hosts/ssh.ts'
import { readSettings } from '../../src/settings/settings.ts'
import { keygen, type Sshd, startSshd } from './machines.ts'
import { type Box, type Net, openNet } from './namespaces.ts'

/** A jump host in a network of its own: whoever connects here gets its sshd. */
interface Hop {
  readonly machine: Machine
  /** connections so far */
  came(): number
  /** cuts all connections */
  cut(): void
  /** keeps all connections open and lets nothing through */
  silence(): void
  stop(): Promise<void>
}

let net: Net
let keys: Sshd
let own: Sshd
let box: Box
let inner: Machine
const hops: Hop[] = []

beforeAll(async () => {
  net = await openNet('swapjump')
  box = await net.box('hop', ['10.78.0.1/24'])
  const behind = await net.box('inner', ['10.78.0.11/24', '10.78.0.12/24'])
  for (const one of [box, behind]) await one.ask('mkdir', '-p', '/run/sshd')
  ;[keys, own] = [await startSshd(), await startSshd()]
  const config = join(own.directory, 'inner')
  const lines = readFileSync(join(own.directory, 'config'), 'utf8').replace(/^Port .*$/m, 'Port 22022')
  writeFileSync(config, lines.replace('ListenAddress 127.0.0.1', 'ListenAddress 10.78.0.11\nListenAddress 10.78.0.12'))
  behind.start('/usr/sbin/sshd', '-D', '-f', config)
  const listening = () => behind.ask('ss', '-Hltn', 'sport = :22022')
  for (let turn = 0; turn < 100 && (await listening()) === ''; turn += 1) await sleep(100)
  inner = { ...own.machine, name: 'target', host: '10.78.0.11', port: 22022 }
})
afterEach(async () => {
  for (const hop of hops.splice(0)) await hop.stop()
})
afterAll(async () => {
  await net?.close()
  await Promise.all([keys?.stop(), own?.stop()])
})

const startHop = async (...settings: readonly string[]): Promise<Hop> => {
  const config = join(keys.directory, `hop-${hops.length}`)
  writeFileSync(config, `${readFileSync(join(keys.directory, 'config'), 'utf8')}${settings.join('\n')}\n`)
  const sockets = new Set<Socket>()
  let came = 0
  const server = createServer((socket) => {
    came += 1
    sockets.add(socket)
    const [program = '', ...words] = [...box.enter, '/usr/sbin/sshd', '-i', '-f', config]
    const child = spawn(program, words, { stdio: ['pipe', 'pipe', 'ignore'] })
    for (const one of [socket, child.stdin, child.stdout]) one.on('error', () => {})
    socket.pipe(child.stdin)
    child.stdout.pipe(socket)
    socket.on('close', () => child.kill('SIGKILL'))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0
  const cut = () => {
    for (const socket of sockets) socket.destroy()
    sockets.clear()
  }
  const silence = () => {
    for (const socket of sockets) socket.unpipe().pause().removeAllListeners('data')
  }
  const stop = async () => {
    server.close()
    cut()
  }
  const hop = { machine: { ...keys.machine, name: 'bastion', port }, came: () => came, cut, silence, stop }
  hops.push(hop)
  return hop
}

const failure = (work: Promise<unknown>): Promise<SwapError> =>
  work.then(
    () => expect.fail('it should have failed'),
    (error) => error,
  )
const behind = (hop: Hop, more: Partial<Machine> = {}): Machine => ({ ...inner, jump: [{ ...hop.machine, ...more }] })

test('the machine cannot be reached without the jump host', async () => {
  expect((await failure(connect({ ...inner, port: 22 }, 'target'))).message).toMatch(/no connection/)
}, 30_000)

test('all connections of all machines share one to the jump host, which allows no sessions', async () => {
  const hop = await startHop('MaxSessions 0', 'MaxStartups 1')
  const side = { machines: [behind(hop)] as const }
  const computes = [{ ...behind(hop), name: 'cmp1' }]
  const hosts = openHosts({ file: '/s', source: { ...side, openrc: '/o' }, target: side, computes }, openReach())
  try {
    const names = ['source', 'target', 'compute:cmp1'] as const
    const streams = await Promise.all(Array.from({ length: 12 }, () => hosts('target').spawn({ argv: ['cat'] })))
    const asked = names.flatMap((name) => Array.from({ length: 8 }, (_, n) => ({ name, n })))
    const answers = await Promise.all(asked.map(({ name, n }) => hosts(name).run({ argv: ['echo', `${name} ${n}`] })))
    expect(answers.map(({ stdout }) => stdout.trim())).toEqual(asked.map(({ name, n }) => `${name} ${n}`))
    const { stdout } = await hosts('target').run({ argv: ['printenv', 'SSH_CONNECTION'] })
    expect(stdout).toMatch(/^10\.78\.0\.1 \d+ 10\.78\.0\.11 22022\n$/)
    expect(hop.came()).toBe(1)
    const much = await hosts('source').run({ argv: ['sh', '-c', 'cat | wc -c'], stdin: 'x'.repeat(20_000_000) })
    expect(much.stdout.trim()).toBe('20000000')
    for (const { stdin, stdout: out } of streams) {
      out.resume()
      stdin.end()
    }
    await Promise.all(streams.map(({ exit }) => exit))
  } finally {
    await hosts.close()
  }
}, 120_000)

test('two jump hosts are passed in order', async () => {
  const hop = await startHop()
  const second = { ...inner, name: 'edge' }
  const host = await connect({ ...inner, jump: [hop.machine, second] }, 'target')
  const { stdout } = await host.run({ argv: ['printenv', 'SSH_CONNECTION'] })
  expect(stdout).toMatch(/^10\.78\.0\.11 \d+ 10\.78\.0\.11 22022\n$/)
  await host.close()
})

test("init goes the operator's ssh's way, and writes it down", async () => {
  const hop = await startHop()
  const file = (name: string) => join(own.directory, name)
  const bastion = `HostName 127.0.0.1\nPort ${hop.machine.port}\nUser root\nIdentityFile ${hop.machine.key}`
  const ctl = (last: number) => `HostName 10.78.0.${last}\nPort 22022\nIdentityFile ${inner.key}\nProxyJump bastion`
  writeFileSync(file('ssh_config'), `Host bastion\n${bastion}\nHost ctl1\n${ctl(11)}\nHost ctl2\n${ctl(12)}\n`)
  const config = file('init.ini')
  const given = { config, source: 'ctl1', target: 'ctl2', compute: [], release: 'epoxy', sshConfig: file('ssh_config') }
  const written = (path: string) => {
    appendFileSync(path, '[address api]\naddress = 10.0.0.10/24\nsource_interface = eth0\ntarget_interface = eth0\n')
    return readSettings(path)
  }
  await init(given)
  const read = written(config)
  const jump = [{ ...hop.machine, name: 'bastion' }]
  const side = { host: '10.78.0.11', port: 22022, user: 'root', key: inner.key, hostKey: inner.hostKey, jump }
  expect(read.source.machines).toEqual([{ ...side, name: 'source' }])
  expect(read.target.machines).toEqual([{ ...side, name: 'target', host: '10.78.0.12' }])

  writeFileSync(file('keys'), `Host 127.*\nIdentityFile ${hop.machine.key}\nHost 10.*\nIdentityFile ${inner.key}\n`)
  const by = { ...given, config: file('by.ini'), sshConfig: file('keys') }
  const hosts = { source: '10.78.0.11:22022', target: '10.78.0.12:22022' }
  await init({ ...by, ...hosts, jump: [`root@127.0.0.1:${hop.machine.port}`] })
  expect(written(by.config).target.machines[0]).toMatchObject({
    host: '10.78.0.12',
    jump: [{ ...hop.machine, name: '127.0.0.1' }],
  })
}, 60_000)

test('host keys and logins of the jump host are checked as any others, and told with its name', async () => {
  const hop = await startHop()
  const other = keygen(join(keys.directory, 'other'), 'ed25519')
  const wrong = await failure(connect(behind(hop, { hostKey: other }), 'target'))
  expect(wrong).toMatchObject({ exitCode: 2, where: `bastion (root@127.0.0.1:${hop.machine.port})` })
  expect(wrong.message).toMatch(/host key is not the expected one/)
  const stranger = await failure(connect(behind(hop, { key: join(keys.directory, 'other') }), 'target'))
  expect(stranger).toMatchObject({ where: wrong.where, message: expect.stringMatching(/does not accept the key/) })
  keygen(join(keys.directory, 'locked'), 'ed25519', 'x')
  const locked = await failure(connect(behind(hop, { key: join(keys.directory, 'locked') }), 'target'))
  expect(locked.message).toMatch(/^\[jump bastion\] key: .* has a passphrase/)
  const behindIt = await failure(connect({ ...behind(hop), hostKey: other }, 'target'))
  expect(behindIt).toMatchObject({ exitCode: 2, where: 'target (root@10.78.0.11:22022 through bastion)' })
})

test('a jump host that forwards nothing, and a machine that is down behind it, are told apart', async () => {
  const closed = await startHop('AllowTcpForwarding no')
  const no = await failure(connect(behind(closed), 'target'))
  expect(no).toMatchObject({ exitCode: 2, where: expect.stringMatching(/^bastion/) })
  expect(no.message).toMatch(/does not let swapctl connect to 10\.78\.0\.11:22022/)
  expect(no.next).toMatch(/AllowTcpForwarding yes/)
  const hop = await startHop()
  const down = await failure(connect({ ...behind(hop), port: 1 }, 'target'))
  expect(down.message).toMatch(/cannot connect to target at 10\.78\.0\.11:1: .*refused/i)
  expect(down.next).toContain(`ssh -J root@127.0.0.1:${hop.machine.port} -p 1 root@10.78.0.11`)
})

test('a jump host that is lost fails what runs behind it at once, and the next command passes through it anew', async () => {
  const hop = await startHop()
  const host = await connect(behind(hop), 'target')
  const running = failure(host.run({ argv: ['sleep', '60'] }))
  await sleep(500)
  const began = Date.now()
  hop.cut()
  expect((await running).message).toMatch(/connection was lost while this ran: sleep 60/)
  expect(Date.now() - began).toBeLessThan(5_000)
  expect((await host.run({ argv: ['echo', 'again'] })).stdout).toBe('again\n')
  expect(hop.came()).toBe(2)
  await host.close()
})

test('a jump host that lets nothing through any more is noticed within 30 s', async () => {
  const hop = await startHop()
  const host = await connect(behind(hop), 'target')
  const running = failure(host.run({ argv: ['sleep', '60'] }))
  await sleep(500)
  const began = Date.now()
  hop.silence()
  expect((await running).message).toMatch(/connection was lost/)
  expect(Date.now() - began).toBeLessThan(30_000)
  await host.close()
}, 60_000)

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { awaitLeftovers, leftovers, streamMark } from '../../src/engine/machines/leftovers.ts'
import type { SwapError } from '../../src/errors.ts'
import { exitText } from '../../src/hosts/exit.ts'
import type { Host } from '../../src/hosts/host.ts'
import { fetchHostKey } from '../../src/hosts/hostkey.ts'
import { openHosts } from '../../src/hosts/hosts.ts'
import { localHost } from '../../src/hosts/local.ts'
import { connect, sshHost } from '../../src/hosts/ssh.ts'
import { keygen, type Sshd, startSshd } from './machines.ts'

let sshd: Sshd
let host: Host
const local = localHost()
beforeAll(async () => {
  sshd = await startSshd()
  host = sshHost(sshd.machine, 'source')
})
afterAll(async () => {
  await host?.close()
  await sshd?.stop()
})

const both = [
  ['ssh', () => host],
  ['local', () => local],
] as const
const failure = (work: Promise<unknown>): Promise<SwapError> =>
  work.then(
    () => expect.fail('it should have failed'),
    (error) => error,
  )
const alive = (pid: number): boolean =>
  existsSync(`/proc/${pid}/cmdline`) && readFileSync(`/proc/${pid}/cmdline`).length > 0
/** The sshd process of this host's connection. */
const server = async (of: Host): Promise<number> =>
  Number(
    (
      await of.run({
        argv: [
          'sh',
          '-c',
          'p=$PPID; while ! grep -q "^sshd" "/proc/$p/comm"; do p=$(cut -d " " -f 4 "/proc/$p/stat"); done; echo "$p"',
        ],
      })
    ).stdout.trim(),
  )

const hostile = [
  'two words',
  "it's",
  'a "quoted" word',
  'new\nline',
  '\ttab ',
  '$(touch /tmp/owned)',
  '`id`',
  '$HOME',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a word that a shell would expand
  '${IFS}',
  '!!',
  'Zoë проект-δ 日本 \u{1F600}',
  '',
  '-n',
  '--',
  '*',
  '~',
  '\\',
  '\\n',
  "'\\''",
  '#x',
  'a;b&c|d<e>f',
  '%s',
  '=x',
  '\r',
] as const

test.each(both)('%s: arguments arrive unchanged, whatever they contain', async (_, on) => {
  const { stdout, code } = await on().run({ argv: ['printf', '%s\\0', ...hostile] })
  expect(stdout.split('\0').slice(0, -1)).toEqual(hostile)
  expect(code).toBe(0)
})

test.each(both)('%s: stdin arrives completely, stdout and stderr come back separately', async (_, on) => {
  const stdin = `${'Zoë\n'.repeat(300_000)}end without newline`
  const { stdout, stderr } = await on().run({ argv: ['sh', '-c', 'cat; echo said >&2'], stdin })
  expect(stdout.length).toBe(stdin.length)
  expect(stdout === stdin).toBe(true)
  expect(stderr).toBe('said\n')
})

test.each(both)('%s: a program that does not read its input is no error', async (_, on) => {
  expect((await on().run({ argv: ['true'], stdin: 'x'.repeat(5_000_000) })).code).toBe(0)
})

test.each(both)('%s: exit codes are returned as a shell gives them', async (_, on) => {
  const code = async (...argv: [string, ...string[]]) => (await on().run({ argv })).code
  expect(await code('sh', '-c', 'exit 3')).toBe(3)
  expect(await code('no-such-program')).toBe(127)
  expect(await code('sh', '-c', 'kill -TERM $$')).toBe(143)
  expect(await code('sh', '-c', 'exit 124')).toBe(124)
})

test.each(both)('%s: programs answer in English and find the tools of sbin', async (_, on) => {
  expect((await on().run({ argv: ['ls', '/no/such'] })).stderr).toContain('No such file or directory')
  expect((await on().run({ argv: ['ip', '-V'] })).code).toBe(0)
})

test.each(both)('%s: a limit kills a hanging program with its children, and is named', async (name, on) => {
  const trace = join(sshd.directory, `hangs-${name}`)
  const began = Date.now()
  const argv = ['sh', '-c', 'sleep 600 & echo $! > "$1"; echo waiting for the moon >&2; wait', 'hangs', trace] as const
  const error = await failure(on().run({ argv, limit: 1 }))
  expect(Date.now() - began).toBeLessThan(10_000)
  expect(error.message).toMatch(/did not end within 1 s.*waiting for the moon/s)
  await sleep(200)
  expect(alive(Number(readFileSync(trace, 'utf8')))).toBe(false)
})

test('a program without its own limit gets that of questions in the settings', async () => {
  const one = { machines: [{ ...sshd.machine, name: 'source' }] as const }
  const sides = { source: { ...one, openrc: '/root/openrc' }, target: one, computes: [], file: 'swapctl.ini' }
  const hosts = openHosts({ ...sides, limits: { question: 1 } })
  try {
    const error = await failure(hosts('source').run({ argv: ['sleep', '30'] }))
    expect(error.message).toContain('did not end within 1 s')
    expect((await hosts('source').run({ argv: ['sleep', '2'], limit: 20 })).code).toBe(0)
  } finally {
    await hosts.close()
  }
})

test.each(both)(
  '%s: a program that does not mind being asked to end is ended by force',
  { timeout: 30_000 },
  async (name, on) => {
    const trace = join(sshd.directory, `stubborn-${name}`)
    const script = 'trap "" TERM; echo $$ > "$1"; echo here >&2; while :; do sleep 1; done'
    const began = Date.now()
    const error = await failure(on().run({ argv: ['sh', '-c', script, 'stubborn', trace], limit: 1 }))
    expect(error.message).toMatch(/did not end within 1 s and was ended; it last said:\nhere$/)
    expect(Date.now() - began).toBeGreaterThan(10_000)
    expect(alive(Number(readFileSync(trace, 'utf8')))).toBe(false)
  },
)

test.each(both)(
  '%s: a daemon that keeps the output open does not keep the answer back',
  { timeout: 20_000 },
  async (_, on) => {
    const { stdout } = await on().run({ argv: ['sh', '-c', 'sleep 25 & echo started'] })
    expect(stdout).toBe('started\n')
  },
)

test('a wrong host key is refused with the machine, both fingerprints and the remedy', async () => {
  const other = keygen(join(sshd.directory, 'other'), 'ed25519')
  const error = await failure(connect({ ...sshd.machine, hostKey: other }, 'source'))
  expect(error.exitCode).toBe(2)
  expect(error.where).toContain(`source (root@127.0.0.1:${sshd.machine.port})`)
  expect(error.message).toContain(`expected ${other}`)
  expect(error.message).toContain(sshd.fingerprints.ed25519)
  expect(error.next).toContain('host_key')
})

test("any of the machine's keys may be the pinned one, and init records the first", async () => {
  const pinned = await connect({ ...sshd.machine, hostKey: sshd.fingerprints.rsa }, 'source')
  expect((await pinned.run({ argv: ['echo', 'in'] })).stdout).toBe('in\n')
  await pinned.close()
  expect(await fetchHostKey('127.0.0.1', sshd.machine.port)).toBe(sshd.fingerprints.ed25519)
})

test('an unknown login key, a missing one and an invalid one are refused by name', async () => {
  const stranger = join(sshd.directory, 'stranger')
  keygen(stranger, 'ed25519')
  const unknown = await failure(connect({ ...sshd.machine, key: stranger }, 'source'))
  expect(unknown).toMatchObject({
    exitCode: 2,
    message: expect.stringContaining(`does not accept the key ${stranger}`),
  })
  const missing = await failure(connect({ ...sshd.machine, key: '/no/such/key' }, 'source'))
  expect(missing).toMatchObject({ exitCode: 2, message: expect.stringContaining('/no/such/key') })
  const none = await failure(connect({ ...sshd.machine, key: `${stranger}.pub` }, 'source'))
  expect(none).toMatchObject({ exitCode: 2, message: expect.stringContaining(`${stranger}.pub`) })
})

test('a machine that does not answer is refused with a way to check it', async () => {
  const machine = { ...sshd.machine, port: 1 }
  const error = await failure(connect(machine, 'source'))
  expect(error).toMatchObject({ exitCode: 2, next: expect.stringContaining('ssh -p 1 root@127.0.0.1') })
  await expect(fetchHostKey('127.0.0.1', 1)).rejects.toMatchObject({ exitCode: 2, where: '127.0.0.1:1' })
})

test('works with more questions and streams at once than sshd allows sessions per connection', async () => {
  const streams = await Promise.all(Array.from({ length: 20 }, () => host.spawn({ argv: ['cat'] })))
  const questions = Array.from({ length: 40 }, (_, index) => host.run({ argv: ['echo', String(index)] }))
  const answers = await Promise.all(questions)
  expect(answers.map(({ stdout }) => Number(stdout))).toEqual(answers.map((_, index) => index))
  for (const { stdin, stdout } of streams) {
    stdout.resume()
    stdin.end()
  }
  const exits = await Promise.all(streams.map(({ exit }) => exit))
  expect(exits.every(({ code }) => code === 0)).toBe(true)
})

test('works with a machine that allows only two sessions', async () => {
  const narrow = await startSshd({ settings: ['MaxSessions 2'] })
  const on = sshHost(narrow.machine, 'source')
  try {
    const questions = Array.from({ length: 12 }, (_, index) =>
      on.run({ argv: ['sh', '-c', 'sleep 0.1; echo "$1"', 'sh', String(index)] }),
    )
    expect((await Promise.all(questions)).map(({ stdout }) => Number(stdout))).toEqual(
      questions.map((_, index) => index),
    )
  } finally {
    await on.close()
    await narrow.stop()
  }
})

test('a cut connection fails what runs on it, and the next command gets a new one', async () => {
  const cut = sshHost(sshd.machine, 'source')
  const pid = await server(cut)
  const running = failure(cut.run({ argv: ['sleep', '20'] }))
  await sleep(300)
  process.kill(pid, 'SIGKILL')
  expect((await running).message).toMatch(/connection was lost while this ran: sleep 20/)
  expect(await server(cut)).not.toBe(pid)
  await cut.close()
})

test('a machine that stops answering is noticed within 30 s', { timeout: 60_000 }, async () => {
  const silent = sshHost(sshd.machine, 'source')
  const pid = await server(silent)
  const running = failure(silent.run({ argv: ['sleep', '50'] }))
  await sleep(300)
  process.kill(pid, 'SIGSTOP')
  const began = Date.now()
  try {
    expect((await running).message).toMatch(/connection was lost/)
    expect(Date.now() - began).toBeLessThan(30_000)
  } finally {
    process.kill(pid, 'SIGKILL')
  }
})

test.each(both)(
  '%s: a program left by an interrupted run is found by its mark, its children are not',
  async (_, on) => {
    const mark = `nova/it's ${process.pid}`
    const job = await on().spawn({ argv: ['sh', '-c', 'sleep 600 & echo $$; wait'], mark })
    const pid = await new Promise<number>((resolve) => job.stdout.once('data', (chunk) => resolve(Number(chunk))))
    expect(await leftovers(on(), mark)).toEqual([pid])
    expect(await leftovers(on(), mark.slice(0, -1))).toEqual([])
    job.kill()
    await job.exit.catch(() => {})
    expect(await leftovers(on(), mark)).toEqual([])
  },
)

test.each(both)('%s: the receiving end of an abandoned stream is killed, not waited for', async (name, on) => {
  const mark = `a/stream-${name}`
  const job = await on().spawn({ argv: ['sh', '-c', 'cat; sleep 600'], mark: streamMark(mark) })
  job.stdout.resume()
  await awaitLeftovers(
    () => on(),
    mark,
    ['source'],
    () => {},
  )
  expect(await leftovers(on(), streamMark(mark))).toEqual([])
  expect((await job.exit).code).toBe(137)
})

test('after close no machine is connected again, and local programs are killed', async () => {
  const [over, here] = [sshHost(sshd.machine, 'source'), localHost()]
  expect((await over.run({ argv: ['true'] })).code).toBe(0)
  const job = await here.spawn({ argv: ['sleep', '600'] })
  await Promise.all([over.close(), here.close()])
  expect((await failure(over.run({ argv: ['true'] }))).message).toMatch(/swapctl is stopping/)
  expect((await failure(over.socket('/run/x'))).message).toMatch(/swapctl is stopping/)
  expect((await job.exit).code).toBe(137)
})

test('a program killed for another reason than its limit is not reported as too slow', async () => {
  const killed = await host.run({ argv: ['sh', '-c', 'kill -KILL $$'], limit: 30 })
  expect(killed.code).toBe(137)
  expect(exitText(killed.code)).toMatch(/killed .*out of memory/)
})

test.each(both)(
  '%s: names that are no UTF-8 are told apart, and found again by what was said of them',
  async (name, on) => {
    const directory = join(sshd.directory, `bytes-${name}`)
    const make =
      'mkdir "$1"; cd "$1"; echo 377 > "$(printf "a\\377\\033[31m")"; echo 376 > "$(printf "a\\376\\033[31m")"'
    await on().run({ argv: ['sh', '-c', make, 'make', directory] })
    const { stdout } = await on().run({ argv: ['find', directory, '-type', 'f', '-print0'] })
    const paths = stdout.split('\0').slice(0, -1)
    expect(new Set(paths).size).toBe(2)
    // Over stdin for both, because an argument of a local program must be UTF-8.
    const found = await on().run({
      argv: ['xargs', '-0', 'cat', '--'],
      stdin: paths.map((path) => `${path}\0`).join(''),
    })
    expect(found.stdout.split('\n').sort()).toEqual(['', '376', '377'])
    if (name === 'ssh') expect((await on().run({ argv: ['cat', '--', ...paths] })).code).toBe(0)
  },
)

test("local: the operator's shell start files have no effect", async () => {
  const level = process.env['SHLVL']
  const home = mkdtempSync(join(tmpdir(), 'operator-'))
  writeFileSync(join(home, '.bashrc'), 'echo from his .bashrc\n')
  delete process.env['SHLVL']
  try {
    const { stdout } = await local.run({ argv: ['env', `HOME=${home}`, 'bash', '-c', 'echo said'] })
    expect(stdout).toBe('said\n')
  } finally {
    if (level !== undefined) process.env['SHLVL'] = level
    rmSync(home, { recursive: true })
  }
})

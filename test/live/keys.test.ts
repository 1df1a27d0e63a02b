import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Machine } from '../../src/config.ts'
import type { SwapError } from '../../src/errors.ts'
import { openHosts } from '../../src/hosts/hosts.ts'
import type { Asked } from '../../src/hosts/password.ts'
import { connect, openReach } from '../../src/hosts/ssh.ts'
import { withoutKnown } from '../../src/text/secrets.ts'
import { build } from './build.ts'
import { keygen, type Sshd, startSshd } from './machines.ts'

const passphrase = 'Tr0ub4dor & 3 wörds'

let sshd: Sshd
/** A machine that only counts who comes. */
let untouched: Server
let came = 0
beforeAll(async () => {
  sshd = await startSshd()
  for (const [name, type, ...more] of kinds) newKey(name, type, ...more)
  writeFileSync(join(sshd.directory, 'passphrase'), `${passphrase}\n`, { mode: 0o600 })
  writeFileSync(join(sshd.directory, 'wrong'), 'another\n', { mode: 0o600 })
  untouched = createServer((socket) => {
    came += 1
    socket.destroy()
  }).listen(0, '127.0.0.1')
  await once(untouched, 'listening')
})
afterAll(async () => {
  untouched?.close()
  await sshd?.stop()
})

const kinds = [
  ['openssh', 'ed25519'],
  ['openssh-rsa', 'rsa'],
  ['openssh-gcm', 'ed25519', '-Z', 'aes256-gcm@openssh.com'],
  ['pem-rsa', 'rsa', '-m', 'PEM'],
  ['pem-ecdsa', 'ecdsa', '-m', 'PEM'],
  ['pkcs8-rsa', 'rsa', '-m', 'PKCS8'],
  ['pkcs8-ecdsa', 'ecdsa', '-m', 'PKCS8'],
] as const

const newKey = (name: string, type: string, ...more: readonly string[]): void => {
  const path = join(sshd.directory, name)
  keygen(path, type, passphrase, ...more)
  appendFileSync(join(sshd.directory, 'user.pub'), readFileSync(`${path}.pub`))
}
const at = (name: string): string => join(sshd.directory, name)
const failure = (work: Promise<unknown>): Promise<SwapError> =>
  work.then(
    () => expect.fail('it should have failed'),
    (error) => error,
  )
const nowhere = (more: Partial<Machine>): Machine => {
  const address = untouched.address()
  return { ...sshd.machine, port: typeof address === 'object' ? (address?.port ?? 0) : 0, ...more }
}

/** Gives these answers. */
const answering = (...answers: readonly (string | undefined)[]) => {
  const left = [...answers]
  const questions: string[] = []
  const asked: Asked = {
    there: () => true,
    password: async (question) => {
      questions.push(question)
      return left.shift()
    },
    say: () => {},
    leave: () => {},
  }
  return { asked, questions }
}

const configOf = (machine: Machine, compute = machine) =>
  ({
    file: '/s.ini',
    source: { machines: [machine], openrc: '/root/openrc' },
    target: { machines: [{ ...machine, name: 'target' }] },
    computes: [{ ...compute, name: 'cmp1' }],
  }) as const

test.each(kinds)('a key of the form %s opens with the passphrase in its file, and with no other', async (...[name]) => {
  const machine = { ...sshd.machine, key: at(name) }
  const host = await connect({ ...machine, passphraseFile: at('passphrase') }, 'source')
  expect((await host.run({ argv: ['echo', 'in'] })).stdout).toBe('in\n')
  await host.close()
  const before = came
  const error = await failure(connect(nowhere({ key: at(name), passphraseFile: at('wrong') }), 'source:ctl1'))
  expect(error).toMatchObject({ exitCode: 2, next: expect.stringContaining('passphrase') })
  expect(error.message).toBe(
    `[source ctl1] key_passphrase_file: the passphrase in ${at('wrong')} is not that of ${at(name)}`,
  )
  expect(came).toBe(before)
})

test('a passphrase is asked for once, whatever number of machines the key opens', async () => {
  const { asked, questions } = answering(`${passphrase}x`, passphrase)
  const hosts = openHosts(configOf({ ...sshd.machine, key: at('openssh') }), openReach(asked))
  try {
    await hosts.askPasswords()
    const names = ['source', 'target', 'compute:cmp1'] as const
    const answers = await Promise.all(names.map((name) => hosts(name).run({ argv: ['echo', name] })))
    expect(answers.map(({ stdout }) => stdout.trim())).toEqual(names)
    expect(questions).toEqual(Array(2).fill(`Passphrase of ${at('openssh')}: `))
    expect(withoutKnown(`it is ${passphrase}.`)).not.toContain(passphrase)
    const found = await hosts('source').run({
      argv: ['sh', '-c', 'grep -alF -f - /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null; :'],
      stdin: passphrase,
    })
    expect(found.stdout).toBe('')
  } finally {
    await hosts.close()
  }
})

test.each([
  ['three wrong answers', ['one', '', 'three'], 3],
  ['a question left', [undefined], 1],
])('%s are the end of it, before any machine hears of it', async (_, answers, times) => {
  const { asked, questions } = answering(...answers)
  const before = came
  const hosts = openHosts(configOf(nowhere({ key: at('pem-rsa') })), openReach(asked))
  const error = await failure(hosts.askPasswords())
  expect(error).toMatchObject({ exitCode: 2, next: expect.stringMatching(/key_passphrase_file in \[source\]/) })
  expect(error.message).toBe(`[source] key: ${at('pem-rsa')} was given no passphrase that opens it`)
  expect(await failure(hosts('target').run({ argv: ['true'] }))).toBe(error)
  expect([questions.length, came]).toEqual([times, before])
  await hosts.close()
})

test("without a terminal the error says what to set; a compute's key holds nothing up", async () => {
  const { asked } = answering()
  const nobody = { ...asked, there: () => false }
  const locked = nowhere({ key: at('openssh') })
  const error = await failure(openHosts(configOf(locked), openReach(nobody)).askPasswords())
  expect(error.message).toMatch(/^\[source\] key: .* has a passphrase, and there is no terminal to ask for it now$/)
  expect(error.next).toMatch(
    /Run swapctl at a terminal, or name a file of mode 0600 .*key_passphrase_file in \[source\]/,
  )
  const hosts = openHosts(configOf(sshd.machine, locked), openReach(nobody))
  await hosts.askPasswords()
  expect((await hosts('source').run({ argv: ['echo', 'in'] })).stdout).toBe('in\n')
  expect((await failure(hosts('compute:cmp1').run({ argv: ['true'] }))).message).toMatch(/^\[compute cmp1\] key: /)
  await hosts.close()
})

/** Runs `init` at a terminal; each answer is typed when the question before it is there. */
const initWith = async (program: string, config: string, answers: readonly string[]) => {
  const words = [process.execPath, program, `root@127.0.0.1:${sshd.machine.port}`, at('openssh'), config]
  const child = spawn('script', ['-qec', words.join(' '), '/dev/null'], { stdio: ['pipe', 'pipe', 'inherit'] })
  let [screen, told] = ['', 0]
  child.stdout.on('data', (chunk: Buffer) => {
    screen += chunk.toString('utf8')
    if (screen.split('Passphrase of').length - 1 <= told) return
    told += 1
    setTimeout(() => child.stdin.write(answers[told - 1] ?? '\u0003'), 100)
  })
  const [code] = await once(child, 'exit')
  return { code, screen, told }
}

test('init asks at the terminal once for both sides, and shows nothing of it', async () => {
  const built = build('test/live/init-program.ts')
  try {
    const done = await initWith(built.path, at('swapctl.ini'), ['wrong\r', `${passphrase}\r`])
    expect(done).toMatchObject({ code: 0, told: 2, screen: expect.stringMatching(/not its passphrase[\s\S]*Wrote/) })
    expect(done.screen).not.toContain('Tr0ub4dor')
    expect(readFileSync(at('swapctl.ini'), 'utf8')).not.toContain('Tr0ub4dor')
    const left = await initWith(built.path, at('other.ini'), ['\u0003'])
    expect(left).toMatchObject({ code: 2, told: 1, screen: expect.stringMatching(/was given no passphrase/) })
    expect(existsSync(at('other.ini'))).toBe(false)
  } finally {
    built.remove()
  }
})

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Become } from '../../src/config.ts'
import type { SwapError } from '../../src/errors.ts'
import { openHosts } from '../../src/hosts/hosts.ts'
import type { Asked } from '../../src/hosts/password.ts'
import { connect, openReach, sshHost } from '../../src/hosts/ssh.ts'
import { type Account, type Accounts, startAccounts } from './accounts.ts'
import { type Built, build } from './build.ts'
import { type Sshd, startSshd } from './machines.ts'

const password = 'Correct-Horse-7'
const free = (name: string, ...defaults: readonly string[]): Account => ({
  sudoers: [`${name} ALL=(root) NOPASSWD: ALL`, ...defaults.map((one) => `Defaults:${name} ${one}`)],
})

let accounts: Accounts
let sshd: Sshd
beforeAll(async () => {
  accounts = await startAccounts({
    plain: free('plain'),
    stranger: { password },
    few: { password, sudoers: ['few ALL=(root) /usr/bin/id'] },
    notty: free('notty', 'requiretty'),
    noexec: free('noexec', 'noexec'),
    recorded: free('recorded', 'log_input', 'log_output', '!log_output'),
    tagged: { sudoers: ['tagged ALL=(root) NOPASSWD: LOG_OUTPUT: ALL'] },
    other: free('other', 'runas_default=nobody'),
    absent: free('absent'),
    noisy: free('noisy'),
    cached: { password, sudoers: ['cached ALL=(root) ALL', 'Defaults:cached timestamp_type=global'] },
    asked: { password, sudoers: ['asked ALL=(root) ALL', 'Defaults:asked insults'] },
  })
  sshd = await startSshd({ through: accounts.through })
  const bare = join(sshd.directory, 'bare')
  mkdirSync(bare)
  symlinkSync('/usr/bin/env', join(bare, 'env'))
  writeFileSync(
    join(sshd.directory, '.bashrc'),
    `case $USER in absent) PATH=${bare} ;; noisy) echo welcome to ctl1 ;; esac\n`,
  )
})
afterAll(async () => {
  await sshd?.stop()
  await accounts?.stop()
})

const failure = (work: Promise<unknown>): Promise<SwapError> =>
  work.then(
    () => expect.fail('it should have failed'),
    (error) => error,
  )
const refused = (user: string, become: Become = {}): Promise<SwapError> =>
  failure(connect({ ...sshd.machine, user, become }, 'source:ctl1'))

test.each([
  [
    'stranger without a password',
    'stranger',
    /wants a password, and there is no terminal/,
    /become_password_file.*NOPASSWD: ALL/,
  ],
  ['requiretty', 'notty', /refuses to run without a terminal \(requiretty\)/, /Defaults:notty !requiretty/],
  ['noexec', 'noexec', /keeps programs from starting others \(noexec\)/, /Defaults:noexec !noexec/],
  ['log_input', 'recorded', /records what programs .* \(log_input\)/, /visudo: Defaults:recorded !log_input$/],
  ['the tag LOG_OUTPUT', 'tagged', /records what programs .* \(LOG_OUTPUT\)/, /visudo: no tag LOG_OUTPUT$/],
  ['a machine without sudo', 'absent', /there is no sudo/, /Install sudo there, or log in as root/],
])('%s is refused with section, key and what to do', async (_, user, says, next) => {
  expect(await refused(user)).toMatchObject({
    exitCode: 2,
    where: expect.stringMatching(/^source \(\w+@127\.0\.0\.1:\d+\)$/),
    message: expect.stringMatching(new RegExp(`^\\[source ctl1\\] become: (sudo )?${'.*'}${says.source}`)),
    next: expect.stringMatching(next),
  })
})

test('the question asked of sudo is the known one: what a start file prints is refused as without sudo', async () => {
  expect((await refused('noisy')).message).toMatch(/^prints extra text before the output.*welcome to ctl1/)
})

test('root is asked for by name, whoever sudo would take otherwise', async () => {
  const host = await connect({ ...sshd.machine, user: 'other', become: {} }, 'source')
  expect((await host.run({ argv: ['id', '-u'] })).stdout).toBe('0\n')
  await host.close()
})

test('a login that is not root and does not become root is refused with the setting that helps', async () => {
  const error = await failure(connect({ ...sshd.machine, user: 'plain' }, 'compute:cmp1'))
  expect(error).toMatchObject({ exitCode: 2, message: expect.stringMatching(/^logs in with uid \d+, not as root/) })
  expect(error.next).toMatch(/set become = sudo in \[compute cmp1\]/)
})

test('a file with a wrong password is refused after one attempt, one that others may read before any', async () => {
  const passwordFile = join(sshd.directory, 'wrong')
  writeFileSync(passwordFile, 'not this one\n', { mode: 0o600 })
  const wrong = await refused('asked', { passwordFile })
  expect(wrong).toMatchObject({ exitCode: 2, final: true })
  expect(wrong.message).toBe(
    `[source ctl1] become_password_file: sudo there does not take the password in ${passwordFile}`,
  )
  writeFileSync(join(sshd.directory, 'open'), password, { mode: 0o644 })
  const open = await refused('asked', { passwordFile: join(sshd.directory, 'open') })
  expect(open.message).toMatch(/^\[source ctl1\] become_password_file: .* has mode 0644 and must have 0600/)
})

test.each(['stranger', 'few'])(
  '%s, whom sudo lets run not every program, is told so once the password is right',
  async (user) => {
    const error = await refused(user, { passwordFile: right() })
    expect(error.message).toMatch(new RegExp(`^\\[source ctl1\\] become: .*does not let ${user} run every program`))
    expect(error.next).toMatch(new RegExp(`visudo: ${user} ALL=\\(root\\) ALL`))
  },
)

const right = (): string => {
  const path = join(sshd.directory, 'right')
  writeFileSync(path, password, { mode: 0o600 })
  return path
}

test('what sudo remembers of an earlier login is no permission: it would be gone in the middle of a swap', async () => {
  const remember = `echo ${password} | runuser -u cached -- sudo -S -p '' true; runuser -u cached -- sudo -n id -u`
  expect(await accounts.sh(remember)).toBe('0')
  expect((await refused('cached')).message).toMatch(/wants a password/)
  const host = await connect({ ...sshd.machine, user: 'cached', become: { passwordFile: right() } }, 'source')
  await host.close()
})

test('passwords are asked for before anything else, only where sudo wants one, and never later', async () => {
  const questions: string[] = []
  let here = true
  const asked: Asked = {
    there: () => here,
    password: async (question) => {
      questions.push(question)
      return password
    },
    say: () => {},
    leave: () => {
      here = false
    },
  }
  const machine = (user: string, more: object = {}) => ({ ...sshd.machine, user, become: {}, ...more })
  const config = {
    file: '/s.ini',
    source: { machines: [machine('asked')], openrc: '/root/openrc' },
    target: { machines: [machine('plain', { name: 'target' })] },
    computes: [machine('asked', { name: 'cmp1', port: 1 })],
  } as const
  const hosts = openHosts(config, openReach(asked))
  try {
    await hosts.askPasswords()
    expect([questions.length, here]).toEqual([1, false])
    expect(questions[0]).toMatch(/^Password that sudo asks for on source \(asked@127\.0\.0\.1:\d+\): $/)
    expect((await hosts('source').run({ argv: ['id', '-u'] })).stdout).toBe('0\n')
    expect((await hosts('target').run({ argv: ['id', '-u'] })).stdout).toBe('0\n')
    expect((await failure(hosts('compute:cmp1').run({ argv: ['true'] }))).message).toMatch(/no connection/)
    expect(questions).toHaveLength(1)
  } finally {
    await hosts.close()
  }
})

test('three wrong answers are the end of it, and the machine is not asked again', async () => {
  const answers = ['one', 'two', 'three', password]
  const asked: Asked = {
    there: () => true,
    password: async () => answers.shift(),
    say: () => {},
    leave: () => {},
  }
  const host = sshHost({ ...sshd.machine, user: 'asked', become: {} }, 'target', openReach(asked))
  const error = await failure(host.run({ argv: ['true'] }))
  expect(error).toMatchObject({ exitCode: 2, message: expect.stringMatching(/^\[target\] become: .*no password/) })
  expect(await failure(host.spawn({ argv: ['true'] }))).toBe(error)
  expect(answers).toEqual([password])
  await host.close()
})

/** Runs `init` at a terminal; each answer is typed when the question before it is there. */
const atTerminal = async (built: Built, user: string, config: string, answers: readonly string[]) => {
  const words = [process.execPath, built.path, `${user}@127.0.0.1:${sshd.machine.port}`, sshd.machine.key, config]
  const child = spawn('script', ['-qec', words.join(' '), '/dev/null'], { stdio: ['pipe', 'pipe', 'inherit'] })
  let [screen, told] = ['', 0]
  child.stdout.on('data', (chunk: Buffer) => {
    screen += chunk.toString('utf8')
    if (screen.split('Password that sudo asks for').length - 1 <= told) return
    told += 1
    setTimeout(() => child.stdin.write(answers[told - 1] ?? '\u0003'), 100)
  })
  const [code] = await once(child, 'exit')
  return { code, screen }
}

test('init asks at the terminal once for each machine, again after a mistake, and shows nothing of it', async () => {
  const built = build('test/live/init-program.ts')
  try {
    const config = join(sshd.directory, 'swapctl.ini')
    const typed = [`${password}x\r`, `${password}y\u007f\r`, `${password}\r`]
    const done = await atTerminal(built, 'asked', config, typed)
    expect(done).toMatchObject({ code: 0, screen: expect.stringMatching(/does not take this password[\s\S]*Wrote/) })
    expect(done.screen).not.toContain('Correct')
    expect(readFileSync(config, 'utf8').match(/^user = asked\nbecome = sudo$/gm)).toHaveLength(2)
    const left = await atTerminal(built, 'asked', `${config}.2`, ['\u0003'])
    expect(left).toMatchObject({ code: 2, screen: expect.stringMatching(/got no password that it takes/) })
  } finally {
    built.remove()
  }
})

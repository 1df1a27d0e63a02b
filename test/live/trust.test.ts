import { copyFileSync, rmSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { SwapError } from '../../src/errors.ts'
import { openDatabase } from '../../src/hosts/db.ts'
import type { Host } from '../../src/hosts/host.ts'
import { fetchHostKey } from '../../src/hosts/hostkey.ts'
import { connect, sshHost } from '../../src/hosts/ssh.ts'
import { askDetour } from '../../src/hosts/ssh-config.ts'
import { install, keygen, type Sshd, startMariadb, startSshd } from './machines.ts'

const failure = (work: Promise<unknown>): Promise<SwapError> =>
  work.then(
    () => expect.fail('it should have failed'),
    (error) => error,
  )

let sshd: Sshd
beforeAll(async () => {
  install({ '/bin/csh': 'csh', '/usr/bin/fish': 'fish' })
  sshd = await startSshd()
})
afterAll(() => sshd?.stop())

/** sshd starts root's bash like rsh would, so it reads ~/.bashrc. */
const startFile = async (content: string): Promise<SwapError> => {
  const path = join(sshd.directory, '.bashrc')
  writeFileSync(path, content)
  try {
    return await failure(connect(sshd.machine, 'source'))
  } finally {
    rmSync(path)
  }
}

const refused = { exitCode: 2, where: expect.stringMatching(/^source \(root@127\.0\.0\.1:\d+\)$/) }

test('a proper machine is asked one extra question, and passes', async () => {
  const host = await connect(sshd.machine, 'source')
  expect((await host.run({ argv: ['id', '-u'] })).stdout).toBe('0\n')
  await host.close()
})

test('a shell start file that prints is refused with its output', async () => {
  const error = await startFile('echo welcome to ctl1\n')
  expect(error).toMatchObject({ ...refused, message: expect.stringContaining('"welcome to ctl1\\n"') })
  expect(error.next).toContain('~/.bashrc')
})

test("a shell start file that reads is refused, because it consumes programs' input", async () => {
  const error = await startFile('read x\n')
  expect(error).toMatchObject({ ...refused, message: expect.stringMatching(/^consumes the standard input/) })
})

test('a shell start file that exits is refused with its exit code', async () => {
  const error = await startFile('echo maintenance >&2; exit 75\n')
  expect(error).toMatchObject({ ...refused, message: expect.stringMatching(/"maintenance", exit code 75$/) })
})

test.each([
  ['a login shell csh', 'csh -fc "$SSH_ORIGINAL_COMMAND"', /does not behave like a POSIX shell: .*standard error/],
  ['a login shell fish', 'fish -c "$SSH_ORIGINAL_COMMAND"', /does not behave like a POSIX shell: .*standard error/],
  [
    'a forced command',
    'echo \'Please login as the user "debian"\'; exit 142',
    /Please login as the user .*exit code 142$/,
  ],
  [
    'a user other than root',
    'exec setpriv --reuid 65534 --clear-groups sh -c "$SSH_ORIGINAL_COMMAND"',
    /^logs in with uid 65534, not as root/,
  ],
])('%s is refused with what came instead', async (_, command, says) => {
  const other = await startSshd({ settings: [`ForceCommand ${command}`] })
  try {
    const error = await failure(connect(other.machine, 'source'))
    expect(error).toMatchObject({ ...refused, message: expect.stringMatching(says) })
    expect((await failure(sshHost(other.machine, 'source').spawn({ argv: ['true'] }))).message).toMatch(says)
  } finally {
    await other.stop()
  }
})

test('more streams than sessions per connection use further connections', async () => {
  const narrow = await startSshd({ settings: ['MaxSessions 2'] })
  const on = sshHost(narrow.machine, 'source')
  try {
    const streams = await Promise.all(Array.from({ length: 7 }, () => on.spawn({ argv: ['cat'] })))
    expect((await on.run({ argv: ['echo', 'still'] })).stdout).toBe('still\n')
    for (const { stdin, stdout } of streams) {
      stdout.resume()
      stdin.end()
    }
    expect((await Promise.all(streams.map(({ exit }) => exit))).map(({ code }) => code)).toEqual(streams.map(() => 0))
  } finally {
    await on.close()
    await narrow.stop()
  }
})

test('an unsupported key exchange is reported with both lists and the setting', async () => {
  const other = await startSshd({ settings: ['KexAlgorithms sntrup761x25519-sha512@openssh.com'] })
  try {
    for (const error of [
      await failure(connect(other.machine, 'source')),
      await failure(fetchHostKey('127.0.0.1', other.machine.port)),
    ]) {
      expect(error.exitCode).toBe(2)
      expect(error.message).toMatch(/no KEX method: it offers sntrup761x25519-sha512@openssh\.com/)
      expect(error.next).toMatch(/KexAlgorithms in its sshd_config.*curve25519-sha256/)
    }
  } finally {
    await other.stop()
  }
})

test("a jump host or other setting of the operator's own ssh is reported", async () => {
  const file = join(sshd.directory, 'ssh_config')
  const lines = [
    'Host jump*',
    'ProxyJump bastion.example.com',
    'Host command*',
    'ProxyCommand nc %h %p',
    'Host name',
    'HostName 10.0.0.11',
  ]
  writeFileSync(file, `${lines.join('\n')}\n`)
  const ask = (host: string) => askDetour(host, 22, file)
  expect(await ask('jump1')).toBe('your ssh uses ProxyJump bastion.example.com')
  expect(await ask('command1')).toBe('your ssh uses ProxyCommand nc %h %p')
  expect(await ask('name')).toBe('your ssh knows it as 10.0.0.11 (HostName)')
  expect(await ask('10.0.0.12')).toBeUndefined()
})

/** A host whose MariaDB has its socket elsewhere. */
const withSocket = (plain: Host, path: string): Host => ({
  ...plain,
  run: (command) =>
    command.argv[0] === 'test'
      ? Promise.resolve({ code: 1, stdout: '', stderr: '' })
      : command.argv[0] === 'my_print_defaults'
        ? Promise.resolve({ code: 0, stdout: `--socket=${path}\n`, stderr: '' })
        : plain.run(command),
})

test('an sshd of OpenSSH 5.3, which forwards to no socket, is used as any other', async () => {
  const old = await startSshd({
    settings: [
      'AllowStreamLocalForwarding no',
      'KexAlgorithms diffie-hellman-group-exchange-sha256,diffie-hellman-group-exchange-sha1,diffie-hellman-group14-sha1',
      'HostKeyAlgorithms ssh-rsa',
      'Ciphers aes128-ctr,aes256-ctr,aes128-cbc',
      'MACs hmac-md5,hmac-sha1',
    ],
  })
  const mariadb = await startMariadb()
  const key = join(old.directory, 'rsa')
  keygen(key, 'rsa')
  copyFileSync(`${key}.pub`, join(old.directory, 'user.pub'))
  const plain = sshHost({ ...old.machine, key, hostKey: old.fingerprints.rsa }, 'source')
  try {
    const db = await openDatabase(withSocket(plain, mariadb.socket), { readOnly: true })
    const length = 3_000_000
    expect(await db.rows(`SELECT CHAR_LENGTH(REPEAT('x', ${length})) n, CURRENT_USER() who`)).toEqual([
      { n: length, who: 'root@localhost' },
    ])
    expect((await db.rows<{ x: string }>(`SELECT REPEAT('x', ${length}) x`))[0]?.x.length).toBe(length)
    await db.close()
    const gone = await failure(openDatabase(withSocket(plain, `${mariadb.socket}.gone`), { readOnly: true }))
    expect(gone).toMatchObject({ where: 'source, MariaDB', next: expect.stringContaining('installed and running') })
  } finally {
    await plain.close()
    await mariadb.stop()
    await old.stop()
  }
})

test('an sshd that forwards to no socket, without a Python there, is distinguished from a MariaDB that does not run', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'swapctl-python-'))
  const none = join(directory, 'python3')
  writeFileSync(none, '#!/bin/sh\necho "python3: not found" >&2; exit 127\n', { mode: 0o755 })
  const through = ['unshare', '--mount', 'sh', '-c', 'mount --bind "$0" /usr/bin/python3 && exec "$@"', none]
  const closed = await startSshd({ settings: ['AllowStreamLocalForwarding no'], through })
  const mariadb = await startMariadb()
  const plain = sshHost(closed.machine, 'source')
  try {
    const there = await failure(openDatabase(withSocket(plain, mariadb.socket), { readOnly: true }))
    expect(there).toMatchObject({
      exitCode: 2,
      where: 'source, sshd',
      next: expect.stringMatching(/install python3, or allow it: AllowStreamLocalForwarding yes/),
    })
    const gone = await failure(openDatabase(withSocket(plain, `${mariadb.socket}.gone`), { readOnly: true }))
    expect(gone).toMatchObject({ where: 'source, MariaDB', next: expect.stringContaining('installed and running') })
  } finally {
    await plain.close()
    await mariadb.stop()
    await closed.stop()
    await rm(directory, { recursive: true })
  }
})

import { createHash } from 'node:crypto'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Become } from '../../src/config.ts'
import { leftovers, streamMark } from '../../src/engine/machines/leftovers.ts'
import type { SwapError } from '../../src/errors.ts'
import { openDatabase } from '../../src/hosts/db.ts'
import type { Host } from '../../src/hosts/host.ts'
import { sshHost } from '../../src/hosts/ssh.ts'
import { flow } from '../../src/hosts/stream.ts'
import { withoutKnown } from '../../src/text/secrets.ts'
import { type Accounts, startAccounts } from './accounts.ts'
import { type Mariadb, type Sshd, startMariadb, startSshd } from './machines.ts'

const password = "Pa55 wörd'$1"
const everything = ['lecture=always', 'timestamp_timeout=0', 'use_pty', 'env_reset', 'umask=0077']

let accounts: Accounts
let sshd: Sshd
let mariadb: Mariadb
let free: Host
let guarded: Host
beforeAll(async () => {
  accounts = await startAccounts({
    free: { sudoers: ['free ALL=(root) NOPASSWD: ALL'] },
    guarded: { password, sudoers: ['guarded ALL=(ALL) ALL', ...everything.map((one) => `Defaults:guarded ${one}`)] },
    changing: { password, sudoers: ['changing ALL=(root) ALL'] },
  })
  sshd = await startSshd({ through: accounts.through })
  mariadb = await startMariadb()
  writeFileSync(join(sshd.directory, 'password'), `${password}\n`, { mode: 0o600 })
  free = as('free')
  guarded = as('guarded', { passwordFile: join(sshd.directory, 'password') })
})
afterAll(async () => {
  await Promise.all([free?.close(), guarded?.close()])
  await mariadb?.stop()
  await sshd?.stop()
  await accounts?.stop()
})

const as = (user: string, become: Become = {}): Host => sshHost({ ...sshd.machine, user, become }, 'source')
const failure = (work: Promise<unknown>): Promise<SwapError> =>
  work.then(
    () => expect.fail('it should have failed'),
    (error) => error,
  )
const exitOf = async (on: Host) => {
  const job = await on.spawn({ argv: ['cat'] })
  job.stdout.resume()
  return job.exit
}
const alive = (pid: number): boolean =>
  existsSync(`/proc/${pid}/cmdline`) && readFileSync(`/proc/${pid}/cmdline`).length > 0

const both = [
  ['without a password', () => free],
  ['with a password', () => guarded],
] as const

test.each(both)('%s: a program is as one that root has started, and its streams are its own', async (_, on) => {
  const script = 'id -u; umask; pwd; env; cat; echo said >&2; exit 7'
  const stdin = `${'Zoë\n'.repeat(100_000)}end without newline`
  const { code, stdout, stderr } = await on().run({ argv: ['sh', '-c', script], stdin })
  expect({ code, stderr }).toEqual({ code: 7, stderr: 'said\n' })
  expect(stdout.endsWith(`\n${stdin}`)).toBe(true)
  const [uid, umask, place, ...variables] = stdout.slice(0, -stdin.length).trimEnd().split('\n')
  expect([uid, umask, place]).toEqual(['0', '0022', '/root'])
  expect(variables).toContain('HOME=/root')
  expect(variables).toContainEqual(expect.stringMatching(/^SSH_CONNECTION=127\.0\.0\.1 \d+ 127/))
  expect(variables.filter((line) => /SUDO|TERM|guarded|free/.test(line))).toEqual([])
})

test.each(both)('%s: hostile words arrive unchanged', async (_, on) => {
  const words = ["it's", 'a "b"', 'new\nline', '$(id)', '`id`', '', '-n', '--', '*', '\\n', "'\\''", '%s', '%p']
  const { stdout } = await on().run({ argv: ['printf', '%s\\0', ...words] })
  expect(stdout.split('\0').slice(0, -1)).toEqual(words)
})

test.each(both)('%s: a program that hangs is ended with all it started', async (name, on) => {
  const trace = join(sshd.directory, `hangs-${name.replaceAll(' ', '-')}`)
  const script = 'trap "" TERM; sleep 600 & echo $! > "$1"; echo waiting >&2; wait'
  const job = await on().spawn({ argv: ['sh', '-c', script, 'hangs', trace], mark: streamMark('a/step') })
  job.stdout.resume()
  await expect.poll(() => existsSync(trace) && readFileSync(trace, 'utf8') !== '').toBe(true)
  expect(await leftovers(on(), streamMark('a/step'))).toHaveLength(1)
  job.kill()
  expect(await job.exit).toEqual({ code: 137, stderr: 'waiting\n' })
  expect(alive(Number(readFileSync(trace, 'utf8')))).toBe(false)
  const slow = await failure(on().run({ argv: ['sh', '-c', 'echo here >&2; sleep 600'], limit: 1 }))
  expect(slow.message).toMatch(/did not end within 1 s and was ended; it last said:\nhere$/)
})

test('every byte of a stream arrives between two such machines, and one that breaks off never looks whole', async () => {
  const file = join(sshd.directory, 'received')
  const send = (script: string) => ({ argv: ['sh', '-c', script, 'send', file] as const })
  const keep = { argv: ['sh', '-c', 'cat > "$1"; echo whole > "$1.end"', 'keep', file] as const }
  const to = { host: guarded, command: keep }
  const all = send('head -c 20000000 /dev/urandom | tee "$1.sent"')
  expect(await flow({ host: free, command: all }, to)).toBe(20_000_000)
  const sum = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex')
  expect(sum(file)).toBe(sum(`${file}.sent`))
  rmSync(`${file}.end`)
  const half = send('head -c 300000 /dev/zero; sleep 0.2; echo gone >&2; exit 7')
  expect(await failure(flow({ host: free, command: half }, to))).toMatchObject({
    message: expect.stringMatching(/exited 7:\ngone$/),
  })
  expect(existsSync(`${file}.end`)).toBe(false)
})

test('many questions at once, more than a connection has sessions for', async () => {
  const answers = await Promise.all(Array.from({ length: 9 }, (_, n) => guarded.run({ argv: ['echo', `${n}`] })))
  expect(answers.map(({ stdout }) => Number(stdout))).toEqual(answers.map((_, n) => n))
})

test('a password that sudo does not ask for reaches no program; one that it asks for later is told', async () => {
  const on = as('changing', { passwordFile: join(sshd.directory, 'password') })
  const free = (tag: string) => accounts.sh(`echo 'changing ALL=(root) ${tag}ALL' > /etc/sudoers.d/changing`)
  try {
    expect((await on.run({ argv: ['cat'], stdin: 'asked\n' })).stdout).toBe('asked\n')
    await free('NOPASSWD: ')
    expect((await on.run({ argv: ['cat'], stdin: 'not asked\n' })).stdout).toBe('not asked\n')
    const later = as('changing')
    expect((await later.run({ argv: ['cat'], stdin: 'x' })).stdout).toBe('x')
    await free('')
    const error = await failure(later.run({ argv: ['cat'], stdin: 'x' }))
    expect(error.message).toMatch(/^sudo did not run cat: sudo: a password is required$/)
    expect((await failure(exitOf(later))).message).toBe(error.message)
    await later.close()
  } finally {
    await on.close()
  }
})

test('no password is in an argument, a variable or a text that is shown', async () => {
  const script = 'grep -alF -f - /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null; :'
  expect((await guarded.run({ argv: ['sh', '-c', script], stdin: password })).stdout).toBe('')
  expect((await guarded.run({ argv: ['sh', '-c', script], stdin: 'setsid' })).stdout).toContain('cmdline')
  expect(withoutKnown(`sudo said ${password}.`)).not.toContain(password)
})

test.each(both)('%s: MariaDB takes what comes through the relay for root', async (_, on) => {
  const host = { ...on(), socket: () => on().socket(mariadb.socket) }
  const db = await openDatabase(host, { readOnly: true })
  expect(await db.rows('SELECT CURRENT_USER() AS who')).toEqual([{ who: 'root@localhost' }])
  const sql = "SELECT REPEAT('x', 1000000) AS much, ? AS given FROM (SELECT 1 UNION SELECT 2) AS two"
  const rows = await db.rows<{ much: string; given: string }>(sql, ['y'.repeat(1_000_000)]).catch(() => [])
  expect(rows.map(({ much, given }) => much.length + given.length)).toEqual([2_000_000, 2_000_000])
  await db.close()
  const left = ['sh', '-c', 'grep -al "server[.]sendall" /proc/[0-9]*/cmdline; :'] as const
  await expect.poll(async () => (await on().run({ argv: left })).stdout).toBe('')
})

test('a socket that nobody listens at is refused with its path, as without sudo', async () => {
  const error = await failure(free.socket('/run/no/such.sock'))
  expect(error.message).toMatch(/^cannot connect to \/run\/no\/such\.sock: .*No such file/)
})

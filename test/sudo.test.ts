import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { begunIn, withoutAnnouncement } from '../src/hosts/channel.ts'
import { passwordIn } from '../src/hosts/password.ts'
import { denialIn, recordings, sudoText } from '../src/hosts/sudo.ts'

const command = { argv: ['printf', "%s|it's"], limit: 5, mark: "a/b'c" } as const

test.each([
  ['without a password', undefined, ['-n']],
  ['with one', 'hunter2hunter2', ['-S', '-p', 'PROMPT\n']],
])('%s: sudo gets its options and the words, and the password is not among them', (_, password, asking) => {
  const text = sudoText(command, { password }, 'PROMPT', 'END').replace(/^exec env LC_ALL=C sudo/, "printf '%s\\0'")
  const words = execFileSync('sh', ['-c', text], { encoding: 'utf8' }).split('\0').slice(0, -1)
  expect(words.slice(0, 6 + asking.length)).toEqual(['-k', ...asking, '-H', '-u', 'root', '--', '/bin/sh'])
  expect(words.slice(-4)).toEqual(['timeout', '5', ...command.argv])
  expect(text).not.toContain('hunter2')
})

test('what came before the program began is not the program’s', () => {
  const said = 'a lecture\nPROMPT\n\nswapctl-begun-by-sudo\nswapctl-runs-as-17\nsaid\n'
  expect([begunIn(said), withoutAnnouncement(said)]).toEqual([true, 'said\n'])
  expect([begunIn('sudo: a password is required\n'), withoutAnnouncement('x\n')]).toEqual([false, 'x\n'])
})

test.each([
  ['sudo: a password is required', 'asks'],
  ['sudo: interactive authentication is required', 'asks'],
  ['Sorry, try again.\n\nsudo: no password was provided\nsudo: 1 incorrect password attempt', 'wrong'],
  ['My brain hurts!\nsudo: no password was provided\nsudo: 1 incorrect password attempt', 'wrong'],
  ['sudo: sorry, you must have a tty to run sudo', /requiretty/],
  ['adm is not in the sudoers file.', /does not let adm run/],
  ["Sorry, user adm is not allowed to execute '/bin/sh -c x' as root on ctl1.", /does not let adm run/],
  ["sudo: I'm sorry adm. I'm afraid I can't do that", /does not let adm run/],
  ['bash: line 1: sudo: command not found', /no sudo/],
  ["env: 'sudo': No such file or directory", /no sudo/],
  ['/bin/sh: 1: setsid: Permission denied', /noexec/],
])('sudo says %j', (said, is) => {
  const denial = denialIn(said, 'adm')
  if (typeof is === 'string') expect(denial).toBe(is)
  else expect(denial?.[0]).toMatch(is)
})

test('words of sudo that are not known are no denial', () => {
  expect(denialIn('sudo: unable to resolve host ctl1', 'adm')).toBeUndefined()
})

test('what sudo records is read from its list, where the last word on an option counts', () => {
  const listed = (defaults: string, rule = '(root) NOPASSWD: ALL') =>
    `Matching Defaults entries for adm on ctl1:\n    ${defaults}\n\nUser adm may run the following commands on ctl1:\n    ${rule}\n`
  const by = (text: string) => recordings(text, 'adm').map(([one]) => one)
  expect(by(listed('env_reset, use_pty, iolog_dir=/x/log_input_x'))).toEqual([])
  expect(by(listed('log_input, log_output, !log_input'))).toEqual(['log_output'])
  expect(by(listed('!log_stdin, log_stdin'))).toEqual(['log_stdin'])
  expect(by(listed('env_reset', '(root) LOG_INPUT: NOPASSWD: ALL'))).toEqual(['LOG_INPUT'])
  expect(by(listed('env_reset', '(root) NOPASSWD: NOLOG_OUTPUT: ALL'))).toEqual([])
  expect(by(listed('env_reset', '(root) LOG_OUTPUT: /usr/bin/id'))).toEqual([])
})

test('a password is the only line of its file', () => {
  const directory = mkdtempSync(join(tmpdir(), 'password-'))
  const given = (content: string) => {
    const path = join(directory, `${Math.random()}`)
    writeFileSync(path, content, { mode: 0o600 })
    return passwordIn(path)
  }
  expect([given('two words\n'), given(' x '), given('x\r\n')]).toEqual(['two words', ' x ', 'x'])
  for (const content of ['', '\n', 'one\ntwo\n', 'a\0b']) expect(() => given(content)).toThrow(/must have one line/)
  rmSync(directory, { recursive: true })
})

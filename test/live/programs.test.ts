import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, test } from 'vitest'
import { takeFromLoopback } from '../../src/cutover/handover/take.ts'
import type { PutBack } from '../../src/cutover/rollback/data.ts'
import { scriptOf } from '../../src/cutover/rollback/script.ts'
import { programText, wholeProgram } from '../../src/text/program.ts'

const here = pathToFileURL(`${process.cwd()}/`).href

const filesOf = (ending: string, ...folders: readonly string[]): readonly string[] =>
  folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith(ending))
      .map((name) => join(folder, name))
      .sort(),
  )

/** A tool's complaints about a program; '' when there are none. */
const said = (argv: readonly [string, ...string[]], input = ''): string => {
  const [tool, ...words] = argv
  const { stdout, stderr, status, error } = spawnSync(tool, words, { input, encoding: 'utf8' })
  if (error) throw error
  return status === 0 ? stdout + stderr : `${stdout}${stderr}exit ${status}`
}

const findings = (files: readonly string[], look: (file: string) => string) =>
  files.map((file) => ({ file, says: look(file) })).filter(({ says }) => says !== '')

const python = filesOf('.py', 'src', 'lab')
const awk = filesOf('.awk', 'src', 'lab')

describe('shell programs pass shellcheck', () => {
  test('those in src, with their includes', () => {
    const files = filesOf('.sh', 'src')
    expect(files.length).toBeGreaterThan(50)
    expect(findings(files, (file) => said(['shellcheck', '-'], wholeProgram(file, here)))).toEqual([])
  })

  /** SC2034: the lab's parts set variables for each other. */
  test('those of the lab, with what they source', () => {
    const files = filesOf('.sh', 'lab').filter((file) => readFileSync(file, 'utf8').startsWith('#!'))
    expect(files.length).toBeGreaterThan(4)
    const options = ['--external-sources', '--check-sourced', '--source-path=SCRIPTDIR', '--exclude=SC2034'] as const
    expect(findings(files, (file) => said(['shellcheck', ...options, file]))).toEqual([])
  })

  const place = { address: '2001:db8::5', prefix: 64, device: 'eth0' }
  const putBack: PutBack = {
    side: 'source',
    budget: 30,
    places: [place],
    files: [
      { before: { path: '/etc/a b', content: '', mode: '0644', owner: 'root:root' }, path: '/etc/a b', after: 'x' },
      { before: { path: '/lib/a', content: '', mode: '0644', owner: 'root:root' }, path: '/etc/a', after: 'x' },
    ],
    readers: ['netplan', 'networkd'],
    settings: ['net/ipv4/conf/all/arp_ignore=1'],
    peers: ['02:00:00:00:00:01'],
  }

  test.each(['source', 'target'] as const)('the rollback script of the %s, under its head', (side) => {
    expect(said(['shellcheck', '--shell=sh', '-'], scriptOf({ ...putBack, side }))).toBe('')
  })

  test.each([true, false])('the program that takes addresses off the loopback; armed: %s', (armed) => {
    const action = takeFromLoopback([place], ['netplan', 'networkd'], armed)
    const script = action.kind === 'exec' ? action.argv[2] : undefined
    expect(script).toContain('dad_transmits')
    expect(said(['shellcheck', '--shell=sh', '-'], script)).toBe('')
  })
})

test('Python programs pass pyflakes and compile without a warning', () => {
  expect(python.length).toBeGreaterThan(10)
  const compile = "import sys; compile(sys.stdin.read(), sys.argv[1], 'exec')"
  const look = (file: string): string =>
    said(['pyflakes3'], wholeProgram(file, here)) +
    said(['python3', '-W', 'error', '-c', compile, file], programText(file, here))
  expect(findings(python, look)).toEqual([])
})

test('awk programs parse', () => {
  expect(awk).not.toEqual([])
  expect(findings(awk, (file) => said(['gawk', '-o/dev/null', '-f', file]))).toEqual([])
})

/** Lines that are shell or Python, but not TypeScript or SQL. */
const foreign = [
  /^(set -\w|exec |trap |shift\b|exit \S|import [\w, ]+$|from \w+ import |def \w+\(.*:$|while \[|for \w+( in .*)?; do)/,
  /^[a-z_]+=("?\$|'|$)|^[a-z_]+\(\) \{|^(fi|done|esac)( <.*|;.*)?$|; (do|then)$/,
]

/** Generated around values that only TypeScript has, or heads of program files. */
const generated: Readonly<Record<string, number>> = { 'src/api/request.ts': 1, 'src/cutover/rollback/script.ts': 1 }

/** Multi-line templates that contain a line of a program. */
const inTemplates = (text: string): number =>
  text
    .replace(/^\s*(\/\/|\/?\*).*$/gm, '')
    .split(/(?<!\\)`/)
    .filter(
      (part) => part.includes('\n') && part.split('\n').some((line) => foreign.some((one) => one.test(line.trim()))),
    ).length

describe('no program is a template string', () => {
  test('a template that is a program is recognised', () => {
    expect(inTemplates('const a = `set -e\ncat x`\nconst b = `SELECT 1\nFROM x`')).toBe(1)
    expect(inTemplates('const a = `\nimport sys\nprint(1)\n`')).toBe(1)
  })

  test('src has none but generated ones', () => {
    const found = filesOf('.ts', 'src').map((file) => [file, inTemplates(readFileSync(file, 'utf8'))] as const)
    expect(Object.fromEntries(found.filter(([, count]) => count > 0))).toEqual(generated)
  })
})

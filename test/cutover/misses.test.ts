import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { home, type PutBack } from '../../src/cutover/rollback/data.ts'
import { scriptOf } from '../../src/cutover/rollback/script.ts'

const putBack: PutBack = {
  side: 'source',
  budget: 64,
  places: [{ address: '10.20.0.10', prefix: 24, device: 'eth0' }],
  files: [],
  readers: [],
  settings: [],
  peers: ['02:20:00:0c:00:00'],
}

/** The real script, with the link up, no pauses, and the target's answers read from a file, one word per turn. */
const around = `carrier() { :; }
pause() { :; }
heard() { word=$(head -n 1 ears); sed -i 1d ears; test -n "$word" || exit 0; test "$word" = answer; }
start() { :; }
come() { echo come >>did; }
drop_one() { echo drop >>did; }
reload() { :; }
announce_one() { :; }
set_kernel() { :; }
token=`

/** What the source did, and its last state, given these answers after its timer expired. */
const after = (...ears: readonly string[]): { readonly did: string; readonly state: string } => {
  const directory = mkdtempSync(join(tmpdir(), 'misses-'))
  const at = (name: string) => join(directory, name)
  try {
    writeFileSync(at('did'), '')
    writeFileSync(at('ears'), `${ears.join('\n')}\n`)
    writeFileSync(
      at('script'),
      scriptOf(putBack)
        .replaceAll(home, directory)
        .replace(/^token=/m, around),
    )
    execFileSync('sh', [at('script'), 'arm'])
    execFileSync('sh', [at('script'), 'timer', readFileSync(at('token'), 'utf8').trim()])
    return { did: readFileSync(at('did'), 'utf8'), state: readFileSync(at('state'), 'utf8').split('\n')[0] ?? '' }
  } finally {
    rmSync(directory, { recursive: true })
  }
}
const answers = (times: number) => Array<string>(times).fill('answer')

test('a source takes the addresses back after three misses in a row, and not before', {
  timeout: 120_000,
}, () => {
  expect(after('miss', 'miss', 'miss')).toEqual({ did: 'come\n', state: 'put-back' })
  expect(after('miss', 'miss', ...answers(15))).toEqual({ did: 'drop\n', state: 'confirmed' })
  expect(after('miss', 'answer', 'miss', 'miss', ...answers(15))).toEqual({ did: 'drop\n', state: 'confirmed' })
  expect(after('miss', 'miss')).toEqual({ did: '', state: 'armed' })
})

test('a target that answers is believed only when it keeps answering', { timeout: 120_000 }, () => {
  expect(after(...answers(14))).toEqual({ did: '', state: 'armed' })
  expect(after(...answers(14), 'miss', ...answers(14))).toEqual({ did: '', state: 'armed' })
})

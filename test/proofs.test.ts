import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '..', 'src')

/**
 * Who may write files or perform actions here: the runner, the commands, and records that a command keeps beside a run.
 */
const may = [
  /^engine\//,
  /^commands\//,
  /^source\/survey\.ts$/,
  // writes files atomically: users of its `writeWhole` count as writers
  /^state\.ts$/,
  // performs 'fixup' actions
  /^fixups\/apply\.ts$/,
  // perform 'follow' actions
  /^staged\/(follow|tables|differing)\.ts$/,
  // the probe's records and the report made from them, started and ended by commands
  /^cutover\/outage\/(samples|outage-file|freeze-window)\.ts$/,
]

const writes = [
  /\b(writeFile|appendFile|mkdir|rename|unlink|rm|truncate|copyFile|symlink|link)(Sync)?\b[^\n]*from 'node:fs/,
  /from '(\.\.?\/)+(engine\/)?(perform|machines\/(write|pipe))\.ts'/,
  /\bwriteWhole\b[^\n]*from '/,
  /readOnly: false/,
]

test('only the runner and the commands write: what a proof or question wants to keep belongs to its step', () => {
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'))
  const writers = files.filter((name) => {
    const text = readFileSync(join(root, name), 'utf8')
    return writes.some((one) => one.test(text))
  })
  expect(writers.length).toBeGreaterThan(5)
  expect(writers.filter((name) => !may.some((one) => one.test(name)))).toEqual([])
})

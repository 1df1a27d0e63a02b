import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Entry } from '../../src/engine/journal.ts'
import { long } from '../long.ts'
import { type Cloud, openCloud } from './cloud.ts'
import { openLight } from './light.ts'
import { type Picture, takePictures } from './picture.ts'

const commands = ['prepare', 'migrate', 'cutover', 'revert', 'finish'] as const
type Name = (typeof commands)[number]
/** After which lines of the journal a command is killed: each, or every fifth. */
const every = long ? 1 : 5

/** The other commands ask for no confirmation. */
const wordsOf = (name: Name): readonly string[] => (name === 'prepare' || name === 'migrate' ? [name] : [name, '--yes'])

/** After a revert there is nothing to finish, so the swap is done once more, undisturbed. */
const leadTo = async (name: Name, to: Cloud): Promise<void> => {
  if (name !== 'finish') return
  await to.done(...wordsOf('migrate'))
  await to.done(...wordsOf('cutover'))
}

/** The state of both machines, the journal and the output after each command of an undisturbed swap. */
interface Plain {
  readonly pictures: Picture
  readonly lines: readonly string[]
  readonly said: string
}

const lineOf = (entry: Entry): string => `${entry.event} ${'step' in entry ? entry.step : ''}`.trimEnd()

const swapPlainly = async (cloud: Cloud): Promise<ReadonlyMap<Name, Plain>> => {
  const found = new Map<Name, Plain>()
  for (const name of commands) {
    await leadTo(name, cloud)
    const before = (await cloud.journal()).length
    const said = await cloud.done(...wordsOf(name))
    const lines = (await cloud.journal()).slice(before).map(lineOf)
    found.set(name, { said, lines, pictures: await takePictures(cloud.light) })
  }
  return found
}

let cloud: Cloud
let plain: Cloud
let undisturbed: Promise<ReadonlyMap<Name, Plain>>
beforeAll(async () => {
  plain = await openCloud(await openLight('plain'))
  undisturbed = swapPlainly(plain)
  undisturbed.catch(() => {})
  cloud = await openCloud(await openLight('kill'))
})
afterAll(async () => {
  await cloud?.close()
  await undisturbed?.catch(() => {})
  await plain?.close()
})

/**
 * Kills the command as soon as a new line has reached the disk and runs it again, until it completes: so each of these
 * lines is once the last thing a swapctl did. Resolves with all lines.
 */
const chain = async (words: readonly string[]): Promise<readonly string[]> => {
  const plan = join(cloud.desk, 'at-line.json')
  await writeFile(plan, JSON.stringify({ seen: [], every }))
  const lines = async () => (JSON.parse(await readFile(plan, 'utf8')) as { seen: readonly string[] }).seen
  for (let kills = 0; ; ) {
    const before = (await lines()).length
    const { code, stdout, stderr } = await cloud.swapctl(words, { atLine: plan })
    const now = await lines()
    if (now.length === before) {
      expect(code, `${words[0]} after ${now.at(-1)}: ${stdout}${stderr}`).toBe(0)
      expect(kills).toBe(Math.floor(now.length / every))
      return now
    }
    if (code !== 0) kills += 1
    expect(now.length, 'lines that no step ends with').toBeLessThan(300)
  }
}

type Begun = Extract<Entry, { readonly event: 'begun' }>

/** The undos recorded per step since it was last undone: never more than one. */
const waysBack = (entries: readonly Entry[]): ReadonlyMap<string, ReadonlySet<string>> => {
  const ways = new Map<string, Set<string>>()
  for (const entry of entries) {
    if (entry.event === 'undone') ways.delete(entry.step)
    if (entry.event === 'begun') ways.set(entry.step, (ways.get(entry.step) ?? new Set()).add(textOf(entry)))
  }
  return ways
}
const textOf = ({ undo }: Begun): string => JSON.stringify(undo)

test.each(commands)(
  'killed after lines of its journal and run again, %s ends where it ends undisturbed',
  async (name) => {
    await leadTo(name, cloud)
    const lines = await chain(wordsOf(name))
    for (const [step, ways] of waysBack(await cloud.journal())) expect([step, ways.size]).toEqual([step, 1])
    const pictures = await takePictures(cloud.light)
    const same = (await undisturbed).get(name)
    expect(lines).toEqual(expect.arrayContaining([...(same?.lines ?? [])]))
    expect(pictures).toEqual(same?.pictures)
    process.stderr.write(`${name} was killed at ${lines.length} lines, every ${every}\n`)
  },
)

test('the undisturbed swap reported that the target serves, and that the old cloud is back', async () => {
  expect((await undisturbed).get('cutover')?.said).toContain('The target serves')
  expect((await undisturbed).get('revert')?.said).toContain('The old cloud is back: same as before')
})

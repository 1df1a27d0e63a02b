import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import { type Entry, stateOf } from '../../src/engine/journal.ts'
import { long } from '../long.ts'
import type { Cloud } from './cloud.ts'
import { takePicture } from './picture.ts'

/** Steps that began in this run and are still open: those running beside the intended one failed with it. */
const leftOpen = (entries: readonly Entry[], from: number): readonly string[] =>
  entries
    .slice(from)
    .flatMap((entry) => (entry.event === 'begun' && stateOf({ entries }, entry.step) !== 'done' ? [entry.step] : []))
    .map((step) => `begun ${step}`)

interface AtLine {
  readonly seen: readonly string[]
  readonly hit?: string
}

/** Which steps of a command fail: each, or every second. */
const every = long ? 1 : 2

/**
 * Fails steps of a command, one in each run: when its beginning has been journalled, both machines close every
 * connection and refuse new ones. Then they answer again, and revert must restore the source. `before` runs what
 * precedes the command. Resolves with the steps that failed.
 */
export const failEach = async (
  cloud: Cloud,
  before: readonly (readonly string[])[],
  words: readonly string[],
): Promise<readonly string[]> => {
  const { light } = cloud
  const plan = join(cloud.desk, 'at-line.json')
  const command = ['bash', '-c', '"$@" source && "$@" target', 'refuse', ...light.command('refuse')]
  const read = async () => JSON.parse(await readFile(plan, 'utf8')) as AtLine
  const write = (seen: readonly string[]) =>
    writeFile(plan, JSON.stringify({ seen: [...new Set(seen)], events: ['begun'], every, command }))
  await write([])
  const served = await takePicture(light, 'source')
  for (const all: string[] = []; ; ) {
    for (const earlier of before) await cloud.done(...earlier)
    const lines = (await cloud.journal()).length
    const { code, stdout, stderr } = await cloud.swapctl(words, { atLine: plan })
    const { seen, hit } = await read()
    const failed = hit === undefined ? [] : [hit, ...leftOpen(await cloud.journal(), lines)]
    all.push(...failed)
    await write([...seen, ...failed])
    await Promise.all([light.accept('source'), light.accept('target')])
    if (hit !== undefined) expect(code, `${hit}: ${stdout}${stderr}`).not.toBe(0)
    else expect(code, `${words[0]} undisturbed: ${stdout}${stderr}`).toBe(0)
    expect(await cloud.done('revert', '--yes'), hit).toMatch(
      /The old cloud is back|Everything is undone|Nothing to undo/,
    )
    expect(await takePicture(light, 'source'), hit).toEqual(served)
    if (hit === undefined) return [...new Set(all)]
  }
}

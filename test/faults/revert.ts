import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import { type Entry, stateOf } from '../../src/engine/journal.ts'
import type { Cloud } from './cloud.ts'
import { takePicture } from './picture.ts'

/** Steps that began in this run and are still open: those running beside the intended one failed with it. */
const leftOpen = (entries: readonly Entry[], from: number): readonly string[] =>
  entries
    .slice(from)
    .flatMap((entry) => (entry.event === 'begun' && stateOf({ entries }, entry.step) !== 'done' ? [entry.step] : []))
    .map((step) => `begun ${step}`)

/**
 * Fails each step of a command once: when its beginning has been journalled, both machines close every connection and
 * refuse new ones. Then they answer again, and revert must restore the source. `before` runs what precedes the command.
 * Resolves with the steps that failed.
 */
export const failEach = async (
  cloud: Cloud,
  before: readonly (readonly string[])[],
  words: readonly string[],
): Promise<readonly string[]> => {
  const { light } = cloud
  const plan = join(cloud.desk, 'at-line.json')
  const refuse = ['bash', '-c', '"$@" source && "$@" target', 'refuse', ...light.command('refuse')]
  await writeFile(plan, JSON.stringify({ seen: [], events: ['begun'], command: refuse }))
  const read = async () => JSON.parse(await readFile(plan, 'utf8')) as { seen: readonly string[] }
  const seen = async () => (await read()).seen
  const served = await takePicture(light, 'source')
  for (;;) {
    for (const earlier of before) await cloud.done(...earlier)
    const known = (await seen()).length
    const lines = (await cloud.journal()).length
    const { code, stdout, stderr } = await cloud.swapctl(words, { atLine: plan })
    const open = leftOpen(await cloud.journal(), lines)
    await writeFile(plan, JSON.stringify({ ...(await read()), seen: [...new Set([...(await seen()), ...open])] }))
    const failed = (await seen()).slice(known)
    await Promise.all([light.accept('source'), light.accept('target')])
    if (failed.length > 0) expect(code, `${failed[0]}: ${stdout}${stderr}`).not.toBe(0)
    else expect(code, `${words[0]} undisturbed: ${stdout}${stderr}`).toBe(0)
    expect(await cloud.done('revert', '--yes'), failed[0]).toMatch(
      /The old cloud is back|Everything is undone|Nothing to undo/,
    )
    expect(await takePicture(light, 'source'), failed[0]).toEqual(served)
    if (failed.length === 0) return seen()
  }
}

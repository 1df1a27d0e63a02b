import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { runWatched, watchedText } from '../src/engine/machines/watched.ts'
import type { Of } from '../src/engine/step.ts'
import { SwapError } from '../src/errors.ts'
import { localHost } from '../src/hosts/local.ts'
import { type Bench, openBench } from './engine.ts'

describe('progress of a watched program', () => {
  const marks = (...texts: readonly string[]) => texts.map((text, index) => ({ text, at: index * 10 }))

  test('the words, the percentage, and the time left at this pace', () => {
    expect(watchedText(marks('20.0 Unpacking a', '40.5 Configuring b'), 20)).toBe(
      'Configuring b, 40 %, about 58.0 s left',
    )
  })
  test('when the percentage starts again, so does the pace', () => {
    const all = marks('10 Retrieving 1 of 9', '90 Retrieving 9 of 9', '0 Unpacking a', '50 Unpacking b')
    expect(watchedText(all, 30)).toBe('Unpacking b, 50 %, about 10.0 s left')
  })
  test('after one look, or without a percentage, no time is shown', () => {
    expect(watchedText(marks('10 Retrieving'), 5)).toBe('Retrieving, 10 %')
    expect(watchedText(marks('waiting for a lock'), 5)).toBe('waiting for a lock')
    expect(watchedText([], 5)).toBe('')
  })
})

describe('a watched program', () => {
  let bench: Bench
  beforeEach(async () => {
    bench = await openBench()
  })
  afterEach(() => bench.close())

  const watched = (script: string): Of<'exec'> & { watch: NonNullable<Of<'exec'>['watch']> } => {
    const file = join(bench.directory, 'status')
    return {
      kind: 'exec',
      on: 'local',
      argv: ['sh', '-c', script, file],
      limit: 1,
      watch: { on: 'local', argv: ['tail', '-n', '1', file] },
    }
  }
  const run = (script: string, silence: number, told: string[] = []) =>
    runWatched(watched(script), localHost(), { progress: (text) => told.push(text) }, silence, 0.2)

  test('may take longer than its limit while it makes progress, which is reported', async () => {
    const told: string[] = []
    await run('for i in 1 2 3 4 5 6; do echo "$i Part $i" >>"$0"; sleep 0.5; done', 600, told)
    expect(told.some((text) => /^Part \d, \d %/.test(text))).toBe(true)
  })

  test('is killed after a silence, with its last output', async () => {
    const error = await run('echo "7 Waiting for the lock" >"$0"; sleep 300', 1).catch((one: unknown) => one)
    expect(error).toBeInstanceOf(SwapError)
    expect(String((error as SwapError).message)).toMatch(/no progress for 1\.0 s and was ended; .*Waiting for the lock/)
  })

  test('that fails is reported with its exit code and output', async () => {
    await expect(run('echo "broken packages" >&2; exit 100', 600)).rejects.toThrow(/exited 100:\nbroken packages/)
  })
})

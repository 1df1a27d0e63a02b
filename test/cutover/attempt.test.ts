import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { attempt } from '../../src/cutover/attempt.ts'
import { type Bench, openBench, step } from '../engine.ts'

let bench: Bench
beforeEach(async () => {
  bench = await openBench()
  await writeFile(join(bench.directory, 'broken'), '')
})
afterEach(() => bench.close())

const phase = 'cutover' as const

test('when the rollback fails too, both errors are reported, and who decides now', async () => {
  const arm = step('cutover/arm', [bench.trace('arm')], { phase, undo: async () => [bench.fragile('disarm')] })
  const move = step('cutover/move', [bench.fragile('move')], { phase, after: [arm.id] })
  const failure = attempt([arm, move], await bench.engine(), { retries: 3, pause: 0 })
  await expect(failure).rejects.toMatchObject({
    where: 'cutover/arm',
    message: expect.stringMatching(
      /fragile move[\s\S]*the undo of "Title of cutover\/arm" failed[\s\S]*swapctl status/,
    ),
  })
  expect(await bench.traces()).toEqual(['arm', 'move', 'disarm'])
})

test('Ctrl-C between two attempts ends the pause', async () => {
  const arm = step('cutover/arm', [bench.trace('arm')], { phase, undo: async () => [bench.trace('disarm')] })
  const move = step('cutover/move', [bench.fragile('move')], { phase, after: [arm.id] })
  const stop = new AbortController()
  const trying = attempt([arm, move], await bench.engine({ signal: stop.signal }), { retries: 3, pause: 3600 })
  trying.catch(() => {})
  await expect.poll(() => bench.told.join('\n')).toContain('retrying in 3600 s (retries left: 3)')
  stop.abort()
  await expect(trying).rejects.toThrow('nothing was moved')
  expect(await bench.traces()).toEqual(['arm', 'move', 'disarm'])
})

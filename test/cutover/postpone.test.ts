import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { readyStep } from '../../src/cutover/postpone.ts'

let directory: string
let postponeFile: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'swapctl-postpone-'))
  postponeFile = join(directory, 'not-yet')
})
afterEach(() => rmSync(directory, { recursive: true }))

test('what waits for the end of a postponement begins after it, and without one at once', async () => {
  const ready = vi.fn(async () => {})
  writeFileSync(postponeFile, '')
  const waits = readyStep([], { postponeFile, ready }).proof?.(() => {
    expect(ready).not.toHaveBeenCalled()
    rmSync(postponeFile, { force: true })
  })
  expect(await waits).toMatch(/^postponed for \d s$/)
  expect(ready).toHaveBeenCalledTimes(1)
  expect(await readyStep([], { postponeFile, ready }).proof?.()).toBe('not postponed')
  expect(ready).toHaveBeenCalledTimes(2)
})

test('a postponed cutover that is to stop stops, and nothing has begun', async () => {
  const ready = vi.fn(async () => {})
  writeFileSync(postponeFile, '')
  const stopped = readyStep([], { postponeFile, ready, signal: AbortSignal.abort() }).proof?.()
  await expect(stopped).rejects.toThrow('stopped while postponed')
  expect(ready).not.toHaveBeenCalled()
})

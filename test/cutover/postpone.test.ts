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

test('steps that wait for the postponement begin after it, or at once without one', async () => {
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

test('a postponed cutover can be stopped before anything has begun', async () => {
  const ready = vi.fn(async () => {})
  writeFileSync(postponeFile, '')
  const stopped = readyStep([], { postponeFile, ready, signal: AbortSignal.abort() }).proof?.()
  await expect(stopped).rejects.toThrow('stopped while postponed')
  expect(ready).not.toHaveBeenCalled()
})

import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { isOfMembers, refuseOtherMembers, withSession } from '../src/commands/session.ts'
import type { Config } from '../src/config.ts'
import type { Context } from '../src/context.ts'
import { readWritten } from '../src/settings/file.ts'
import { readSettings } from '../src/settings/settings.ts'
import type { Survey } from '../src/survey.ts'
import { settings as one, surveyed } from './fixtures/facts/survey.ts'

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'swapctl-session-'))
})
afterEach(() => rm(directory, { recursive: true }))

const settings = async (state: string): Promise<string> => {
  const key = `SHA256:${'a'.repeat(43)}`
  const file = join(directory, 'swapctl.ini')
  await writeFile(
    file,
    `[swap]\nname = test\nrelease = epoxy\nstate = ${state}\n[source]\nhost = 10.0.0.11\nhost_key = ${key}\n[target]\nhost = 10.0.0.12\nhost_key = ${key}\n[address api]\naddress = 10.0.0.10/24\nsource_interface = eth0\ntarget_interface = eth0\n`,
  )
  return file
}

test.each(['status', 'plan', 'check', 'config', 'hop list', 'computes list'])(
  '%s makes no state directory',
  async (command) => {
    const config = await settings('deep/state')
    let seen = 0
    await withSession(command, { config }, async ({ journal }) => {
      seen = journal.entries.length + 1
    })
    expect(seen).toBe(1)
    expect(await readdir(directory)).toEqual(['swapctl.ini'])
  },
)

test.each(['file', 'file/below'])(
  'a state directory that is none is refused where it is only read: %s',
  async (state) => {
    await writeFile(join(directory, 'file'), '')
    const config = await settings(state)
    await expect(withSession('status', { config }, async () => {})).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringMatching(/^\[swap\] state: \S+ cannot be used: /),
    })
  },
)

test('a file that somebody wrote is read; one that is not there is none', async () => {
  await writeFile(join(directory, 'a'), 'ö')
  expect(readWritten(join(directory, 'a'), '')).toBe('ö')
  expect(readWritten(join(directory, 'b'), '')).toBeUndefined()
})

test('what could be read for ever, or is too large, is refused with the reason', async () => {
  await execa('mkfifo', [join(directory, 'pipe')])
  await writeFile(join(directory, 'large'), 'x'.repeat(1_000_001))
  for (const [path, why] of [
    [join(directory, 'pipe'), 'it is not a regular file'],
    ['/dev/zero', 'it is not a regular file'],
    [directory, 'it is not a regular file'],
    [join(directory, 'large'), 'it has 1000001 bytes'],
    [join(directory, 'large/below'), 'ENOTDIR'],
  ] as const)
    expect(() => readSettings(path)).toThrow(
      expect.objectContaining({ exitCode: 2, message: expect.stringContaining(`cannot be read: ${why}`) }),
    )
})

test('a swap goes on only with the machines of the source that it was prepared with', () => {
  const [machine] = one.source.machines
  const config = (...names: readonly string[]) =>
    ({ ...one, source: { ...one.source, machines: names.map((name) => ({ ...machine, name })) } }) as unknown as Config
  const members = ['source:ctl1', 'source:ctl2'].map((name) => ({ name }))
  const survey = { ...surveyed, members } as unknown as Survey
  expect(isOfMembers(surveyed, one)).toBe(true)
  expect(isOfMembers(survey, config('ctl1', 'ctl2'))).toBe(true)
  expect(isOfMembers(surveyed, config('ctl1', 'ctl2'))).toBe(false)
  const refused = { exitCode: 2, message: 'the source has ctl1; when it was prepared it had ctl1, ctl2' }
  expect(() => refuseOtherMembers({ survey, config: config('ctl1') } as Context)).toThrow(
    expect.objectContaining(refused),
  )
})

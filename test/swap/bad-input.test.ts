import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { inside } from '../../lab/machines.ts'
import type { Place } from '../../lab/place.ts'
import { askFiles } from '../../lab/proofs/source.ts'
import { askUnits } from '../../lab/proofs/units.ts'
import { completeSettings, initWords, settingsPath } from '../../lab/settings.ts'
import { swapctl } from '../../lab/swapctl.ts'
import { freshLab, leaveUntouched } from './lab.ts'

let place: Place
let good: string
let untouched: unknown

/** State of both machines that a refused command must not change. */
const askBoth = async (): Promise<unknown> => ({
  source: [await askFiles('source', ['/etc', '/root']), await askUnits('source'), await addresses('source')],
  target: [await askFiles('target', ['/etc', '/root', '/opt', '/var/lib']), await addresses('target')],
  packages: await inside('target', ['dpkg-query', '-W']),
})

const addresses = async (machine: 'source' | 'target'): Promise<readonly (readonly string[])[]> =>
  (JSON.parse(await inside(machine, ['ip', '-j', 'address', 'show'])) as { addr_info: { local: string }[] }[]).map(
    (link) => link.addr_info.map(({ local }) => local),
  )

/** Runs a command with these settings; it must be refused, name these words, and say what to do. */
const refused = async (settings: string, words: readonly string[], ...named: readonly string[]): Promise<void> => {
  const config = join(place.desk, 'bad.ini')
  await writeFile(config, settings)
  const { code, output } = await swapctl(place, words, { config, limit: 300 })
  process.stdout.write(`${output.replaceAll(/^/gm, '    ')}\n`)
  for (const text of named) expect(output).toContain(text)
  expect(code).toBe(2)
}

beforeAll(async () => {
  place = await freshLab()
  expect(await swapctl(place, initWords(place))).toMatchObject({ code: 0 })
  good = await completeSettings(place)
  untouched = await askBoth()
})

afterEach(async () => {
  expect(await askBoth()).toEqual(untouched)
})

afterAll(async () => {
  if (JSON.stringify(await askBoth()) === JSON.stringify(untouched)) leaveUntouched(place)
})

test('settings with an option and a section that swapctl does not know', async () => {
  const settings = `${good}\n[target-of-the-day]\nhost = 1\n`.replace('[swap]', '[swap]\ncolour = blue')
  await refused(settings, ['prepare'], 'bad.ini', 'colour', 'target-of-the-day', 'swapctl init')
})

test('a host that does not answer', async () => {
  const settings = good.replace(`host = ${place.target}\n`, 'host = 10.20.0.99\n')
  await refused(settings, ['prepare'], '10.20.0.99', 'target')
})

test('a host with another key than in the settings', async () => {
  const key = /\[target\][^[]*host_key = (SHA256:\S+)/.exec(good)?.[1] ?? 'none'
  await refused(good.replace(key, `SHA256:${'A'.repeat(43)}`), ['prepare'], place.target, key)
})

test('an address that another machine in the network has', async () => {
  const settings = good.replace(`address = ${place.vip}/24`, `address = ${place.compute}/24`)
  await refused(settings, ['prepare'], `${place.compute} is already in use`, '02:20:00:0d:00:00')
})

test('a service that does not exist, and one that is not installed', async () => {
  await refused(good, ['migrate', '--service', 'octavia'], 'octavia')
})

test('migrate before prepare', async () => {
  await refused(good, ['migrate'], 'swapctl prepare')
})

test('too little disk on the target', async () => {
  await inside('target', ['mkdir', '-p', '/var/lib/mysql'])
  await inside('target', ['mount', '-t', 'tmpfs', '-o', 'size=1m', 'little', '/var/lib/mysql'])
  try {
    await refused(good, ['prepare'], '/var/lib/mysql', 'free')
  } finally {
    await inside('target', ['umount', '/var/lib/mysql'])
    await inside('target', ['rmdir', '/var/lib/mysql'])
  }
})

test('a hop environment that is named but missing, and one that is not named at all', async () => {
  await refused(good.replace(place.hopArchive, '/nowhere/zed.tar.zst'), ['prepare'], '/nowhere/zed.tar.zst', 'zed')
  await refused(good.replace(/^\[hop zed\][^[]*/m, ''), ['prepare'], 'or one of xena, yoga, zed', '[hop RELEASE]')
})

test('init does not overwrite settings', async () => {
  const before = await readFile(settingsPath(place), 'utf8')
  const { code, output } = await swapctl(place, initWords(place))
  expect([code, output]).toEqual([2, expect.stringContaining('already exists')])
  expect(await readFile(settingsPath(place), 'utf8')).toBe(before)
})

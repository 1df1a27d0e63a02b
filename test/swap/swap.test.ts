import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { askBefore, type Before } from '../../lab/before.ts'
import { writtenVolumes } from '../../lab/facts.ts'
import type { Place } from '../../lab/place.ts'
import { type Poller, startPoller } from '../../lab/poller.ts'
import { prove } from '../../lab/proof.ts'
import { novaSpeaks } from '../../lab/proofs/answers.ts'
import { sameListing } from '../../lab/proofs/listing.ts'
import { answeredBy, fenced, heldBy, unseen } from '../../lab/proofs/network.ts'
import { atHeads, sameCounts } from '../../lab/proofs/schema.ts'
import { frozenTables } from '../../lab/proofs/source.ts'
import { runsNothing } from '../../lab/proofs/units.ts'
import { sameBackings, sameVolumes } from '../../lab/proofs/volume.ts'
import { cutOverProofs, lossTold, migratedProofs, preparedProofs, revertedProofs } from '../../lab/scenario.ts'
import { completeSettings, initWords } from '../../lab/settings.ts'
import { type SwapctlOptions, swapctl } from '../../lab/swapctl.ts'
import { allHold, freshLab } from './lab.ts'

let place: Place
let before: Before
let away: Poller
let settings: string

/** Runs a command that must succeed, with its output in the test's. */
const type = async (words: readonly string[], options: SwapctlOptions = {}): Promise<string> => {
  const { code, output, seconds } = await swapctl(place, words, { live: true, ...options })
  process.stdout.write(`  swapctl ${words.join(' ')}: ${seconds.toFixed(1)} s\n`)
  expect(code, output.slice(-3000)).toBe(0)
  return output
}

beforeAll(async () => {
  place = await freshLab()
  before = await askBefore(place)
})

test('before the swap the proofs of a swap fail: they can', async () => {
  const proofs = [
    heldBy(place, { source: 'nothing', target: 'eth0' }),
    answeredBy(place, 'target'),
    novaSpeaks('Epoxy', place, '2.100', 'operator'),
    fenced(place),
    unseen(place),
    runsNothing('source'),
    atHeads(),
    sameCounts(),
    sameBackings(),
    sameVolumes('source', place.targetStorage, before.attachments, writtenVolumes(before.facts)),
    sameListing('one thing more', async () => before.cloud, { ...before.listing, 'servers 0': '[]' }),
    frozenTables(join(place.desk, 'no-fingerprint')),
  ]
  expect((await prove(proofs)).filter(({ held }) => held)).toEqual([])
})

test('init writes settings that need nothing but the tree of the release between', async () => {
  await type(initWords(place))
  settings = await completeSettings(place)
  expect(settings).toContain('[hop zed]')
})

test('plan shows the whole swap and changes nothing', async () => {
  const output = await type(['plan'], { live: false })
  for (const step of ['nova/import', 'hold/addresses', 'fence/source']) expect(output).toContain(step)
  expect(output).not.toContain(before.admin.password)
})

test('check finds nothing that stands in the way of an unharmed cloud', async () => {
  expect(await type(['check'])).toContain('nothing stands in the way')
})

test('prepare: the source serves on, untouched, and the target runs nothing', async () => {
  const poller = startPoller(before.cloud.urls)
  await type(['prepare'])
  await allHold(preparedProofs(before, poller))
})

test('a migrate that was killed goes on where it was when the same command is typed again', async () => {
  const killed = await swapctl(place, ['migrate'], { live: true, killAt: /✔ nova\/import/ })
  expect(killed.code).not.toBe(0)
  expect(killed.output).not.toContain('✔ nova/verify')
  const output = await type(['migrate'])
  expect(output).not.toContain('✔ nova/close')
  expect(output).toContain('✔ nova/content-nova ')
  await type(['verify'])
  await allHold(migratedProofs(place, before))
})

test('a revert between migrate and cutover gives the old cloud back', async () => {
  await type(['revert', '--yes'])
  await allHold(revertedProofs(place, before))
})

test('another swap does not take a target that holds the data of this one', async () => {
  const other = join(place.desk, 'other.ini')
  await writeFile(
    other,
    settings.replace('state = swap-state', 'state = other-state').replace(/^name = .*/m, 'name = other'),
  )
  const { code, output } = await swapctl(place, ['prepare'], { config: other })
  expect(output).toContain('--recreate')
  expect(code).toBe(2)
})

test('migrate after a revert: the target is filled anew', async () => {
  before = await askBefore(place)
  away = startPoller(before.cloud.urls)
  await type(['migrate'])
  await allHold(migratedProofs(place, before))
})

test('cutover: the new controller serves the same cloud at the same address', async () => {
  await type(['cutover', '--yes'])
  await allHold([...cutOverProofs(place, before, away), lossTold(place, before)])
  await type(['verify'])
})

test('revert after the cutover: the old cloud serves as before', async () => {
  expect(await type(['revert', '--yes'])).toContain('made-after-')
  await allHold(revertedProofs(place, before))
})

test('a second migrate and cutover succeed', async () => {
  before = await askBefore(place)
  away = startPoller(before.cloud.urls)
  await type(['migrate'])
  await type(['cutover', '--yes'])
  await allHold(cutOverProofs(place, before, away))
})

test('and the way back is still open', async () => {
  await type(['revert', '--yes'])
  await allHold(revertedProofs(place, before))
})

import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { askBefore, type Before } from '../../lab/before.ts'
import { askAdmin, login } from '../../lab/cloud.ts'
import { nothingLost, pingPorts, wirePorts } from '../../lab/data-plane.ts'
import { readFacts, writtenVolumes } from '../../lab/facts.ts'
import { reboot } from '../../lab/machines.ts'
import type { Pinger } from '../../lab/pinger.ts'
import type { Place } from '../../lab/place.ts'
import { type Poller, startPoller } from '../../lab/poller.ts'
import { prove } from '../../lab/proof.ts'
import { answersAgain, novaSpeaks } from '../../lab/proofs/answers.ts'
import { sameListing } from '../../lab/proofs/listing.ts'
import { answeredBy, fenced, heldBy, listedNowhere, unseen } from '../../lab/proofs/network.ts'
import { shortMove } from '../../lab/proofs/outage.ts'
import { atHeads, sameCounts } from '../../lab/proofs/schema.ts'
import { computesUp, endGuest, leaveServer } from '../../lab/proofs/server.ts'
import { frozenTables } from '../../lab/proofs/source.ts'
import { nothingLeft, runsNothing } from '../../lab/proofs/units.ts'
import { sameBackings, sameVolumes } from '../../lab/proofs/volume.ts'
import { cutOverProofs, lossTold, migratedProofs, preparedProofs, revertedProofs } from '../../lab/scenario.ts'
import { completeSettings, initWords } from '../../lab/settings.ts'
import { plug, type SwapctlOptions, swapctl } from '../../lab/swapctl.ts'
import { long } from '../long.ts'
import { allHold, freshLab } from './lab.ts'

let place: Place
let before: Before
let away: Poller
let settings: string
let pings: Pinger

/** Runs a command that must succeed, with its output in the test's. */
const type = async (words: readonly string[], options: SwapctlOptions = {}): Promise<string> => {
  const { code, output, seconds } = await swapctl(place, words, { live: true, ...options })
  process.stdout.write(`  swapctl ${words.join(' ')}: ${seconds.toFixed(1)} s\n`)
  expect(code, output.slice(-3000)).toBe(0)
  return output
}

/**
 * Kills the command as soon as one of these lines is in its output, in whatever order they come, runs it again until
 * another one is, and once more to its end.
 */
const typeKilled = async (words: readonly string[], lines: readonly RegExp[]): Promise<string> => {
  let left = lines
  let kills = 0
  for (; left.length > 0; kills += 1) {
    const killAt = new RegExp(left.map(({ source }) => source).join('|'))
    const { code, output } = await swapctl(place, words, { live: true, killAt })
    expect(output).toMatch(killAt)
    expect(code).not.toBe(0)
    left = left.filter((line) => !line.test(output))
  }
  expect(kills).toBeGreaterThan(lines.length / 2)
  return type(words)
}

/** Differences from before the cutover: the source serves at the address, the target holds it unannounced. */
const held = async (): Promise<readonly string[]> =>
  (await prove([heldBy(place, { source: 'eth0', target: 'lo' })])).filter((it) => !it.held).map(({ says }) => says)

/** Every file and every volume of the source is on the target before anything is frozen. */
const staged = async (): Promise<void> => {
  const output = await type(['stage'])
  expect(output).toMatch(/\/var\/lib\/glance\/images: (\d+) of \1 files are staged/)
  expect(output).toMatch(/([1-9]\d*) of \1 volumes are staged/)
}

beforeAll(async () => {
  place = await freshLab()
  pings = pingPorts(await wirePorts(await login(await askAdmin()), readFacts(place).network))
  await pings.works
  before = await askBefore(place)
})

test('before the swap its proofs fail, which shows that they can', async () => {
  const proofs = [
    heldBy(place, { source: 'nothing', target: 'eth0' }),
    answeredBy(place, 'target'),
    novaSpeaks('Epoxy', place, '2.100', 'operator'),
    fenced(place),
    listedNowhere(place),
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

test('init writes settings that lack only the hop environment', async () => {
  await type(initWords(place))
  settings = await completeSettings(place)
  expect(settings).toContain('[hop zed]')
})

test('plan shows the whole swap and changes nothing', async () => {
  const output = await type(['plan'], { live: false })
  for (const step of ['nova/import', 'hold/addresses', 'fence/source']) expect(output).toContain(step)
  expect(output).not.toContain(before.admin.password)
})

test('check finds nothing that blocks the swap of a healthy cloud', async () => {
  expect(await type(['check'])).toContain('no check blocks')
})

test('prepare: the source keeps serving, untouched, and the target runs nothing', async () => {
  const poller = startPoller(before.cloud.urls)
  await type(['prepare'])
  await allHold(preparedProofs(before, poller))
})

test('rehearse: every row goes through the hops while the source serves, and nothing of it stays', async () => {
  const poller = startPoller(before.cloud.urls)
  const output = await type(['rehearse'])
  expect(output).toMatch(/The freeze would take about .*Longest way: .*schema/)
  expect(output).toContain('Nothing failed, and the copies are removed')
  expect((await swapctl(place, ['status'])).output).toMatch(/[Rr]ehearsed.*the freeze would take about/)
  await allHold(preparedProofs(before, poller))
})

test('stage copies images and volumes while the source serves', async () => {
  const poller = startPoller(before.cloud.urls)
  await staged()
  await allHold(preparedProofs(before, poller))
})

test('a migrate killed several times continues each time the same command is typed again', async () => {
  away = startPoller(before.cloud.urls)
  const output = await typeKilled(
    ['migrate'],
    [/✔ nova\/close /, /✔ nova\/import/, /✔ keystone\/schema/, /✔ glance\/start /, /✔ neutron\/verify /],
  )
  expect(output).not.toContain('✔ nova/close ')
  expect(output).not.toContain('✔ keystone/schema')
  await type(['verify'])
  await allHold(migratedProofs(place, before))
})

test.runIf(long)('a revert between migrate and cutover restores the old cloud', async () => {
  await type(['revert', '--yes'])
  await allHold(revertedProofs(place, before))
})

test.runIf(long)('migrate after a revert fills the target again', async () => {
  before = await askBefore(place)
  away = startPoller(before.cloud.urls)
  await type(['migrate'])
  await allHold(migratedProofs(place, before))
})

test('cutover: the new controller serves the same cloud at the same address', async () => {
  await type(['cutover', '--yes'])
  await allHold([nothingLost(pings), shortMove(place), ...cutOverProofs(place, before, away), lossTold(place, before)])
  await type(['verify'])
})

test('after booting both controllers the addresses stay where they belong, and the old one stays silent', async () => {
  await reboot('source')
  await allHold([
    heldBy(place, { source: 'nothing', target: 'eth0' }),
    runsNothing('source'),
    answeredBy(place, 'target'),
    novaSpeaks('it is Epoxy that answers', place, '2.100', 'operator'),
  ])
  await reboot('target')
  await allHold([
    heldBy(place, { source: 'nothing', target: 'eth0' }),
    answeredBy(place, 'target'),
    answersAgain(before.cloud.urls),
    novaSpeaks('it is Epoxy that answers again', place, '2.100', 'operator'),
    computesUp(() => login(before.admin), before.up),
    fenced(place),
  ])
})

test('revert after the cutover, killed twice: it lists the losses, and the old cloud serves as before', async () => {
  const id = await leaveServer(before.cloud, `made-after-${Date.now()}`, 'cmp1')
  await allHold([lossTold(place, before)])
  const output = await typeKilled(['revert', '--yes'], [/✔ cutover\/move /, /✔ nova\/start /])
  expect(output).toContain(`server ${id}`)
  expect(output).toContain('the old controller has no server with this id')
  await endGuest(id)
  await allHold(revertedProofs(place, before))
})

test("another swap refuses a target that holds this one's data", async () => {
  const other = join(place.desk, 'other.ini')
  await writeFile(
    other,
    settings.replace('state = swap-state', 'state = other-state').replace(/^name = .*/m, 'name = other'),
  )
  const { code, output } = await swapctl(place, ['prepare'], { config: other })
  expect(output).toContain('--recreate')
  expect(code).toBe(2)
})

test.runIf(long)('stage after a revert takes the copies for its own and brings them up to date', async () => {
  const poller = startPoller(before.cloud.urls)
  before = await askBefore(place)
  await staged()
  await allHold(preparedProofs(before, poller))
})

test('a second migrate copies nothing of what the first one left or was staged', async () => {
  before = await askBefore(place)
  away = startPoller(before.cloud.urls)
  const output = await type(['migrate'])
  if (long) expect(output).toMatch(/staged before the freeze and unchanged since: [1-9]\d* of .*in the freeze: 0 of /)
  expect(output).toMatch(/[1-9]\d* were there before, of which 0 B of .* differed/)
  await allHold([unseen(place), fenced(place)])
})

test.runIf(long)('a cutover whose operator is cut off after the move rolls back by itself', async () => {
  const { code, output } = await swapctl(place, ['cutover', '--yes'], { live: true, cutAt: /✔ cutover\/move / })
  expect(code, output.slice(-3000)).toBe(1)
  await expect.poll(held, { timeout: 150_000, interval: 1000 }).toEqual([])
  await plug()
  expect((await swapctl(place, ['status'])).output).toMatch(/target: rolled back .*not confirmed within 60 s/)
  await allHold([answeredBy(place, 'source'), unseen(place), fenced(place)])
})

test('the second cutover, killed twice, succeeds', async () => {
  await typeKilled(['cutover', '--yes'], [/✔ cutover\/persist-target /, /✔ cutover\/move /])
  await allHold(cutOverProofs(place, before, away))
})

test('finish ends the possibility of a revert and leaves nothing of swapctl running', async () => {
  await type(['finish', '--yes'])
  const refused = await swapctl(place, ['revert', '--yes'])
  expect(refused.output).toContain('was finished')
  expect(refused.code).toBe(2)
  await allHold([
    nothingLeft('target'),
    nothingLeft('source'),
    heldBy(place, { source: 'nothing', target: 'eth0' }),
    answeredBy(place, 'target'),
    novaSpeaks('it is Epoxy that answers', place, '2.100', 'operator'),
    computesUp(() => login(before.admin), before.up),
    runsNothing('source'),
  ])
})

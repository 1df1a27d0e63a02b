import type { Before } from './before.ts'
import { type Cloud, login } from './cloud.ts'
import { writtenVolumes } from './facts.ts'
import type { Place } from './place.ts'
import { answeredThroughout, outageSeen, type Poller } from './poller.ts'
import { demandNone, type Proof } from './proof.ts'
import { accountsStillGood, sameStack, tokenStillGood } from './proofs/accounts.ts'
import { answersInside, novaSpeaks } from './proofs/answers.ts'
import { sameImages } from './proofs/images.ts'
import { type Listing, sameListing, withoutOwn } from './proofs/listing.ts'
import { answeredBy, fenced, heldBy, listedNowhere, notConnected, unseen } from './proofs/network.ts'
import { atHeads, sameCounts } from './proofs/schema.ts'
import { computesUp, newServer } from './proofs/server.ts'
import { configFolders, dataFolders, filesUnchanged, frozenTables, tablesUnchanged } from './proofs/source.ts'
import { runsNothing, sameUnits } from './proofs/units.ts'
import { sameBackings, sameVolumes } from './proofs/volume.ts'
import { statePath } from './settings.ts'
import { swapctl } from './swapctl.ts'

const victoria = '2.87'
const epoxy = '2.100'

/** The source kept serving and was not touched; the target is prepared and runs nothing. */
export const preparedProofs = (before: Before, poller: Poller): readonly Proof[] => [
  answeredThroughout(poller),
  tablesUnchanged(before.tables),
  filesUnchanged('/etc of the source is unchanged', before.etc, ['/etc']),
  sameUnits(before.units),
  runsNothing('target'),
]

/** The source is frozen and unchanged, and everything runs on the target, unseen by the network. */
export const migratedProofs = (place: Place, before: Before): readonly Proof[] => [
  ...frozenProofs(place, before),
  runsNothing('source'),
  sameCounts(),
  atHeads(),
  sameBackings(),
  heldBy(place, { source: 'eth0', target: 'lo' }),
  answeredBy(place, 'source'),
  unseen(place),
  fenced(place),
  notConnected(place),
  answersInside(before.cloud.urls),
  novaSpeaks('it is Epoxy that answers there', place, epoxy, 'target'),
]

/** True from the freeze to the revert. */
const frozenProofs = (place: Place, before: Before): readonly Proof[] => [
  frozenTables(statePath(place, 'fingerprint.json')),
  filesUnchanged('config files of the source are unchanged', before.config, configFolders),
  filesUnchanged('images and volumes of the source are unchanged', before.data, dataFolders),
]

/** The new controller serves the same cloud at the same address, and the old one has not changed since the freeze. */
export const cutOverProofs = (place: Place, before: Before, poller: Poller): readonly Proof[] => [
  outageSeen(poller),
  heldBy(place, { source: 'nothing', target: 'eth0' }),
  answeredBy(place, 'target'),
  novaSpeaks('it is Epoxy that answers everybody', place, epoxy, 'operator'),
  tokenStillGood(before.cloud),
  ...sameCloud(before, async () => before.cloud, withoutOwn),
  computesUp(async () => before.cloud, before.up),
  sameVolumes('target', place.targetStorage, before.attachments, writtenVolumes(before.facts)),
  newServer(async () => before.cloud, 'cmp1'),
  ...frozenProofs(place, before),
  runsNothing('source'),
  notConnected(place),
  listedNowhere(place),
]

/** revert lists what was created since the cutover before it asks for confirmation. */
export const lossTold = (place: Place, before: Before): Proof => ({
  name: 'before a revert, swapctl names what was made since and would be lost',
  run: async () => {
    const name = `made-after-${Date.now()}`
    const { status, body } = await before.cloud.call('POST', 'network', '/v2.0/networks', { network: { name } })
    if (status !== 201) throw new Error(`neutron answered ${status}: ${body.slice(0, 200)}`)
    const { output } = await swapctl(place, ['revert', '--dry-run'])
    demandNone('it does not', output.includes(name) ? [] : [output.slice(0, 2000)])
    return `network ${name} is named`
  },
})

const sameCloud = (
  before: Before,
  cloud: () => Promise<Cloud>,
  of?: (listing: Listing) => Listing,
): readonly Proof[] => [
  sameListing('the APIs list the same as before', cloud, before.listing, of),
  sameImages(before.cloud, before.images),
  sameStack(before.admin, before.facts, before.stack),
  accountsStillGood(before.admin.url, before.facts),
]

/** The old cloud serves as before. */
export const revertedProofs = (place: Place, before: Before): readonly Proof[] => [
  heldBy(place, { source: 'eth0', target: 'nothing' }),
  answeredBy(place, 'source'),
  novaSpeaks('it is Victoria that answers', place, victoria, 'operator'),
  sameUnits(before.units),
  filesUnchanged('/etc of the source is what it was before the swap', before.etc, ['/etc']),
  filesUnchanged('images and volumes of the source are unchanged', before.data, dataFolders),
  tokenStillGood(before.cloud),
  ...sameCloud(before, () => login(before.admin)),
  computesUp(() => login(before.admin), before.up),
  sameVolumes('source', place.sourceStorage, before.attachments, writtenVolumes(before.facts)),
  newServer(() => login(before.admin), 'cmp1'),
  runsNothing('target'),
]

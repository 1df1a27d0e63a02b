import { afterEach, beforeEach, expect, test } from 'vitest'
import { holdSteps } from '../../src/cutover/handover/hold.ts'
import { findPersistence, persistenceFindings } from '../../src/cutover/keepers/persist.ts'
import { revertSteps } from '../../src/engine/revert.ts'
import { execute } from '../../src/engine/run.ts'
import { type Bench, openBench } from '../engine.ts'
import {
  api,
  contextOf,
  holds,
  moves,
  type OpenBoxes,
  openBoxes,
  own,
  put,
  six,
  startBus,
  startNetworkd,
  startNetworkManager,
  who,
} from './controllers.ts'
import { type Box, type Program, speak } from './namespaces.ts'

let bench: Bench
let boxes: OpenBoxes

beforeEach(async () => {
  boxes = await openBoxes('swapplace', { source: [], target: [] })
  bench = await openBench()
})
afterEach(async () => {
  await bench?.close()
  await boxes?.close()
})

const name = '10-eth0.network'
const [etc, run, vendor] = ['/etc', '/run', '/usr/lib'].map((at) => `${at}/systemd/network`) as [string, string, string]
const main = (last: number, more = '') =>
  `[Match]\nName=eth0\n\n[Network]\nLinkLocalAddressing=no\nAddress=10.77.0.${last}/24\nAddress=fd00:77::${last}/64\n${more}`
const dropIn = '# api\n[Network]\nAddress=10.77.0.10/24\nAddress=fd00:77::a:10/64\n'
const moved = [api.address, six.address]

/** Directories of a box's own, so that the files of this machine's packages do not count. */
const start = async (box: Box, files: Readonly<Record<string, string>>): Promise<Program> => {
  await box.ask('mount', '-t', 'tmpfs', 'tmpfs', vendor)
  for (const [path, text] of Object.entries(files)) await put(box, path, text)
  return startNetworkd(box)
}
const inEtc = async (box: Box) =>
  (await box.ask('find', etc, '-mindepth', '1')).trim().split('\n').filter(Boolean).sort()

test('addresses in files of packages move by files in /etc that hide them', { timeout: 300_000 }, async () => {
  const { source, target, compute } = boxes
  // The drop-in in /run would give another address, but the one in /etc hides it.
  const hidden = { [`${run}/${name}.d/hidden.conf`]: dropIn, [`${etc}/${name}.d/hidden.conf`]: '# nothing\n' }
  const daemons = [
    await start(source, { [`${vendor}/${name}`]: main(11), [`${vendor}/${name}.d/api.conf`]: dropIn, ...hidden }),
    await start(target, { [`${vendor}/${name}`]: main(12) }),
  ]
  await expect.poll(() => holds(source), { timeout: 20_000 }).toEqual([...own(11), ...moved].sort())
  await Promise.all([speak(source, 5000, 'source'), speak(target, 5000, 'target')])
  const context = contextOf(boxes, bench.directory, [api, six])
  expect(await persistenceFindings(context)).toEqual([])

  const before = await inEtc(source)
  const steps = [...holdSteps(context), ...moves(context)]
  const engine = await bench.engine({ hosts: context.hosts })
  await execute(steps, engine)
  for (const address of moved) expect(await who(compute, 5000, address)).toBe('target')
  expect(await inEtc(source)).toEqual([...before, `${etc}/${name}.d/api.conf`].sort())
  expect(await source.ask('cat', `${etc}/${name}.d/api.conf`)).toBe('# api\n[Network]\n')
  expect(await source.ask('cat', `${vendor}/${name}.d/api.conf`)).toBe(dropIn)
  expect(await inEtc(target)).toEqual([`${etc}/${name}`])
  expect(await target.ask('cat', `${vendor}/${name}`)).toBe(main(12))

  // As at boot: everything again from the files.
  for (const [index, box] of [source, target].entries()) {
    daemons[index]?.kill()
    await daemons[index]?.ended
    await box.ask('ip', 'addr', 'flush', 'dev', 'eth0')
    daemons[index] = await startNetworkd(box)
  }
  await expect.poll(() => holds(source), { timeout: 20_000 }).toEqual(own(11).toSorted())
  await expect.poll(() => holds(target), { timeout: 20_000 }).toEqual([...own(12), ...moved].sort())

  await revertSteps(steps, engine)
  expect(await inEtc(source)).toEqual(before)
  expect(await inEtc(target)).toEqual([])
  expect(await holds(source)).toEqual([...own(11), ...moved].sort())
  expect(await holds(target)).toEqual(own(12).toSorted())
})

test("an address in a profile of a package is refused, until the administrator's copy hides it", async () => {
  const { source } = boxes
  const places = ['/usr/lib', '/etc'].map((at) => `${at}/NetworkManager/system-connections`) as [string, string]
  const profile = (id: string, uuid: string, device: string) =>
    `[connection]\nid=${id}\nuuid=8b0ac8a6-0000-4000-8000-00000000000${uuid}\ntype=ethernet\ninterface-name=${device}\n\n[ipv4]\naddress1=10.77.0.11/24\naddress2=10.77.0.10/24\nmethod=manual\n\n[ipv6]\nmethod=disabled\n`
  await source.ask('mount', '-t', 'tmpfs', 'tmpfs', places[0])
  await put(source, `${places[0]}/eth0.nmconnection`, profile('eth0', '1', 'eth0'))
  await put(source, `${places[0]}/other.nmconnection`, profile('other', '2', 'e9'))
  await source.ask('sh', '-ec', 'chmod 600 "$0"/*', places[0])
  await startBus(source)
  const daemon = await startNetworkManager(source)
  const find = () => findPersistence(source.host('source'), 'source', [api], true)
  const { findings } = await find()
  expect(findings.map(({ says }) => says)).toEqual([
    `source: 10.77.0.10 (eth0): ${places[0]}/other.nmconnection also names it, but NetworkManager does not read that file for this interface`,
    `source: 10.77.0.10 (eth0): ${places[0]}/eth0.nmconnection belongs to no administrator: swapctl only edits files in /etc`,
  ])
  const command = /install .*/.exec(findings[1]?.remedy ?? '')?.[0] ?? 'false'
  await source.ask('sh', '-ec', command)
  // The same profile without the address, by its UUID and under another name.
  await put(
    source,
    `${places[1]}/mine.nmconnection`,
    profile('other', '2', 'e9').replace('address2=10.77.0.10/24\n', ''),
  )
  const after = await find()
  expect(after.findings).toEqual([])
  expect(after.changes.map(({ path }) => path)).toEqual([`${places[1]}/eth0.nmconnection`])
  daemon.kill()
  await daemon.ended
})

test('an address in a file of /run is refused by name, and another file that names it is found', async () => {
  const { source } = boxes
  const says = async () =>
    (await findPersistence(source.host('source'), 'source', [api], true)).findings.map((it) => it.says)
  const daemon = await start(source, {
    [`${run}/${name}`]: `# Automatically generated by systemd-network-generator\n${main(11, 'Address=10.77.0.10/24\n')}`,
  })
  expect(await says()).toEqual([
    `source: 10.77.0.10 (eth0): ${run}/${name} is written anew at each boot, by systemd-network-generator (ip= of the kernel command line): swapctl only edits files in /etc`,
  ])
  // As the remedy says; networkd has not read it yet, but the next boot does.
  await source.ask('cp', `${run}/${name}`, `${etc}/${name}`)
  const { changes, findings } = await findPersistence(source.host('source'), 'source', [api], true)
  expect(findings).toEqual([])
  expect(changes.map(({ path }) => path)).toEqual([`${etc}/${name}`])

  await put(source, `${vendor}/20-other.network`, '[Match]\nName=e9\n')
  await put(source, `${vendor}/20-other.network.d/x.conf`, dropIn)
  const profile = '[connection]\nid=e9\nuuid=8b0ac8a6-0000-4000-8000-000000000001\n[ipv4]\naddress1=10.77.0.10/24\n'
  const profiles = '/NetworkManager/system-connections/e9.nmconnection'
  await put(source, `/run${profiles}`, profile)
  const also = (path: string) =>
    `source: 10.77.0.10 (eth0): ${path} also names it, but networkd does not read that file for this interface`
  expect(await says()).toEqual([also(`${vendor}/20-other.network.d/x.conf`), also(`/run${profiles}`)])

  // A link to /dev/null hides the file of the same name, and an empty one hides the one in use.
  await source.ask('mkdir', `${etc}/20-other.network.d`)
  await source.ask('ln', '-s', '/dev/null', `${etc}/20-other.network.d/x.conf`)
  await source.ask('rm', `/run${profiles}`)
  expect(await says()).toEqual([])
  await put(source, `${etc}/${name}`, '')
  expect(await says()).toEqual([
    'source: 10.77.0.10 (eth0): swapctl does not recognise what configures its interface at boot',
  ])
  daemon.kill()
  await daemon.ended
})

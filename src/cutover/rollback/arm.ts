import { isIPv6 } from 'node:net'
import { askLinks, type NetworkLink } from '../../ask/addresses.ts'
import { defaultBudget } from '../../config.ts'
import type { Context } from '../../context.ts'
import type { Action, Step } from '../../engine/step.ts'
import { refuse, SwapError } from '../../errors.ts'
import type { Host } from '../../hosts/host.ts'
import { programText } from '../../text/program.ts'
import { program as announceProgram } from '../handover/announce.ts'
import { quietSettings } from '../handover/hold.ts'
import { placeOnTarget, placesOnSource, promotions } from '../handover/move.ts'
import { askSettings } from '../handover/settings.ts'
import type { Side } from '../keepers/edits.ts'
import { askHolders, program as askProgram } from '../keepers/holders.ts'
import { askChanges, askReaders } from '../keepers/persist.ts'
import { enableUnit, forgetUnit } from '../keepers/unit.ts'
import { armId, bootName, halfName, home, margin, type PutBack, scriptPath, timerName } from './data.ts'
import { scriptOf } from './script.ts'
import { askSides, isArmed, sidesText } from './state.ts'

/**
 * Arms both sides: from here on each side that is not confirmed in time rolls back by itself, whatever happens to
 * swapctl. A timer does it, and a unit in case of a boot. Everything is in place before the first timer starts; the
 * target's starts first, so that it expires first.
 */
export const armStep = (context: Context, after: readonly string[]): Step => ({
  id: armId,
  phase: 'cutover',
  title: `Start a rollback timer on both sides: without a confirmation within ${budgetOf(context, 'target')} s they roll back`,
  after,
  changes: ['source', 'target'],
  run: async () => {
    await refuseDeaf(context)
    return [...(await lay(context, 'target')), ...(await lay(context, 'source')), start('target'), start('source')]
  },
  undo: async () => [...disarm('source'), ...disarm('target')],
  proof: async () => {
    const sides = await askSides(context.hosts)
    const says = sidesText(sides, new Date()).join('; ')
    if (!isArmed(sides.source) || !isArmed(sides.target))
      throw new SwapError(
        'cutover',
        `the rollback timer is not running: ${says}`,
        `Check there: systemctl status ${timerName}.timer`,
      )
    return says
  },
})

const budgetOf = ({ config }: Context, side: Side): number =>
  (config.budget ?? defaultBudget) + (side === 'source' ? margin : 0)

/** Also removes what an interrupted cutover left; should its timer fire meanwhile, it finds another token. */
export const disarm = (side: Side): readonly Action[] => [
  { kind: 'exec', on: side, argv: ['sh', '-ec', stop, 'stop', timerName, halfName], limit: 60 },
  forgetUnit(side, bootName),
  { kind: 'remove', on: side, path: home },
]

const stop = programText('stop.sh', import.meta.url)

const start = (side: Side): Action => ({ kind: 'exec', on: side, argv: ['/bin/sh', scriptPath, 'arm'], limit: 60 })

const lay = async (context: Context, side: Side): Promise<readonly Action[]> => {
  const putBack = await askPutBack(context, side)
  const file = (name: string, content: string): Action => ({
    kind: 'write',
    on: side,
    path: `${home}/${name}`,
    mode: '0600',
    content,
  })
  return [
    ...disarm(side),
    { kind: 'exec', on: side, argv: ['mkdir', '-m', '0700', home], limit: 20 },
    file('announce.py', announceProgram),
    file('ask.py', askProgram),
    ...putBack.files.flatMap(({ before, path, after }, index) => [
      ...(path === before.path ? [file(`before-${index + 1}`, before.content)] : []),
      file(`after-${index + 1}`, after),
    ]),
    file('putback.sh', scriptOf(putBack)),
    ...enableUnit(side, {
      name: bootName,
      says: 'Rolls back the addresses of a cutover that was not confirmed',
      commands: [['/bin/sh', scriptPath, 'boot']],
    }),
  ]
}

const askPutBack = async (context: Context, side: Side): Promise<PutBack> => {
  const { config, hosts } = context
  const host = hosts(side)
  const [changes, readers, own, other] = await Promise.all([
    askChanges(context, side),
    askReaders(context, side),
    askLinks(host),
    askLinks(hosts(side === 'source' ? 'target' : 'source')),
  ])
  const places = side === 'target' ? config.addresses.map(placeOnTarget) : placesOnSource(own, config.addresses)
  return {
    side,
    budget: budgetOf(context, side),
    places,
    files: changes.map(({ before, path, text }) => ({ before, path, after: text })),
    readers,
    settings: side === 'target' ? quietSettings(config.addresses) : await settingsBefore(host, promotions(own, places)),
    peers: macsOf(other),
  }
}

const settingsBefore = async (host: Host, settings: readonly string[]): Promise<readonly string[]> =>
  settings.length === 0 ? [] : askSettings(host, settings)

const macsOf = (links: readonly NetworkLink[]): readonly string[] => [
  ...new Set(links.filter(({ loopback, mac }) => !loopback && mac !== '').map(({ mac }) => mac)),
]

/**
 * Without swapctl the source decides by whether it can hear the target, so that is tested beforehand, at one of the
 * target's own addresses. An interface without an address of that family cannot be tested.
 */
const refuseDeaf = async ({ config, hosts }: Context): Promise<void> => {
  const links = await askLinks(hosts('target'))
  for (const moving of config.addresses) {
    const link = links.find(({ name }) => name === moving.targetInterface)
    const own = link?.addresses.find(
      ({ address }) =>
        isIPv6(address) === isIPv6(moving.address) && !config.addresses.some((one) => one.address === address),
    )
    if (link === undefined || own === undefined) continue
    const macs = await askHolders(hosts('source'), own.address, moving.sourceInterface)
    if (macs.length === 0)
      throw refuse(
        `source, ${moving.sourceInterface}`,
        `no answer for ${own.address}, which the target has on ${link.name}: the source cannot check whether the target has ${moving.address}`,
        'Check that both interfaces are in one network and that nothing between them filters ARP',
      )
  }
}

import { isIPv6 } from 'node:net'
import { defaultBudget } from '../../config.ts'
import type { Context } from '../../context.ts'
import type { Action, Step } from '../../engine/step.ts'
import { refuse, SwapError } from '../../errors.ts'
import type { Host } from '../../hosts/host.ts'
import { askLinks, type Link } from '../addresses.ts'
import { program as announceProgram } from '../announce.ts'
import type { Side } from '../edits.ts'
import { quietSettings } from '../hold.ts'
import { askHolders, program as askProgram } from '../holders.ts'
import { placeOnTarget, placesOnSource, promotions } from '../move.ts'
import { askChanges, askReaders } from '../persist.ts'
import { askSettings } from '../settings.ts'
import { enableUnit, forgetUnit } from '../unit.ts'
import { armId, bootName, halfName, home, margin, type PutBack, scriptPath, timerName } from './data.ts'
import { scriptOf } from './script.ts'
import { askSides, isArmed, sidesText } from './state.ts'

/**
 * From here on each side that is not confirmed in time puts its part back by itself, whatever becomes of swapctl: a timer,
 * and a unit for the case that it is booted meanwhile. All is laid ready before the first timer starts; the target's
 * starts first, so that its time is over first.
 */
export const armStep = (context: Context, after: readonly string[]): Step => ({
  id: armId,
  phase: 'cutover',
  title: `Have both sides put everything back by themselves unless the cutover is confirmed within ${budgetOf(context, 'target')} s`,
  after,
  run: async () => {
    await refuseDeaf(context)
    return [...(await lay(context, 'target')), ...(await lay(context, 'source')), start('target'), start('source')]
  },
  undo: async () => [...disarm('source'), ...disarm('target')],
  proof: async () => {
    const sides = await askSides(context.hosts)
    const says = sidesText(sides, new Date()).join('; ')
    if (!isArmed(sides.source) || !isArmed(sides.target))
      throw new SwapError('cutover', `not armed: ${says}`, `Look there: systemctl status ${timerName}.timer`)
    return says
  },
})

const budgetOf = ({ config }: Context, side: Side): number =>
  (config.budget ?? defaultBudget) + (side === 'source' ? margin : 0)

/** Also what an earlier one that was broken off has left; a timer of it that fires meanwhile finds another token. */
export const disarm = (side: Side): readonly Action[] => [
  { kind: 'exec', on: side, argv: ['sh', '-ec', stop, 'stop', timerName, halfName], limit: 60 },
  forgetUnit(side, bootName),
  { kind: 'remove', on: side, path: home },
]

const stop = `test -d /run/systemd/system || exit 0
for unit; do
  systemctl stop "$unit.timer" "$unit.service" 2>/dev/null || true
  systemctl reset-failed "$unit.timer" "$unit.service" 2>/dev/null || true
done`

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
    ...putBack.files.flatMap(({ before, after }, index) => [
      file(`before-${index + 1}`, before.content),
      file(`after-${index + 1}`, after),
    ]),
    file('putback.sh', scriptOf(putBack)),
    ...enableUnit(side, {
      name: bootName,
      says: 'Puts the addresses of a cutover back that was not confirmed',
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
    files: changes.map(({ before, text }) => ({ before, after: text })),
    readers,
    settings: side === 'target' ? quietSettings(config.addresses) : await settingsBefore(host, promotions(own, places)),
    peers: macsOf(other),
  }
}

const settingsBefore = async (host: Host, settings: readonly string[]): Promise<readonly string[]> =>
  settings.length === 0 ? [] : askSettings(host, settings)

const macsOf = (links: readonly Link[]): readonly string[] => [
  ...new Set(links.filter(({ loopback, mac }) => !loopback && mac !== '').map(({ mac }) => mac)),
]

/**
 * Left alone, the source goes by whether it hears the target: tried beforehand, at an address of the target's own. Where
 * the interface has none of that family nobody can be tried.
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
        `nobody answers for ${own.address}, which the target has on ${link.name}: the source could not find out whether the target has ${moving.address}`,
        'Are both interfaces in one network, and does nothing between them filter ARP?',
      )
  }
}

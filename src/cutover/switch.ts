import { runChecks } from '../checks/index.ts'
import type { Context } from '../context.ts'
import { pictureStep } from '../cost/step.ts'
import { type Action, nothing, type Step } from '../engine/step.ts'
import { refuse, SwapError } from '../errors.ts'
import { askLinks } from './addresses.ts'
import { announceStep } from './agree.ts'
import { connectionText, foreignConnections } from './connections.ts'
import { sshPorts } from './fence-rules.ts'
import { askBefore, holdUnit, holdUnitName, quietSettings } from './hold.ts'
import { moveStep } from './move.ts'
import { persistStep, reloadActions } from './persist.ts'
import { reportStep } from './reports.ts'
import { sessionsStep } from './sessions.ts'
import { askSettings, setAction } from './settings.ts'
import { enableUnit, forgetUnit } from './unit.ts'

/**
 * The steps of `cutover`: everything is checked once more, the files for the next boot are written, then the addresses
 * move, all at once, and what depends on them is waited for. Undone newest first it is the way back.
 */
export const cutoverSteps = (context: Context): readonly Step[] => {
  const moved = ['cutover/move']
  return [
    checkStep(context),
    persistStep(context, 'source', ['cutover/check']),
    persistStep(context, 'target', ['cutover/check']),
    pictureStep(context, ['cutover/check']),
    moveStep(context, ['cutover/persist-source', 'cutover/persist-target', 'cutover/picture']),
    sessionsStep(context, moved),
    announceStep(context, moved),
    settleStep(context, moved),
    reportStep(context, ['cutover/sessions']),
    foreignStep(context, ['cutover/reports']),
  ]
}

const checkStep = (context: Context): Step => ({
  id: 'cutover/check',
  phase: 'cutover',
  title: 'Check once more that everything stands as the migration left it',
  after: [],
  run: async () => {
    const blocks = (await runChecks(context, { recreate: false, journal: { entries: [] }, before: 'cutover' })).filter(
      (finding) => finding.level === 'block',
    )
    if (blocks.length === 0) return []
    const says = blocks.map((finding) => `${finding.says}\n    ${finding.remedy}`).join('\n  ')
    throw refuse('cutover', `nothing was moved:\n  ${says}`, 'Mend these and run the same command again')
  },
  undo: nothing,
  proof: async () => `${context.config.addresses.length} addresses ready to move, nothing of the source runs or wakes`,
})

/** The hold is over: its unit would take the addresses back to the loopback at the next boot. */
const settleStep = (context: Context, after: readonly string[]): Step => ({
  id: 'cutover/settle',
  phase: 'cutover',
  title: 'Make the source go by its new network configuration, and end the hold on the target',
  after,
  run: async () => [...(await reloadActions(context, 'source')), ...(await release(context))],
  undo: () => holdAgain(context),
  proof: async () => {
    const links = await askLinks(context.hosts('target'))
    const lost = context.config.addresses.filter(
      (moving) =>
        !links.some(
          (it) => it.name === moving.targetInterface && it.addresses.some((held) => held.address === moving.address),
        ),
    )
    if (lost.length > 0)
      throw new SwapError(
        'target',
        `${lost.map((it) => it.address).join(', ')} went away again`,
        'See what took it: networkctl status',
      )
    return 'the addresses stay where they are, now and after a boot'
  },
})

const release = async (context: Context): Promise<readonly Action[]> => {
  const before = (await askBefore(context.hosts('target'))) ?? []
  return [...(before.length === 0 ? [] : [setAction('target', before)]), forgetUnit('target', holdUnitName)]
}

/** Before the addresses come back to the loopback, the machine must have stopped answering for it. */
const holdAgain = async (context: Context): Promise<readonly Action[]> => {
  const { config, hosts } = context
  const settings = quietSettings(config.addresses)
  const target = hosts('target')
  const before = (await askBefore(target)) ?? (await askSettings(target, settings))
  return [setAction('target', settings), ...enableUnit('target', holdUnit(config.addresses, before))]
}

/** Old services that were left running follow the address: nothing of the old controller may talk to the new one. */
const foreignStep = (context: Context, after: readonly string[]): Step => ({
  id: 'cutover/strangers',
  phase: 'cutover',
  title: 'See that nothing of the old controller is connected to the new queue, database or cache',
  after,
  run: nothing,
  undo: nothing,
  proof: async () => {
    const { survey, config, hosts } = context
    const own = survey.source.addresses
      .map((it) => it.address)
      .filter((address) => !/^(127\.|::1$)/.test(address) && !config.addresses.some((it) => it.address === address))
    const found = await foreignConnections(hosts('target'), own, sshPorts(context))
    if (found.length > 0)
      throw new SwapError(
        'target',
        `connected from the old controller: ${found.map(connectionText).join(', ')}`,
        'Find the programs on the source (ss -tnp) and stop them',
      )
    return `no connection from ${own.join(', ')}`
  },
})

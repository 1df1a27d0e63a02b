import { runChecks } from '../checks/index.ts'
import type { Context } from '../context.ts'
import { pictureStep } from '../cost/step.ts'
import { type Action, nothing, type Step } from '../engine/step.ts'
import { refuse, SwapError } from '../errors.ts'
import { askLinks } from './addresses.ts'
import { announceStep } from './agree.ts'
import { type Green, greenStep } from './green-step.ts'
import { askBefore, holdUnit, holdUnitName, quietSettings } from './hold.ts'
import { moveStep } from './move.ts'
import { persistStep, reloadActions } from './persist.ts'
import { type ReadyOptions, readyStep } from './postpone.ts'
import { armStep, disarm } from './putback/arm.ts'
import { confirmStep } from './putback/confirm.ts'
import { confirms } from './putback/data.ts'
import { reportStep } from './reports.ts'
import { sessionsStep } from './sessions.ts'
import { askSettings, setAction } from './settings.ts'
import { foreignStep } from './strangers.ts'
import { enableUnit, forgetUnit } from './unit.ts'

export interface CutoverOptions extends ReadyOptions {
  /** how it is seen that the moved addresses answer; by a probe of its own when absent */
  readonly green?: Green
}

/**
 * The steps of `cutover`: everything is checked once more, the files for the next boot are written, then the addresses
 * move, all at once, and what depends on them is waited for. Undone newest first it is the way back. Both sides
 * are armed before, and without the confirmation everything goes back by itself, unless the settings say off.
 */
export const cutoverSteps = (context: Context, options: CutoverOptions = {}): readonly Step[] => {
  const confirmed = confirms(context)
  const moved = ['cutover/move']
  const settled = confirmed ? ['cutover/confirm'] : moved
  const armed = confirmed ? ['cutover/arm'] : ['cutover/check']
  return [
    pictureStep(context, []),
    readyStep(['cutover/picture'], options),
    checkStep(context, ['cutover/ready']),
    ...(confirmed ? [armStep(context, ['cutover/check'])] : []),
    persistStep(context, 'source', armed),
    persistStep(context, 'target', armed),
    moveStep(context, ['cutover/persist-source', 'cutover/persist-target']),
    sessionsStep(context, moved),
    announceStep(context, moved),
    ...(confirmed ? confirmation(context, options) : []),
    settleStep(context, settled),
    reportStep(context, confirmed ? settled : ['cutover/sessions']),
    foreignStep(context, ['cutover/reports']),
  ]
}

const confirmation = (context: Context, { green, signal }: CutoverOptions): readonly Step[] => [
  greenStep(context, ['cutover/sessions', 'cutover/announce'], green, signal),
  confirmStep(context, ['cutover/green']),
]

const checkStep = (context: Context, after: readonly string[]): Step => ({
  id: 'cutover/check',
  phase: 'cutover',
  title: 'Check once more that everything stands as the migration left it',
  after,
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
  run: async () => [
    ...(await reloadActions(context, 'source')),
    ...(confirms(context) ? disarm('source') : []),
    ...(await release(context)),
  ],
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

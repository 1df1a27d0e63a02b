import { askLinks } from '../ask/addresses.ts'
import { runChecks } from '../checks/index.ts'
import type { Context } from '../context.ts'
import { snapshotStep } from '../cost/step.ts'
import { announceStep } from '../cutover/handover/agree.ts'
import { foreignStep } from '../cutover/handover/foreign.ts'
import { askBefore, holdUnit, holdUnitName, quietSettings } from '../cutover/handover/hold.ts'
import { moveStep } from '../cutover/handover/move.ts'
import { sessionsStep } from '../cutover/handover/sessions.ts'
import { askSettings, setAction } from '../cutover/handover/settings.ts'
import { takenOver, takeOverSteps } from '../cutover/handover/take-over.ts'
import { persistStep, reloadActions } from '../cutover/keepers/persist.ts'
import { enableUnit, forgetUnit } from '../cutover/keepers/unit.ts'
import { type Green, greenStep } from '../cutover/outage/green-step.ts'
import { reportStep } from '../cutover/outage/reports.ts'
import { type ReadyOptions, readyStep } from '../cutover/postpone.ts'
import { armStep, disarm } from '../cutover/rollback/arm.ts'
import { confirmStep } from '../cutover/rollback/confirm.ts'
import { confirms } from '../cutover/rollback/data.ts'
import { type Action, nothing, type Step } from '../engine/step.ts'
import { refuse, SwapError } from '../errors.ts'

export interface CutoverOptions extends ReadyOptions {
  /** how to find out that the moved addresses answer; when absent, the step starts its own probe */
  readonly green?: Green
}

/**
 * The steps of `cutover`: checks everything again, writes the files for the next boot, moves all addresses at once, and
 * waits for what depends on them. Undone newest first, they are the way back. Both sides are armed before the move, and
 * without a confirmation both roll back, unless the settings turn that off.
 */
export const cutoverSteps = (context: Context, options: CutoverOptions = {}): readonly Step[] => {
  const confirmed = confirms(context)
  const moved = ['cutover/move']
  const settled = confirmed ? ['cutover/confirm'] : moved
  const armed = confirmed ? ['cutover/arm'] : takenOver
  return [
    snapshotStep(context, []),
    readyStep(['cutover/picture'], options),
    checkStep(context, ['cutover/ready']),
    ...takeOverSteps(context, ['cutover/check']),
    ...(confirmed ? [armStep(context, takenOver)] : []),
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
  title: 'Check again that everything is as migrate left it',
  after,
  changes: [],
  run: async () => {
    const blocks = (await runChecks(context, { recreate: false, journal: { entries: [] }, before: 'cutover' })).filter(
      (finding) => finding.level === 'block',
    )
    if (blocks.length === 0) return []
    const says = blocks.map((finding) => `${finding.says}\n    ${finding.remedy}`).join('\n  ')
    throw refuse('cutover', `nothing was moved:\n  ${says}`, 'Fix these and run the same command again')
  },
  undo: nothing,
  proof: async () =>
    `${context.config.addresses.length} addresses ready to move, no service of the source runs or starts at boot`,
})

/** Removes the hold's unit, which would put the addresses back on the loopback at the next boot. */
const settleStep = (context: Context, after: readonly string[]): Step => ({
  id: 'cutover/settle',
  phase: 'cutover',
  title: 'Apply the new network configuration on the source and end the hold on the target',
  after,
  changes: ['source', 'target'],
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
        'Find out what removed them: networkctl status',
      )
    return 'the addresses stay in place, now and after a reboot'
  },
})

const release = async (context: Context): Promise<readonly Action[]> => {
  const before = (await askBefore(context.hosts('target'))) ?? []
  return [...(before.length === 0 ? [] : [setAction('target', before)]), forgetUnit('target', holdUnitName)]
}

/** Before an address returns to the loopback, the machine must have stopped answering for it. */
const holdAgain = async (context: Context): Promise<readonly Action[]> => {
  const { config, hosts } = context
  const settings = quietSettings(config.addresses)
  const target = hosts('target')
  const before = (await askBefore(target)) ?? (await askSettings(target, settings))
  return [setAction('target', settings), ...enableUnit('target', holdUnit(config.addresses, before))]
}

import { isRetarget } from '../computes/retarget-step.ts'
import type { Context } from '../context.ts'
import { stateOf } from '../engine/journal.ts'
import { execute } from '../engine/run.ts'
import { behindFindings } from '../finish/computes.ts'
import { finishFindings } from '../finish/proofs.ts'
import { finishSteps } from '../finish/steps.ts'
import { backupDirectory, retargetDirectory } from '../places.ts'
import { ofPhase, wholePlan } from '../plan/plan.ts'
import { identity } from '../services/index.ts'
import { confirm } from './confirm.ts'
import { reportFindings } from './findings.ts'
import { showSteps } from './plan.ts'
import { type Options, preparedContext, refuseUnknown, requireDone, withSession } from './session.ts'

export interface FinishOptions extends Options {
  readonly removeBackup?: boolean
}

/**
 * The point of no return: proves that the new cloud serves, says what will be removed and what stays, asks, and removes
 * it. Run again after an interruption, it continues.
 */
export const finish = (options: FinishOptions): Promise<void> =>
  withSession('finish', options, async (session) => {
    const context = await preparedContext(session)
    const plan = wholePlan(context)
    refuseUnknown(session, [...plan, ...finishSteps(context, { removeBackup: true })])
    for (const phase of ['prepare', 'migrate', 'cutover'] as const) {
      // A compute must not hold up anything; those that do not follow are a finding.
      const needed = ofPhase(plan, phase).filter((step) => !isRetarget(step))
      requireDone(session, needed, phase)
    }
    const removeBackup = options.removeBackup === true
    const steps = finishSteps(context, { removeBackup })
    session.reporter.note(finishText(context, removeBackup))
    if (options.dryRun === true) return showSteps(session, steps)
    const states = steps.map((step) => stateOf(session.journal, step.id))
    if (states.every((state) => state === 'done'))
      return session.reporter.note('Nothing left to do: the swap is finished')
    if (states[0] !== 'done') {
      reportFindings(session, [...(await finishFindings(context)), ...behindFindings(session.journal, plan)])
      await confirm('finish', options)
    }
    await execute(steps, session.engine)
    session.reporter.note(
      'The swap is finished. The old controller stays as it is, stopped and masked, until you remove it',
    )
  })

/** What will be removed and what stays. */
const finishText = ({ config, survey }: Context, removeBackup: boolean): string => {
  const backup = `${backupDirectory(config.name)} on the target: the backup of the old controller from before the swap`
  const kept =
    config.retarget === true
      ? [`${retargetDirectory(config.name)} on each compute: its settings from before computes retarget`]
      : []
  const databases = survey.services.flatMap((service) => service.databases.map((one) => one.name))
  const list = (lines: readonly string[]) => lines.map((line) => `  ${line}`)
  return [
    'finish removes:',
    ...list([
      'the option to revert: swapctl revert refuses afterwards',
      "on the target: the fence, swapctl's boot units, saved address settings for the rollback, staged files, unpacked hop environments, accounts made for schema tools, its claim",
      `in ${identity.name} on the target: the application credential and the encrypted credential swapctl-${config.name}`,
      ...(removeBackup ? [backup, ...kept] : []),
    ]),
    'finish leaves:',
    ...list([
      `the old controller, untouched: ${databases.join(', ')}, its files and volumes; its services stay stopped and masked`,
      ...(removeBackup ? [] : [backup, ...kept].map((one) => `${one} (--remove-backup removes it)`)),
      'on the target: packages, settings of MariaDB, RabbitMQ and the services, and /etc/sysctl.d/60-swapctl.conf',
      `here: ${config.state} with the journal, the reports and new instructions for reverting by hand`,
    ]),
  ].join('\n')
}

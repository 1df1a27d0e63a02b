import { existing } from '../ask/facts.ts'
import { ask, lines, type Question } from '../ask/question.ts'
import type { Context } from '../context.ts'
import { forgetSteps } from '../credentials/steps.ts'
import { openTarget } from '../cutover/handover/fence.ts'
import { askStopped } from '../cutover/handover/fence-proof.ts'
import { forgetUnit } from '../cutover/keepers/unit.ts'
import { disarm } from '../cutover/rollback/arm.ts'
import { home } from '../cutover/rollback/data.ts'
import { askSides, sidesText } from '../cutover/rollback/state.ts'
import { nothing, type Step } from '../engine/step.ts'
import { SwapError } from '../errors.ts'
import { withDatabase } from '../hosts/db.ts'
import { backupDirectory, hopsDirectory, ownerFile, swapDirectory } from '../places.ts'
import { finishStagedStep } from '../staged/steps.ts'
import { asideStep } from '../transfer/tree-steps.ts'
import { forgetComputes } from './computes.ts'
import { pointStep } from './point.ts'

export interface FinishOptions {
  /** also remove the backup of the old controller's databases and settings */
  readonly removeBackup: boolean
}

const phase = 'finish' as const

/**
 * Removes what swapctl put on the new controller for a rollback or for the migration only. The old controller is not
 * touched: its units stay stopped and masked, its databases where they are.
 */
export const finishSteps = (context: Context, options: FinishOptions = { removeBackup: false }): readonly Step[] => {
  const point = pointStep(context)
  const putBack = putBackStep(context)
  const fence = fenceStep(context)
  const parts = [
    fence,
    accountsStep(context),
    ...forgetSteps(context),
    asideStep(context),
    finishStagedStep(context),
    pathStep(context, 'finish/hops', 'Remove the unpacked hop environments', hopsDirectory),
    ...(options.removeBackup
      ? [
          pathStep(
            context,
            'finish/backup',
            'Remove the backup of the old controller',
            backupDirectory(context.config.name),
          ),
        ]
      : []),
    ...(options.removeBackup && context.config.retarget === true ? forgetComputes(context) : []),
  ]
  const units = unitsStep(context)
  const last = claimStep(context)
  const after = (step: Step, ...steps: readonly Step[]): Step => ({ ...step, after: steps.map((one) => one.id) })
  return [
    point,
    after(putBack, point),
    ...parts.map((step) => after(step, point, putBack)),
    // The fence has a unit, which two steps at once would both remove.
    after(units, point, putBack, fence),
    after(last, point, ...parts, units),
  ]
}

/** The source's old addresses may be given to another machine one day, which this one must be able to reach. */
const fenceStep = ({ hosts }: Context): Step => ({
  id: 'finish/fence',
  phase,
  title: 'Remove the fence on the target, now and for its next boot',
  after: [],
  changes: ['target'],
  run: async () => openTarget,
  undo: nothing,
  proof: async () => {
    if ((await askStopped(hosts('target'))) !== undefined)
      throw new SwapError('target', 'the fence is still up', 'Check: nft list tables')
    return 'no fence on the target; the fence on the source lasts until it reboots'
  },
})

/**
 * After the confirmation the source has nothing left of the rollback timer; if that was interrupted, its undo is this
 * removal.
 */
const putBackStep = ({ hosts }: Context): Step => ({
  id: 'finish/putback',
  phase,
  title: 'Remove what both sides stored for the rollback',
  after: [],
  changes: ['source', 'target'],
  run: async () => {
    const sides = await askSides(hosts)
    return (['target', 'source'] as const).flatMap((side) => (typeof sides[side] === 'object' ? disarm(side) : []))
  },
  undo: nothing,
  noWayBack: 'the swap is past the point of no return',
  proof: async () => {
    const sides = await askSides(hosts)
    if (sides.target === 'silent')
      throw new SwapError('target', 'does not answer', 'Run the same command again once it answers')
    const left = sidesText({ ...sides, source: sides.source === 'silent' ? 'none' : sides.source }, new Date())
    if (left.length > 0) throw new SwapError('finish', left.join('; '), `Find out what keeps ${home} there`)
    return sides.source === 'silent' ? 'nothing left on the target; the source does not answer' : 'nothing left'
  },
})

const unitFiles: Question<readonly string[]> = {
  argv: ['find', '/etc/systemd/system', '-maxdepth', '1', '-name', 'swapctl-*.service', '-printf', '%f\\n'],
  parse: (text) => lines(text).map((name) => name.replace(/\.service$/, '')),
}

const unitsStep = ({ hosts }: Context): Step => ({
  id: 'finish/units',
  phase,
  title: 'Remove the systemd units that swapctl added on the target',
  after: [],
  changes: ['target'],
  run: async () => (await ask(hosts('target'), unitFiles)).map((name) => forgetUnit('target', name)),
  undo: nothing,
  proof: async () => {
    const left = await ask(hosts('target'), unitFiles)
    if (left.length > 0)
      throw new SwapError('target', `still there: ${left.join(', ')}`, 'Find out why: systemctl status')
    return 'none left'
  },
})

const accounts = "SELECT CONCAT(user, '@', host) AS account FROM mysql.user WHERE user LIKE 'swapctl\\\\_%'"

/** Created for single calls of schema tools and dropped afterwards; an interrupted call may have left its account. */
const accountsStep = ({ config, hosts }: Context): Step => ({
  id: 'finish/accounts',
  phase,
  title: 'Remove database accounts and passwords made only for the migration',
  after: [],
  changes: ['target'],
  run: async () => [
    { kind: 'sql', on: 'target', statements: ["DROP USER IF EXISTS 'swapctl_schema'@'localhost'"] },
    {
      kind: 'exec',
      on: 'target',
      argv: ['find', swapDirectory(config.name), '-maxdepth', '1', '-name', 'schema-*.env', '-delete'],
      limit: 30,
    },
    { kind: 'remove', on: 'target', path: '/run/swapctl-rabbitmq.json' },
  ],
  undo: nothing,
  proof: async () => {
    const left = await withDatabase(hosts('target'), { readOnly: true }, (db) => db.rows<{ account: string }>(accounts))
    if (left.length > 0)
      throw new SwapError('target, MariaDB', left.map((it) => it.account).join(', '), 'Drop these accounts')
    return 'no swapctl account left'
  },
})

const pathStep = ({ hosts }: Context, id: string, title: string, path: string): Step => ({
  id,
  phase,
  title: `${title}: ${path} on the target`,
  after: [],
  changes: ['target'],
  run: async () => [{ kind: 'remove', on: 'target', path }],
  undo: nothing,
  proof: async () => {
    if ((await ask(hosts('target'), existing([path]))).length > 0)
      throw new SwapError('target', `${path} is still there`, 'Check what is mounted below it')
    return `${path} is gone`
  },
})

/** Last: with the claim in place, another prepare would take the databases here for a copy that it may replace. */
const claimStep = (context: Context): Step =>
  pathStep(context, 'finish/claim', 'Remove the claim on the target', ownerFile)

import type { Context } from '../../context.ts'
import type { Action, Step } from '../../engine/step.ts'
import { SwapError } from '../../errors.ts'
import { programText } from '../../text/program.ts'
import type { Side } from '../keepers/edits.ts'
import { forgetUnit } from '../keepers/unit.ts'
import { bootName, home, scriptPath } from './data.ts'
import { askSides, isConfirmed, sidesText } from './state.ts'

const say = (side: Side, word: string): Action => ({
  kind: 'exec',
  on: side,
  argv: ['/bin/sh', scriptPath, word],
  limit: 30,
})

/**
 * A source that is still armed takes the addresses back now, whichever machine answers for them; the target then lets
 * go.
 */
const insist = programText('insist.sh', import.meta.url)

/**
 * The confirmation, made on the target: before it both sides roll back by themselves, after it the addresses stay. The
 * source is told next; otherwise it would find out from the network.
 */
export const confirmStep = ({ hosts }: Context, after: readonly string[]): Step => ({
  id: 'cutover/confirm',
  phase: 'cutover',
  title: 'Confirm the cutover: cancel the rollback timer of the target, then that of the source',
  after,
  changes: ['source', 'target'],
  run: async () => [
    say('target', 'confirm'),
    say('source', 'confirm'),
    say('target', 'seal'),
    forgetUnit('target', bootName),
    forgetUnit('source', bootName),
  ],
  undo: async () => [{ kind: 'exec', on: 'source', argv: ['sh', '-ec', insist, 'insist', scriptPath], limit: 30 }],
  proof: async () => {
    const sides = await askSides(hosts)
    const says = sidesText(sides, new Date()).join('; ')
    if (isConfirmed(sides.target) && isConfirmed(sides.source)) return says
    throw new SwapError('cutover', says, `Check ${home}/state there`)
  },
})

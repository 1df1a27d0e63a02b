import { join } from 'node:path'
import type { Config } from '../config.ts'
import type { Context } from '../context.ts'
import { describe } from '../engine/describe.ts'
import { type Journal, newestFirst, openJournal, stateOf, times, undoOf } from '../engine/journal.ts'
import { nothing, type Step } from '../engine/step.ts'
import { refuse } from '../errors.ts'

const id = 'finish/point'

const pathOf = ({ state }: Pick<Config, 'state'>): string => join(state, 'way-back-by-hand.txt')

/** Refuses every command that would continue or revert a finished swap. */
export const refuseFinished = (journal: Pick<Journal, 'entries'>, config: Pick<Config, 'state'>): void => {
  if (stateOf(journal, id) !== 'done') return
  throw refuse(
    'journal',
    `this swap was finished at ${times(journal, id).ended?.toISOString()}: it can be neither reverted nor continued`,
    `The old controller is as the freeze left it, stopped and masked. ${pathOf(config)} lists the commands for reverting by hand; everything the new controller has accepted since would be lost`,
  )
}

const head = [
  'How to revert by hand. swapctl revert no longer can: swapctl finish removed what it needs on the new controller.',
  'The old controller has everything as the freeze left it: databases, settings, volumes; its services are stopped and',
  'masked, its network settings no longer have the addresses that moved. Whatever the new controller has accepted since',
  'the cutover would be lost.',
  '',
  'These are the commands that swapctl revert would have run, in its order. Before the first one, nobody may be working',
  'on the new controller.',
  '',
]

/** Every undo in the journal, newest first, as a person would type it. */
export const wayBackText = (journal: Pick<Journal, 'entries'>): string => {
  const steps = newestFirst(journal, ['migrate', 'cutover']).map((step) => {
    const actions = (undoOf(journal, step) ?? []).flatMap((action) => describe(action, { content: true }))
    return actions.length === 0 ? [] : [`## ${step}`, ...actions, '']
  })
  return [...head, ...steps.flat()].join('\n')
}

/** From here on revert refuses. Nothing is removed before it. */
export const pointStep = ({ config }: Context): Step => ({
  id,
  phase: 'finish',
  title: 'Write instructions for reverting by hand; swapctl revert refuses from now on',
  after: [],
  changes: ['local'],
  run: async () => {
    const journal = await openJournal(join(config.state, 'journal.jsonl'), config.name)
    return [{ kind: 'write', on: 'local', path: pathOf(config), mode: '0600', content: wayBackText(journal) }]
  },
  undo: nothing,
  proof: async () => `${pathOf(config)}; swapctl revert refuses from now on`,
})

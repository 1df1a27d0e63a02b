import { type Journal, openSteps, stateOf } from '../engine/journal.ts'
import type { Step } from '../engine/step.ts'

/** The steps of rehearsals that broke off, latest begun first: their undo removes what they left on the target. */
export const leftOfRehearsal = (journal: Pick<Journal, 'entries'>): readonly Pick<Step, 'id' | 'title'>[] =>
  openSteps(journal, ['rehearse']).filter(({ id }) => stateOf(journal, `${id.split('/')[0]}/rehearse-drop`) !== 'done')

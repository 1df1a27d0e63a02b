import { leftToDo } from '../engine/journal.ts'
import type { Session } from './session.ts'

/** Prints what could not be done on machines of neither side and is left to the operator. */
export const tellLeft = ({ journal, reporter }: Pick<Session, 'journal' | 'reporter'>): void => {
  const left = leftToDo(journal)
  if (left.length > 0) reporter.note(`Do by hand:\n  ${left.join('\n  ')}`)
}

import type { Decision } from './decision.ts'
import { lookFirst } from './summary.ts'

/** One decision as text: what became of the option, its old and new value, and why. */
export const decisionText = ({ section, option, fate, from, to, reason, look }: Decision): string => {
  const change = `${from === undefined ? '' : ` = ${from}`}${to === undefined ? '' : ` -> ${to}`}`
  return `${look ? 'LOOK' : '    '}  ${fate.padEnd(16)}  [${section}] ${option}${change}: ${reason}`.replaceAll(
    '\n',
    '\n        ',
  )
}

/** All decisions on one file with their number, those to look at first. */
export const decisionsText = (decisions: readonly Decision[]): string => {
  const looks = decisions.filter(({ look }) => look).length
  const head = `${decisions.length} decisions, ${looks} to look at`
  return [head, ...lookFirst(decisions).map(decisionText)].join('\n')
}

import { recipeOf } from '../services/index.ts'
import { asJson } from '../text/printable.ts'
import { duration } from '../text/units.ts'
import { parts } from '../verify/parts.ts'
import { type Answer, askPart } from '../verify/run.ts'
import { differenceText } from '../verify/text.ts'
import { recipesOf } from './services.ts'
import { type Options, preparedContext, withSession } from './session.ts'

export interface VerifyOptions extends Options {
  readonly service: readonly string[]
}

/**
 * Runs every proof that is possible at this point, and prints what differs and how to look at it. Exit code 1 when
 * something differs, or when a proof that should be possible is not.
 */
export const verify = async (options: VerifyOptions): Promise<void> => {
  for (const one of options.service) recipeOf(one)
  await withSession('verify', options, async (session) => {
    const context = await preparedContext(session)
    const recipes = recipesOf(context, options.service)
    const answers: Answer[] = []
    for (const part of parts) {
      const answer = await askPart(part, context, recipes, session.journal)
      answers.push(answer)
      if (options.json !== true) session.reporter.note(answerText(answer))
    }
    if (options.json === true) process.stdout.write(`${asJson({ swap: session.config.name, parts: answers }, 2)}\n`)
    else session.reporter.note(lastLine(answers))
    if (answers.some(({ state }) => state === 'different' || state === 'failed')) process.exitCode = 1
  })
}

const marks: Readonly<Record<Answer['state'], string>> = { equal: '✔', different: '✖', failed: '✖', 'not yet': '·' }

const counted = (count: number): string => (count === 1 ? '1 difference' : `${count} differences`)

export const answerText = (answer: Answer): string => {
  const { part, title, state, seconds, says, why, differences, services } = answer
  const count = state === 'different' ? counted(differences.length) : state
  const time = state === 'not yet' ? '' : `  ${duration(seconds)}  (${services.join(', ')})`
  return [
    `${marks[state]} ${part.padEnd(12)} ${title}: ${count}${time}`,
    ...differences.map((difference) => `  ${differenceText(difference)}`),
    ...(says === '' ? [] : says.split('; ').map((line) => `    ${line}`)),
    ...why.map((line) => `    ${line.replaceAll('\n', '\n    ')}`),
  ].join('\n')
}

export const lastLine = (answers: readonly Answer[]): string => {
  const found = answers.reduce((sum, { differences }) => sum + differences.length, 0)
  const failed = answers.filter(({ state }) => state === 'failed').length
  const open = answers.filter(({ state }) => state === 'not yet').length
  const rest = [
    ...(failed === 0 ? [] : [`${failed} of the proofs could not run`]),
    ...(open === 0 ? [] : [`${open} not possible yet`]),
  ]
  return [found === 0 ? 'No differences' : counted(found), ...rest].join('; ')
}

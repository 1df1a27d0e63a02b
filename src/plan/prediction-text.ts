import { duration } from '../text/units.ts'
import type { Known, PredictedStep, Prediction } from './prediction.ts'

const words: Readonly<Record<Known, string>> = {
  rehearsed: 'rehearsed',
  earlier: 'from an earlier migrate',
  estimated: 'not measured',
}

const kinds: readonly Known[] = ['rehearsed', 'earlier', 'estimated']

const on = ({ steps, critical }: Prediction): readonly PredictedStep[] =>
  critical.flatMap((id) => steps.find((step) => step.id === id) ?? [])

const sum = (steps: readonly PredictedStep[]): number => steps.reduce((all, { seconds }) => all + seconds, 0)

const named = (steps: readonly PredictedStep[]): string =>
  steps.map(({ id, seconds }) => `${id} ${duration(seconds)}`).join(', ')

/** 'The freeze would take about 2 min 10 s', with what is not measured. */
export const shortPrediction = (prediction: Prediction): string => {
  const guessed = on(prediction).filter(({ known }) => known === 'estimated')
  const part = guessed.length === 0 ? '' : `, of which ${duration(sum(guessed))} are not measured`
  return `the freeze would take about ${duration(prediction.seconds)}${part}`
}

/** The longest way step by step, and which parts of the freeze are measured. */
export const predictionText = (prediction: Prediction): string => {
  const way = on(prediction)
  const parts = kinds.flatMap((kind) => {
    const those = way.filter(({ known }) => known === kind)
    return those.length === 0 ? [] : [`${duration(sum(those))} ${words[kind]}`]
  })
  const guessed = prediction.steps.filter(({ known }) => known === 'estimated')
  return [
    `The freeze would take about ${duration(prediction.seconds)}. Longest way: ${named(way)}`,
    `Of that way: ${parts.join(', ')}`,
    ...prediction.steps.map(
      ({ begins, seconds, id, known }) =>
        `  ${`+${duration(begins)}`.padStart(12)} ${duration(seconds).padStart(11)}  ${id}  (${words[known]})`,
    ),
    ...(guessed.length === 0
      ? []
      : [
          `${guessed.length} of ${prediction.steps.length} steps were never measured: their lengths are rules of thumb. A first migrate, reverted, would measure them`,
        ]),
    'A cloud that is busy, or computes and operations that must be waited for, make it longer',
  ].join('\n')
}

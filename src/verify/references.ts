import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Context } from '../context.ts'
import { nothing, type Step } from '../engine/step.ts'
import { SwapError } from '../errors.ts'
import { recipeOf } from '../services/index.ts'
import type { Recipe } from '../services/recipe.ts'
import type { Broken } from '../services/reference.ts'
import { needState, stateText } from '../state.ts'
import type { Difference } from './difference.ts'
import { askSide, type Question, questionsOf } from './references-ask.ts'
import { differenceText } from './text.ts'

/** The result of checking the references. */
export interface ReferenceResult {
  readonly at: string
  readonly asked: number
  /** also broken on the source */
  readonly before: readonly string[]
  /** rules for which this cloud has no databases or tables */
  readonly left: readonly string[]
  /** rows of the target with dangling references that were valid on the source */
  readonly differences: readonly Difference[]
}

/** ms. Users create and delete resources meanwhile; what is broken only during that is fine a moment later. */
const settle = 3000

const keyOf = ({ id, key }: Broken): string => `${id}\n${key}`

/**
 * For one question: broken on the target only, and broken on both sides. A row is identified by its own name, because
 * the swap may have renamed what it refers to.
 */
export const blame = (
  target: readonly Broken[],
  source: readonly Broken[] | undefined,
): { readonly swap: readonly Broken[]; readonly before: readonly Broken[] } => {
  const old = new Set(source?.map(({ id }) => id))
  return { swap: target.filter(({ id }) => !old.has(id)), before: target.filter(({ id }) => old.has(id)) }
}

/** Rules about the named services, if the services they refer to are migrated too. */
const concerning = (questions: readonly Question[], recipes: readonly Recipe[]): readonly Question[] => {
  const named = new Set(recipes.map(({ name }) => name))
  const ready = new Set(named)
  for (const name of ready) for (const other of recipeOf(name).after) ready.add(other)
  return questions.filter(
    ({ services }) => services.some((name) => named.has(name)) && services.every((name) => ready.has(name)),
  )
}

const ownService = (question: Question): string | undefined => question.id.split('/')[0]

const differenceOf = (question: Question, broken: Broken): Difference => {
  const service = ownService(question)
  return {
    part: 'references',
    ...(service === undefined ? {} : { service }),
    where: question.where(broken),
    says: `${question.says(broken)} (${question.id})`,
    look: question.look(broken),
  }
}

interface OnTarget {
  readonly broken: readonly (readonly [Question, readonly Broken[]])[]
  /** rules for which its schemas have no tables */
  readonly left: readonly string[]
}

const brokenOnTarget = async (context: Context, questions: readonly Question[]): Promise<OnTarget> => {
  const first = await askSide(context, 'target', questions)
  const left = questions.filter(({ id }) => first.get(id) === undefined).map(({ id }) => id)
  const suspects = questions.filter(({ id }) => (first.get(id) ?? []).length > 0)
  if (suspects.length === 0) return { left, broken: [] }
  await sleep(settle)
  const second = await askSide(context, 'target', suspects)
  const broken = suspects.map((question) => {
    const still = new Set(second.get(question.id)?.map(keyOf))
    return [question, (first.get(question.id) ?? []).filter((one) => still.has(keyOf(one)))] as const
  })
  return { left, broken }
}

/** What is broken on the target, separated by whether it was before. Reads only, on both sides. */
export const askReferences = async (context: Context, recipes: readonly Recipe[]): Promise<ReferenceResult> => {
  const { questions, left } = questionsOf(context)
  const asked = concerning(questions, recipes)
  const { broken, left: without } = await brokenOnTarget(context, asked)
  const suspects = broken.filter(([, rows]) => rows.length > 0).map(([question]) => question)
  const old = suspects.length === 0 ? new Map() : await askSide(context, 'source', suspects)
  const blamed = broken.map(([question, rows]) => ({ question, ...blame(rows, old.get(question.id)) }))
  return {
    at: new Date().toISOString(),
    asked: asked.length - without.length,
    before: blamed.flatMap(({ question, before }) => before.map((one) => lineOf(question, one))),
    left: [...left, ...without],
    differences: blamed.flatMap(({ question, swap }) => swap.map((one) => differenceOf(question, one))),
  }
}

const lineOf = (question: Question, broken: Broken): string =>
  `${question.where(broken)} ${question.says(broken)} (${question.id})`

const pathOf = (context: Context): string => join(context.config.state, 'references.json')

/** '58 rules; was so before: ...': the result apart from the differences. */
export const referencesText = (found: ReferenceResult): string => {
  const shown = found.before.slice(0, 20).map((line) => `already broken before the swap: ${line}`)
  const more = found.before.length - shown.length
  return [
    `${found.asked} rules checked`,
    ...(found.left.length === 0 ? [] : [`skipped (tables missing): ${found.left.join(', ')}`]),
    ...shown,
    ...(more > 0 ? [`and ${more} more that were already broken`] : []),
  ].join('; ')
}

/** What is already broken on the source: a warning before the swap, one line each. Reads only. */
export const sourceReferences = async (context: Context): Promise<readonly string[]> => {
  const { questions } = questionsOf(context)
  const found = await askSide(context, 'source', questions)
  return questions.flatMap((question) => (found.get(question.id) ?? []).map((one) => lineOf(question, one)))
}

const referencesId = 'migrate/references'

/** After all services run: no row of the target has a dangling reference that was valid before. */
export const referencesStep = (context: Context, after: readonly string[]): Step => ({
  id: referencesId,
  phase: 'migrate',
  title: 'Check every reference between the services on the target',
  after,
  changes: ['local'],
  run: nothing,
  undo: nothing,
  keeps: [{ path: pathOf(context), ask: async () => stateText(await askReferences(context, context.recipes)) }],
  proof: async () => {
    const found = await needState<ReferenceResult>(pathOf(context))
    const { differences } = found
    if (differences.length === 0) return referencesText(found)
    const shown = differences.slice(0, 20).map(differenceText)
    const left = differences.length - shown.length
    throw new SwapError(
      'target',
      `rows have dangling references that were valid on the source:\n  ${[...shown, ...(left > 0 ? [`and ${left} more`] : [])].join('\n  ')}`,
      'Check these on both sides before you continue',
    )
  },
})

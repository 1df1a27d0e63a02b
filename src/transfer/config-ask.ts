import { join } from 'node:path'
import type { Context } from '../context.ts'
import type { Recipe } from '../services/recipe.ts'
import { needState } from '../state.ts'
import { askInstalledOptions } from './ask-options.ts'
import { choicesOn } from './choices.ts'
import { type Carried, configActions } from './config.ts'
import { configInput } from './config-step.ts'
import type { Decision } from './decision.ts'
import { recordedOptions } from './known-table.ts'
import { knownOptions } from './options.ts'
import { readText } from './read-text.ts'
import { lookFirst } from './summary.ts'
import { askValidator, type Validation } from './validator.ts'

/** What becomes of a service's settings. */
export interface ConfigDecisions {
  readonly decisions: readonly Decision[]
  /** its files as the source has them and as the target gets or got them */
  readonly files: readonly Carried[]
  /** who says which options there are: the target's packages, or swapctl's tables while it has none */
  readonly told: 'target' | 'tables'
  /** what the target's oslo-config-validator says of its files, once they are written */
  readonly validator?: readonly Validation[]
}

/** What would be decided now, by the very function that carries the settings over. Only asks. Throws SwapError. */
export const askConfig = async (context: Context, recipe: Recipe): Promise<ConfigDecisions> => {
  const names = recipe.files.flatMap((file) => file.namespaces)
  const found = await askInstalledOptions(context.hosts('target'), names)
  const options =
    found === undefined ? recordedOptions(recipe.release.project, context.config.release) : knownOptions(found)
  const choices = choicesOn(context.config, recipe)
  const { decisions, files } = await configActions({ ...configInput(context, recipe, options), choices })
  return { decisions: lookFirst(decisions), files, told: found === undefined ? 'tables' : 'target' }
}

/** What was decided when the settings were carried over, and the files as they are now. */
export const askDecided = async (context: Context, recipe: Recipe): Promise<ConfigDecisions> => {
  const decisions = await needState<readonly Decision[]>(join(context.config.state, `config-${recipe.name}.json`))
  const target = context.hosts('target')
  const files: Carried[] = []
  const validator: Validation[] = []
  for (const file of recipe.files) {
    const source = await readText(context.hosts('source'), file.path)
    const text = await readText(target, file.path)
    if (source !== undefined) files.push({ path: file.path, source, text: text ?? '' })
    if (text !== undefined) validator.push(await askValidator(target, file, decisions))
  }
  return { decisions, files, told: 'target', validator }
}

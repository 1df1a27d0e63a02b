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

/** The decisions on a service's settings. */
export interface ConfigDecisions {
  readonly decisions: readonly Decision[]
  /** its files on the source and, planned or written, on the target */
  readonly files: readonly Carried[]
  /** where the list of options comes from: the target's packages, or swapctl's tables while there are none */
  readonly told: 'target' | 'tables'
  /** the verdict of the target's oslo-config-validator, once the files are written */
  readonly validator?: readonly Validation[]
}

/** What would be decided now, by the same function that copies the settings. Reads only. Throws SwapError. */
export const askConfig = async (context: Context, recipe: Recipe): Promise<ConfigDecisions> => {
  const names = recipe.files.flatMap((file) => file.namespaces)
  const found = await askInstalledOptions(context.hosts('target'), names)
  const options =
    found === undefined ? recordedOptions(recipe.release.project, context.config.release) : knownOptions(found)
  const choices = choicesOn(context.config, recipe)
  const { decisions, files } = await configActions({ ...configInput(context, recipe, options), choices })
  return { decisions: lookFirst(decisions), files, told: found === undefined ? 'tables' : 'target' }
}

/** What was decided when the settings were copied, and the current files. */
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

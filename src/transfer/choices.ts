import type { Config } from '../config.ts'
import { recipes } from '../services/index.ts'
import type { Recipe } from '../services/recipe.ts'
import { type Choice, choicesPath, readChoices } from '../settings/choices.ts'

/** The operator's decisions in the file beside the settings. Throws SwapError (exit 2) when one is malformed. */
export const allChoices = ({ file }: Pick<Config, 'file'>): readonly Choice[] =>
  readChoices(
    choicesPath(file),
    recipes.map(({ name }) => name),
  )

/** The decisions on one service. */
export const choicesOn = (config: Pick<Config, 'file'>, { name }: Pick<Recipe, 'name'>): readonly Choice[] =>
  allChoices(config).filter(({ service }) => service === name)

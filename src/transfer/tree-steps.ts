import type { Context } from '../context.ts'
import { nothing, type Step } from '../engine/step.ts'
import { limitsOf } from '../limits.ts'
import type { Recipe } from '../services/recipe.ts'
import { existing } from '../source/facts.ts'
import { ask } from '../source/question.ts'
import { proveSameTree, treeActions } from './trees.ts'

/** The recipe's trees, in one step: fernet and credential keys whole, glance's images. */
export const treeSteps = (context: Context, recipe: Recipe, after: readonly string[]): readonly Step[] => {
  if (recipe.trees.length === 0) return []
  const present = async () => {
    const there = new Set(await ask(context.hosts('source'), existing(recipe.trees.map(({ path }) => path))))
    return recipe.trees.filter(({ path }) => there.has(path))
  }
  return [
    {
      id: `${recipe.name}/files`,
      phase: 'migrate',
      service: recipe.name,
      title: `Carry ${recipe.trees.map(({ path }) => path).join(', ')} over`,
      after,
      run: async () => (await present()).flatMap(treeActions),
      undo: nothing,
      proof: async () => {
        const { checksum } = limitsOf(context.config)
        const says = await Promise.all(
          (await present()).map(({ path }) => proveSameTree(context.hosts, path, checksum)),
        )
        return says.join('; ') || 'none of them is there on the source'
      },
    },
  ]
}

import { randomBytes } from 'node:crypto'
import type { Context } from '../context.ts'
import { nothing, type Step } from '../engine/step.ts'
import { SwapError } from '../errors.ts'
import { limitsOf } from '../limits.ts'
import { swapDirectory } from '../places.ts'
import type { Recipe } from '../services/recipe.ts'
import type { FileStorage } from '../services/storage.ts'
import { some } from '../text/some.ts'
import { askExpected, askMissing } from './expected.ts'
import { askEmpty, askPresent, fileStorage, type Stored } from './stored.ts'
import { forgetScript, leftScript } from './tree-scripts.ts'
import { askProved, type Copying, proveSameTree, treeActions, treeUndo } from './trees.ts'

const listOf = ({ config }: Pick<Context, 'config'>): string => `${swapDirectory(config.name)}/trees`

/** What an attempt to copy needs. */
export const newCopying = (context: Pick<Context, 'config'>): Omit<Copying, 'staged'> => ({
  nonce: randomBytes(16).toString('hex'),
  list: listOf(context),
})

/** The recipe's trees in one step: fernet and credential keys as a whole, glance's images. */
export const treeSteps = (context: Context, recipe: Recipe, after: readonly string[]): readonly Step[] => {
  const all = fileStorage(recipe)
  if (all.length === 0) return []
  const present = () => askPresent(context.hosts('source'), recipe)
  return [
    {
      id: `${recipe.name}/files`,
      phase: 'migrate',
      service: recipe.name,
      title: `Copy ${all.map(({ path }) => path).join(', ')}`,
      seconds: 10,
      after,
      changes: ['target'],
      run: async () => {
        const copying = newCopying(context)
        const staged = (tree: Stored) =>
          tree.storage.ahead === true ? askProved(context.hosts('target'), tree.path) : []
        const trees = await present()
        return (
          await Promise.all(trees.map(async (tree) => treeActions(tree, { ...copying, staged: await staged(tree) })))
        ).flat()
      },
      undo: async () => (await present()).map(treeUndo),
      proof: async () => {
        const { checksum } = limitsOf(context.config)
        const trees = await present()
        const says = await Promise.all(trees.map(({ path }) => proveSameTree(context.hosts, path, checksum)))
        await proveFilled(context, recipe)
        for (const storage of all) says.push(...(await proveExpected(context, recipe, storage, trees)))
        return says.join('; ') || 'none of them exists on the source'
      },
    },
  ]
}

/**
 * Two empty trees are equal, which proves nothing for a service that needs files. Throws SwapError naming the
 * directory.
 */
const proveFilled = async ({ hosts }: Context, recipe: Recipe): Promise<void> => {
  const [first] = await askEmpty({ source: hosts('source'), on: hosts('target') }, recipe)
  if (first !== undefined)
    throw new SwapError(
      'target',
      `${first.path} has no files, but the ${first.what} must be there`,
      "Find out where the source keeps them, set that directory in the service's configuration, then run the same command again",
    )
}

/**
 * The files that the database knows must be on the target. What the source lacks too was lost before, and is reported;
 * if it has none of them, something is not mounted there. Throws SwapError for that, and for what did not arrive.
 */
const proveExpected = async (
  { hosts, survey }: Context,
  recipe: Recipe,
  storage: FileStorage,
  trees: readonly Stored[],
): Promise<readonly string[]> => {
  const { expects } = storage
  const databases = survey.services.find(({ name }) => name === recipe.name)?.databases ?? []
  const expected = await askExpected(hosts('source'), databases, storage)
  if (expects === undefined || expected.length === 0) return []
  const [here, there] = await Promise.all([
    askMissing(hosts('source'), storage, trees, expected),
    askMissing(hosts('target'), storage, trees, expected),
  ])
  const what = `of ${expected.length} ${expects.what} in the database`
  if (here.length === expected.length)
    throw new SwapError('source', `${what} none exists: ${some(here)}`, 'Mount the missing file system on the source')
  const lost = there.filter((one) => !here.includes(one))
  if (lost.length > 0)
    throw new SwapError(
      'target',
      `${what} ${lost.length} did not arrive: ${some(lost)}`,
      `They are not in ${trees.map(({ path }) => path).join(', ')}: copy them to the same place, then run the same command again`,
    )
  const gone = here.length === 0 ? '' : `; already missing on the source: ${some(here)}`
  return [`${expected.length - here.length} ${what} exist${gone}`]
}

/** Removes what the target had where trees were copied to, the copies' marks, and what was staged. */
export const asideStep = (context: Context): Step => ({
  id: 'finish/trees',
  phase: 'finish',
  title: "Remove the target's original files that were set aside for copied keys and images, and what was staged",
  after: [],
  changes: ['target'],
  run: async () => [
    { kind: 'exec', on: 'target', argv: ['bash', '-c', forgetScript, 'forget', listOf(context)], limit: 3600 },
  ],
  undo: nothing,
  proof: async () => {
    const argv = ['bash', '-c', leftScript, 'left', listOf(context)] as const
    const { stdout } = await context.hosts('target').run({ argv, limit: 600 })
    if (stdout.trim() !== '') throw new SwapError('target', `still there: ${stdout.trim()}`, 'Check it, then remove it')
    return 'nothing left'
  },
})

import type { Context } from '../context.ts'
import { askTrees } from '../transfer/stored.ts'

const memory = new WeakMap<Context, Promise<readonly string[]>>()

const askPaths = async ({ hosts, recipes }: Context): Promise<readonly string[]> =>
  (await Promise.all(recipes.map((recipe) => askTrees(hosts('source'), recipe)))).flat().map(({ path }) => path)

/** Directories that are copied whole, at the places set on the source; asked once per run of the checks. */
export const treesOf = (context: Context): Promise<readonly string[]> => {
  const asked = memory.get(context) ?? askPaths(context)
  memory.set(context, asked)
  return asked
}

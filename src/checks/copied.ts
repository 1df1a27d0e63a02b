import type { CheckContext } from '../ask/check.ts'
import type { Recipe } from '../services/recipe.ts'
import { some } from '../text/some.ts'
import { type AddressMap, addressMap } from '../transfer/addresses.ts'
import { goneDataOf } from '../transfer/assumed.ts'
import { mergeConfig } from '../transfer/merge.ts'
import { get, parse } from '../transfer/oslo-conf.ts'
import type { HostCheck } from './host-check.ts'
import { once, texts } from './once.ts'

/** What the merge would change in a file that is copied unchanged: one line per option. */
export const unfit = (
  path: string,
  project: string,
  text: string,
  release: string,
  map: AddressMap,
): readonly string[] => {
  const options = goneDataOf(project, release)
  return mergeConfig({ path, project, source: text, target: '', options, map, release })
    .decisions.filter(({ fate, look }) => fate !== 'kept' || look)
    .map(({ section, option, to, reason }) => {
      const instead = to === undefined ? '' : `, which must become ${to} there`
      return `${path} is copied unchanged: [${section}] ${option}${instead} (${reason})`
    })
}

const found = async (context: CheckContext, recipe: Recipe): Promise<readonly (readonly [string, string])[]> => {
  const { copied, files } = recipe
  if (copied === undefined) return []
  const main = files[0]?.path ?? ''
  const text = (await once(context, 'source', texts([main])))?.get(main) ?? ''
  const directory = get(parse(text, main), ...copied.option) ?? copied.directory
  const there = (await once(context, 'source', texts([directory], ['.conf']))) ?? new Map<string, string>()
  return [...there].filter(([path]) => path.slice(path.lastIndexOf('/') + 1).startsWith(copied.prefix))
}

const look = async (context: CheckContext): Promise<readonly string[]> => {
  const { config, survey, recipes } = context
  const own = survey.source.addresses.map(({ address }) => address)
  const map = addressMap(config, own, survey.source.hostname)
  const perRecipe = await Promise.all(
    recipes.map(async (recipe) =>
      (await found(context, recipe)).flatMap(([path, text]) => unfit(path, recipe.name, text, config.release, map)),
    ),
  )
  const all = perRecipe.flat()
  return all.length > 20 ? [some(all, 20)] : all
}

/** Config files that are copied as part of a tree. */
export const copiedChecks: readonly HostCheck[] = [
  {
    id: 'source/copied-files',
    level: 'block',
    title: 'Config files that are copied unchanged fit the new release',
    source: 'keystone/identity/core.py, DomainConfigs: a file of each domain, read like the main one',
    why: 'The service would ignore options, or read them differently, on the target.',
    remedy:
      'Change it on the source to what the target needs, if both releases understand that (driver names: since mitaka). Otherwise continue with --accept source/copied-files and fix it on the target before cutover',
    look,
  },
]

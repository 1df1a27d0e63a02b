import { stat } from 'node:fs/promises'
import { ask } from '../ask/question.ts'
import type { HopFormName } from '../config.ts'
import type { Context } from '../context.ts'
import { exec, nothing, type Step } from '../engine/step.ts'
import { SwapError } from '../errors.ts'
import { environmentOf, formOf, titleOf } from '../hops/environment.ts'
import { findRelease, olderVersion, type Release, releaseOfVersion } from '../releases/release.ts'
import type { Recipe } from '../services/recipe.ts'
import { toolsOf } from '../services/tools.ts'
import { distributionsOf, type HopLook, hopLook, programsOf } from './hop-look.ts'
import { tryTool } from './hop-try.ts'
import { type Place, placeIn } from './hops-env.ts'

/** An environment of the settings. */
export interface HopEnvironment {
  readonly release: Release
  /** `[hop zed nova]` */
  readonly title: string
  readonly form: HopFormName
  /** absolute; on the operator's machine for an archive, otherwise on the target */
  readonly path: string
  /** where it is used on the target */
  readonly place: Place
  /** the services that need it */
  readonly recipes: readonly Recipe[]
}

/** Journal key of the step that puts it there, or looks at it. */
export const hopStepId = ({ place, form }: HopEnvironment): string =>
  form === 'archive' ? `hop/${place.name}` : `hop/${place.name}-${form}`

/** The environments that this swap's databases need, with the services that need them; others are not installed. */
export const neededHops = ({
  config,
  survey,
  recipes,
}: Pick<Context, 'config' | 'survey' | 'recipes'>): readonly HopEnvironment[] =>
  config.hops
    .map((hop) => {
      const release = findRelease(hop.release, config.file)
      return {
        ...{ release, title: titleOf(hop), ...formOf(hop), place: placeIn(hop, release) },
        recipes: recipes.filter(
          (recipe) => environmentOf(config, release, recipe.name) === hop && passes(survey, recipe, release),
        ),
      }
    })
    .filter((hop) => hop.recipes.length > 0)

const passes = ({ services }: Context['survey'], recipe: Recipe, release: Release): boolean =>
  services.some(
    ({ name, databases }) =>
      name === recipe.name && databases.some((database) => database.hops.slice(0, -1).includes(release.id)),
  )

/** Unpacks an archive. */
export const hopStep = (context: Context, hop: HopEnvironment): Step => {
  // Looked up when needed, because a plan is made without any machine.
  const target = () => context.hosts('target')
  const root = hop.place.path
  const partial = `${root}.part`
  const lacking = async () =>
    shortcomings(hop, (await ask(target(), hopLook(hop.place, hop.release, hop.recipes))).found)
  return {
    id: hopStepId(hop),
    phase: 'prepare',
    title: `Put the hop environment of ${hop.place.name} on the target`,
    after: ['packages/tools'],
    done: async () => {
      const there = await target().run({ argv: ['test', '-d', root] })
      return there.code === 0 && (await lacking()).length === 0 ? `${root} exists` : undefined
    },
    changes: ['target'],
    run: async () => [
      exec('target', 'rm', '-rf', '--one-file-system', partial, root),
      exec('target', 'install', '-d', '-m', '0755', partial),
      {
        kind: 'pipe',
        from: { on: 'local', argv: ['cat', hop.path] },
        to: {
          on: 'target',
          argv: [
            'tar',
            '--extract',
            '--zstd',
            '--file=-',
            `--directory=${partial}`,
            '--numeric-owner',
            '--same-permissions',
          ],
        },
        what: `the environment of ${hop.place.name}`,
        bytes: (await stat(hop.path)).size,
      },
      exec('target', 'mv', '-T', partial, root),
    ],
    undo: nothing,
    proof: async () => {
      const complaints = await lacking()
      if (complaints.length > 0) throw unfit(hop, complaints)
      const first = hop.recipes[0] as Recipe
      const said = await tryTool(context, hop, first)
      if (said !== undefined) throw unfit(hop, [said])
      const names = hop.recipes.map((recipe) => recipe.release.package)
      return `${names.join(', ')} of ${hop.release.id}; ${programsOf(first, hop.release)[0]} starts in it`
    },
  }
}

/** Why these packages and Python distributions are no environment of the release for these services: one line each. */
export const shortcomings = (
  { release, recipes }: Pick<HopEnvironment, 'release' | 'recipes'>,
  found: HopLook['found'],
): readonly string[] => [
  ...new Set(
    recipes.flatMap((recipe) => {
      const ofPackage = found.find(({ name }) => name === recipe.release.package)
      const there = ofPackage ? [ofPackage] : found.filter(({ name }) => distributionsOf(recipe).includes(name))
      return there.length === 0
        ? [`it has no ${recipe.release.package}, by package or Python distribution`]
        : there.flatMap((one) => wrongVersion(recipe, release, one))
    }),
  ),
]

const wrongVersion = (
  recipe: Recipe,
  release: Release,
  { name, version }: HopLook['found'][number],
): readonly string[] => {
  if (releaseOfVersion(recipe.release.first, version)?.name !== release.name)
    return [`its ${name} ${version} is not of ${release.id}`]
  const { least } = toolsOf(recipe, release)
  return least === undefined || !olderVersion(version, least.version)
    ? []
    : [`its ${name} ${version} is older than ${least.version}: ${least.because}`]
}

const unfit = ({ place, path, release }: HopEnvironment, complaints: readonly string[]): SwapError =>
  new SwapError(
    'target',
    `the hop environment of ${place.name} is unusable: ${complaints.join('; ')}`,
    `Make ${path} anew (swapctl hop make ${release.id}), then run the same command again`,
  )

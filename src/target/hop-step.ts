import { stat } from 'node:fs/promises'
import { packages } from '../ask/facts.ts'
import { ask, type Question } from '../ask/question.ts'
import type { Context } from '../context.ts'
import { exec, nothing, type Step } from '../engine/step.ts'
import { SwapError } from '../errors.ts'
import { findRelease, olderVersion, type Release, releaseOfVersion } from '../releases/release.ts'
import type { Recipe } from '../services/recipe.ts'
import { toolsOf } from '../services/tools.ts'
import { hopArgv, hopRoot } from './hops-env.ts'

export interface HopEnvironment {
  readonly release: Release
  /** absolute path on the operator's machine */
  readonly archive: string
  /** the services that need it */
  readonly recipes: readonly Recipe[]
}

/** The environments that this swap's databases need, with the services that need them; others are not installed. */
export const neededHops = ({
  config,
  survey,
  recipes,
}: Pick<Context, 'config' | 'survey' | 'recipes'>): readonly HopEnvironment[] =>
  config.hops
    .map((hop) => ({ release: findRelease(hop.release, config.file), archive: hop.archive }))
    .map((hop) => ({
      ...hop,
      recipes: recipes.filter((recipe) =>
        survey.services.some(
          (service) =>
            service.name === recipe.name &&
            service.databases.some((database) => database.hops.slice(0, -1).includes(hop.release.id)),
        ),
      ),
    }))
    .filter((hop) => hop.recipes.length > 0)

/** The packages inside a tree, read without entering it. */
const packagesIn = (root: string): Question<ReturnType<typeof packages.parse>> => {
  const [program, ...words] = packages.argv
  return { ...packages, argv: [program, `--root=${root}`, ...words] }
}

export const hopStep = (context: Context, hop: HopEnvironment): Step => {
  // Looked up when needed, because a plan is made without any machine.
  const target = () => context.hosts('target')
  const root = hopRoot(hop.release.id)
  const partial = `${root}.part`
  const lacking = async () => shortcomings(hop, await ask(target(), packagesIn(root)))
  return {
    id: `hop/${hop.release.id}`,
    phase: 'prepare',
    title: `Put the hop environment of ${hop.release.id} on the target`,
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
        from: { on: 'local', argv: ['cat', hop.archive] },
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
        what: `the environment of ${hop.release.id}`,
        bytes: (await stat(hop.archive)).size,
      },
      exec('target', 'mv', '-T', partial, root),
    ],
    undo: nothing,
    proof: async () => {
      const complaints = await lacking()
      if (complaints.length > 0) throw unfit(hop, complaints)
      return `${hop.recipes.map((recipe) => recipe.release.package).join(', ')} of ${hop.release.id}; ${await tryOut(context, hop)}`
    },
  }
}

/** Why these packages are no environment of the release for these services: one line each. */
export const shortcomings = (
  { release, recipes }: Pick<HopEnvironment, 'release' | 'recipes'>,
  found: ReturnType<typeof packages.parse>,
): readonly string[] =>
  recipes.flatMap((recipe) => {
    const { package: name, first } = recipe.release
    const version = found.find((one) => one.name === name)?.version
    if (version === undefined) return [`it has no ${name}`]
    if (releaseOfVersion(first, version)?.name !== release.name)
      return [`its ${name} ${version} is not of ${release.id}`]
    const { least } = toolsOf(recipe, release)
    return least === undefined || !olderVersion(version, least.version)
      ? []
      : [`its ${name} ${version} is older than ${least.version}: ${least.because}`]
  })

const unfit = ({ release, archive }: HopEnvironment, complaints: readonly string[]): SwapError =>
  new SwapError(
    'target',
    `the hop environment of ${release.id} is unusable: ${complaints.join('; ')}`,
    `Make ${archive} anew (swapctl hop make ${release.id}), then run the same command again`,
  )

/** Starts one tool: proves that the tree, its Python and the unit work on this machine. Needs the target's accounts. */
const tryOut = async ({ hosts }: Context, hop: HopEnvironment): Promise<string> => {
  const recipe = hop.recipes[0] as Recipe
  const [program = ''] = toolsOf(recipe, hop.release).sync[0]?.argv ?? []
  const target = hosts('target')
  const account = await target.run({ argv: ['id', '-u', recipe.user] })
  const user = account.code === 0 ? recipe.user : 'root'
  const tried = await target.run({ argv: hopArgv(hop.release.id, [program, '--help'], user, 120), limit: 120 })
  if (tried.code !== 0) throw unfit(hop, [`${program} exited ${tried.code}: ${tried.stderr.trim().split('\n').at(-1)}`])
  return `${program} starts in it`
}

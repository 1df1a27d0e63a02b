import { lines, type Question } from '../ask/question.ts'
import type { Release } from '../releases/release.ts'
import type { Recipe } from '../services/recipe.ts'
import { toolsOf } from '../services/tools.ts'
import { programText } from '../text/program.ts'
import { mountPoints, type Place } from './hops-env.ts'

/** What a hop environment on the target has, read without running any of its code. */
export interface HopLook {
  readonly missing: boolean
  /** paths inside that it must have and has not */
  readonly lacks: readonly string[]
  readonly tools: readonly string[]
  /** tools of a venv whose interpreter is not there */
  readonly stray: readonly { readonly tool: string; readonly by: string }[]
  /** packages of the distribution, and Python distributions by their normal name: 'openstack-heat' */
  readonly found: readonly { readonly name: string; readonly version: string }[]
  /** a venv that sees the system's Python distributions */
  readonly shares: boolean
}

const script = programText('hop-look.sh', import.meta.url)

/** The programs that swapctl calls at a release. */
export const programsOf = (recipe: Recipe, release: Release): readonly string[] => {
  const { sync, online } = toolsOf(recipe, release)
  return [...new Set([...sync, ...online].map(({ argv }) => argv[0]))]
}

/** Looks at an environment that is to have the tools of these services. */
export const hopLook = (
  { kind, path }: Pick<Place, 'kind' | 'path'>,
  release: Release,
  recipes: readonly Recipe[],
): Question<HopLook> => {
  const points = kind === 'tree' ? mountPoints(recipes) : []
  const tools = recipes.flatMap((recipe) => programsOf(recipe, release))
  return {
    argv: ['sh', '-c', script, 'hop-look', kind === 'root' ? 'tree' : kind, path, ...points, '--', ...tools],
    parse: parseLook,
  }
}

/** Parses the lines of hop-look.sh. */
export const parseLook = (text: string): HopLook => {
  const rows = lines(text).map((line) => line.split('\t'))
  const of = (kind: string) => rows.filter(([first]) => first === kind)
  return {
    missing: of('missing').length > 0,
    lacks: of('lacks').map(([, path = '']) => path),
    tools: of('tool').map(([, tool = '']) => tool),
    stray: of('stray').map(([, tool = '', by = '']) => ({ tool, by })),
    found: [
      ...of('package').map(([, name = '', version = '']) => ({ name, version })),
      ...of('dist').flatMap(([, file = '']) => distributionOf(file)),
    ],
    shares: of('shares').length > 0,
  }
}

/** 'openstack_heat-19.0.0.dist-info' and 'PyMySQL-1.0.2-py3.11.egg-info'; a name without a version is none. */
const distributionOf = (file: string): readonly { readonly name: string; readonly version: string }[] => {
  const [, name = '', version = ''] = /^(.+?)-(\d[^-]*)(?:-py\d[\d.]*)?\.(?:dist|egg)-info$/.exec(file) ?? []
  return name === '' ? [] : [{ name: name.toLowerCase().replaceAll(/[-_.]+/g, '-'), version }]
}

/** The names of a project's Python distribution. */
export const distributionsOf = ({ release: { project } }: Recipe): readonly string[] => [
  project,
  `openstack-${project}`,
]

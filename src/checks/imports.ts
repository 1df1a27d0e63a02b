import type { CheckContext } from '../ask/check.ts'
import { lines } from '../ask/question.ts'
import { programText } from '../text/program.ts'
import { choicesOn } from '../transfer/choices.ts'
import { type Import, importsOf } from '../transfer/imports.ts'
import type { HostCheck } from './host-check.ts'
import { once, texts } from './once.ts'

/**
 * Prints the indexes of what cannot be imported: no such entry point, module, or name in the module's source. Runs no
 * code of the project. Prints nothing when the project is not installed, which prepare does later.
 */
const program = programText('imports.py', import.meta.url)

/** The names that a project's code on the target cannot import. `group`: the entry point group, if it may be one. */
export const missingOf = async <T extends { readonly group?: string; readonly name: string }>(
  context: CheckContext,
  project: string,
  wanted: readonly T[],
): Promise<readonly T[]> => {
  if (wanted.length === 0) return []
  const names = JSON.stringify(wanted.map(({ group, name }) => [group ?? '', name]))
  const said = await once(context, 'target', { argv: ['python3', '-', project, names], stdin: program, parse: lines })
  return (said ?? []).flatMap((number) => wanted[Number(number)] ?? [])
}

const look = async (context: CheckContext): Promise<readonly string[]> => {
  const { recipes, config } = context
  const paths = recipes.flatMap(({ files }) => files.map(({ path }) => path))
  const found = paths.length === 0 ? undefined : await once(context, 'source', texts(paths))
  const perFile = await Promise.all(
    recipes.flatMap(({ name, files, release: { project } }) =>
      files.map(async ({ path }) => {
        const choices = choicesOn(config, { name }).filter(({ kind }) => kind !== 'pin')
        const imports = importsOf(path, project, found?.get(path) ?? '', config.release, choices)
        return (await missingOf(context, project, imports)).map((one) => says(path, one))
      }),
    ),
  )
  return perFile.flat()
}

const says = (path: string, { section, option, word, group, name }: Import): string => {
  const point = group === undefined ? '' : ` (no entry point ${name} in ${group})`
  return `the target does not have the class or plugin of [${section}] ${option} in ${path}: ${word}${point}`
}

/** What settings make a service import at start. */
export const importChecks: readonly HostCheck[] = [
  {
    id: 'target/imports',
    level: 'block',
    title: 'The target has the drivers and plugins that the settings name',
    source: 'stevedore.driver.DriverManager (NoMatches), oslo_utils.importutils (ImportError)',
    why: 'A service does not start when a class in its settings is missing.',
    remedy:
      "Install its package on the target, or remove it from the source's file and restart the service there: without it the service does not start",
    look,
  },
]

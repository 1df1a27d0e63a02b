import { lines } from '../ask/question.ts'
import type { Context } from '../context.ts'
import { recipes } from '../services/index.ts'
import { some } from '../text/some.ts'
import type { HostCheck } from './host-check.ts'
import { once } from './once.ts'

/** Libraries shared by all services: a different version is as bad as a changed service. */
const shared = [
  'oslo_config',
  'oslo_db',
  'oslo_messaging',
  'oslo_policy',
  ...recipes.flatMap(({ modules }) => modules ?? []),
  'sqlalchemy',
  'eventlet',
]

const shadowed = async (context: Context, side: 'source' | 'target'): Promise<readonly string[]> => {
  const names = [...context.recipes.map((recipe) => recipe.release.project), ...shared]
  const pattern = names.flatMap((name, index) => [...(index === 0 ? [] : ['-o']), '-iname', name])
  const found = await once(context, side, {
    argv: [
      'find',
      '/usr/local/lib',
      '-mindepth',
      '3',
      '-maxdepth',
      '3',
      '-type',
      'd',
      '-path',
      '*/python*',
      '(',
      ...pattern,
      ')',
    ],
    codes: [1],
    parse: lines,
  })
  return found === undefined || found.length === 0
    ? []
    : [`Python on the ${side} loads these instead of the packaged modules: ${some(found)}`]
}

/** Python modules from outside the packages. */
export const moduleChecks: readonly HostCheck[] = [
  {
    id: 'source/shadowed-modules',
    level: 'warn',
    title: 'No Python modules override those of the packages on the source',
    source: 'Python documentation, site: /usr/local comes before dist-packages',
    why: 'The source may run other code and have another schema than its package versions suggest.',
    remedy: 'Find out the real release of the databases: the source does not run the code of its packages',
    look: (context) => shadowed(context, 'source'),
  },
  {
    id: 'target/shadowed-modules',
    level: 'block',
    title: 'No Python modules override those of the packages on the target',
    source: 'Python documentation, site: /usr/local comes before dist-packages',
    why: 'The services would run those modules instead of the release.',
    remedy: 'Remove them on the target (pip uninstall): the services would run them instead of the release',
    look: (context) => shadowed(context, 'target'),
  },
]

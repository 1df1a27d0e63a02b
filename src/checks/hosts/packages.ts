import type { Context } from '../../context.ts'
import { lines } from '../../source/question.ts'
import type { HostCheck } from './host-check.ts'
import { once, some } from './once.ts'

/** Libraries that every service shares: one of another version is as bad as a service's own. */
const shared = [
  'oslo_config',
  'oslo_db',
  'oslo_messaging',
  'oslo_policy',
  'keystonemiddleware',
  'keystoneauth1',
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
    : [`Python on the ${side} takes these before the packages' own: ${some(found)}`]
}

const reboot = async (context: Context): Promise<readonly string[]> => {
  const found = await once(context, 'target', {
    argv: ['find', '/run/reboot-required', '/var/run/reboot-required', '-maxdepth', '0'],
    codes: [1],
    parse: lines,
  })
  return (found ?? []).length > 0 ? ['the target waits for a reboot after an upgrade'] : []
}

/** Packages of both sides, and what is installed beside them. */
export const packageChecks: readonly HostCheck[] = [
  {
    id: 'source/shadowed-modules',
    level: 'warn',
    title: 'Python modules beside the packages of the source',
    source: 'Python documentation, site: /usr/local comes before dist-packages',
    remedy:
      "The source runs other code than its packages' versions say: find out which release its databases really have",
    look: (context) => shadowed(context, 'source'),
  },
  {
    id: 'target/shadowed-modules',
    level: 'block',
    title: 'Python modules beside the packages of the target',
    source: 'Python documentation, site: /usr/local comes before dist-packages',
    remedy: 'Remove them on the target (pip uninstall): the services would run them instead of the release',
    look: (context) => shadowed(context, 'target'),
  },
  {
    id: 'target/reboot-required',
    level: 'warn',
    title: 'A reboot that is due',
    source: 'update-notifier: /run/reboot-required',
    remedy: 'Boot the target before the swap, not after it',
    look: reboot,
  },
]

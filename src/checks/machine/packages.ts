import type { Context } from '../../context.ts'
import { packages } from '../../source/facts.ts'
import { lines } from '../../source/question.ts'
import { infrastructure } from '../../target/installed.ts'
import type { Check } from '../check.ts'
import { always, each, once, sides, some } from './once.ts'

/** Left out of small systems (path-exclude): dpkg 1.20 takes a file that is not there for a changed one. */
const documents = /^\/usr\/share\/(doc|man|info|locale|lintian|help)\//

/** Files whose content is not the package's, config files left out: '??5??????   /usr/lib/x', 'c' before a config file. Pure. */
export const changedFiles = (text: string): readonly string[] =>
  lines(text).flatMap((line) => {
    const match = /^..5...... (.) (\/.*)$/.exec(line)
    return match === null || match[1] === 'c' || documents.test(match[2] ?? '') ? [] : [match[2] ?? '']
  })

const modified = async (context: Context): Promise<readonly string[]> => {
  const projects = new Set<string>(context.recipes.map((recipe) => recipe.release.project))
  const installed = (await once(context, 'source', packages)) ?? []
  const names = installed.filter((one) => projects.has(one.source)).map((one) => one.name)
  if (names.length === 0) return []
  const found = await once(context, 'source', {
    argv: ['dpkg', '--verify', ...names],
    codes: [1, 2],
    parse: changedFiles,
  })
  return found === undefined || found.length === 0
    ? []
    : [`files of the services' packages were changed on the source: ${some(found)}`]
}

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

/** Packages that dpkg calls half-installed, unpacked or half-configured, or that wait for triggers. */
const broken = async (context: Context): Promise<readonly string[]> => {
  const found = await once(context, 'target', {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query's own field names
    argv: ['dpkg-query', '-W', '-f', '${db:Status-Abbrev}\\t${Package}\\n'],
    parse: unfinished,
  })
  return found === undefined || found.length === 0
    ? []
    : [`packages of the target are only half installed: ${some(found)}`]
}

/** Of `ii \tbash`: the second letter is the state, the third an error. Config files left behind are no fault. Pure. */
export const unfinished = (text: string): readonly string[] =>
  lines(text)
    .map((line) => line.split('\t'))
    .filter(([state = '']) => /^.[HUFWt]|^..R/.test(state))
    .map(([, name = '']) => name)

const held = async (context: Context): Promise<readonly string[]> => {
  const wanted = new Set<string>([
    ...infrastructure,
    ...context.recipes.flatMap((recipe) => [
      ...recipe.packages,
      recipe.release.package,
      `python3-${recipe.release.project}`,
    ]),
  ])
  const holds = (await once(context, 'target', { argv: ['apt-mark', 'showhold'], parse: lines })) ?? []
  const found = holds.filter((name) => wanted.has(name) || /^(mariadb|rabbitmq|erlang)/.test(name))
  return found.length === 0 ? [] : [`apt on the target holds back ${some(found)}`]
}

const dashboard = async (context: Context): Promise<readonly string[]> =>
  ((await once(context, 'source', packages)) ?? []).some((one) => /^(openstack-dashboard|horizon)$/.test(one.name))
    ? ['the dashboard (Horizon) is installed on the source, and swapctl does not carry it']
    : []

const timer = 'apt-daily-upgrade.timer'

/** Unattended upgrades are on in apt's settings, the program is there, and its timer was not stopped. */
const unattended = async (context: Context, side: 'source' | 'target'): Promise<readonly string[]> => {
  const on = await once(context, side, {
    argv: ['apt-config', 'dump', 'APT::Periodic'],
    parse: (text) => /^APT::Periodic::Unattended-Upgrade "(?!0"|")/m.test(text),
  })
  if (on !== true) return []
  const [there, state] = await Promise.all([
    once(context, side, { argv: ['which', 'unattended-upgrade'], parse: () => true }),
    once(context, side, { argv: ['systemctl', 'is-active', timer], codes: [1, 3, 4], parse: (text) => text.trim() }),
  ])
  return there === true && state === 'active' ? [`the ${side} upgrades packages by itself (${timer})`] : []
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
export const packageChecks: readonly Check[] = [
  {
    id: 'source/modified-packages',
    level: 'warn',
    title: 'Patched packages',
    source: 'dpkg(1), --verify; known failure P36',
    remedy: 'A patch of your own does not come along: see whether the new release needs it',
    before: always,
    look: modified,
  },
  {
    id: 'source/shadowed-modules',
    level: 'warn',
    title: 'Python modules beside the packages of the source',
    source: 'Python documentation, site: /usr/local comes before dist-packages',
    remedy:
      "The source runs other code than its packages' versions say: find out which release its databases really have",
    before: always,
    look: (context) => shadowed(context, 'source'),
  },
  {
    id: 'target/shadowed-modules',
    level: 'block',
    title: 'Python modules beside the packages of the target',
    source: 'Python documentation, site: /usr/local comes before dist-packages',
    remedy: 'Remove them on the target (pip uninstall): the services would run them instead of the release',
    before: always,
    look: (context) => shadowed(context, 'target'),
  },
  {
    id: 'target/broken-packages',
    level: 'block',
    title: 'Half-installed packages',
    source: 'dpkg(1), package states',
    remedy: 'On the target: dpkg --configure -a, and apt-get -f install',
    before: always,
    look: broken,
  },
  {
    id: 'target/held-packages',
    level: 'block',
    title: 'Packages that are held back',
    source: 'apt-mark(8), hold',
    remedy: 'On the target: apt-mark unhold, or install the release by hand first',
    before: always,
    look: held,
  },
  {
    id: 'source/dashboard',
    level: 'warn',
    title: 'The dashboard',
    source: 'known failure P101',
    remedy: 'Install it on the target after prepare, and copy its local_settings.py',
    before: always,
    look: dashboard,
  },
  {
    id: 'both/upgrade-timers',
    level: 'warn',
    title: 'Packages that upgrade themselves',
    source: 'unattended-upgrades(8)',
    remedy: `Stop it until the swap is over: systemctl stop ${timer}`,
    before: always,
    look: (context) => each(sides, (side) => unattended(context, side)),
  },
  {
    id: 'target/reboot-required',
    level: 'warn',
    title: 'A reboot that is due',
    source: 'update-notifier: /run/reboot-required',
    remedy: 'Boot the target before the swap, not after it',
    before: always,
    look: reboot,
  },
]

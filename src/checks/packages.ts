import { block, type Check, warn } from '../ask/check.ts'
import { packages } from '../ask/facts.ts'
import { changedIn, verified } from '../ask/packaged.ts'
import { ask, askMaybe, lines } from '../ask/question.ts'
import { quote } from '../hosts/host.ts'

/** Files that no program reads; installations often omit them (dpkg's path-exclude). */
const papers = /^\/usr\/share\/(doc|man|locale|info|lintian)\//

/** Packaged files with changed content, except config files, by `dpkg --verify`. */
export const parseVerify = (text: string): readonly string[] =>
  changedIn(text)
    .filter(({ path, isConfig, isMissing }) => !isConfig && !isMissing && !papers.test(path))
    .map(({ path }) => path)

const modified: Check['ask'] = async ({ hosts, recipes }) => {
  const installed = await ask(hosts('source'), packages)
  const projects = new Set<string>(recipes.map((recipe) => recipe.release.project))
  const names = installed.filter((one) => projects.has(one.source)).map((one) => one.name)
  if (names.length === 0) return []
  const found = await askMaybe(hosts('source'), { ...verified(names), parse: parseVerify })
  if (found === undefined)
    return [
      warn(
        'dpkg --verify gives no answer on the source: whether files of the services were changed there is not known',
        'Compare them with those of the packages by hand: swapctl does not copy local patches',
      ),
    ]
  return found.length === 0
    ? []
    : [
        warn(
          `files of the services' packages were changed on the source: ${found.slice(0, 5).join(', ')}${found.length > 5 ? ` and ${found.length - 5} more` : ''}`,
          'swapctl does not copy local patches: check whether the new release needs them',
        ),
      ]
}

const broken: Check['ask'] = async ({ hosts }) => {
  const found = await askMaybe(hosts('target'), { argv: ['dpkg', '--audit'], codes: [1], parse: lines })
  const names = (found ?? []).filter((line) => line.startsWith(' ')).map((line) => line.trim().split(/\s/)[0] ?? '')
  return names.length === 0
    ? []
    : [
        block(
          `packages of the target are only half installed: ${names.join(', ')}`,
          'On the target: dpkg --configure -a, and apt-get -f install',
        ),
      ]
}

const held: Check['ask'] = async ({ hosts, recipes }) => {
  const found = await askMaybe(hosts('target'), { argv: ['apt-mark', 'showhold'], parse: lines })
  const names = new Set<string>(recipes.flatMap((recipe) => [...recipe.packages, recipe.release.package]))
  const wanted = (found ?? []).filter((one) => names.has(one) || /^(mariadb|rabbitmq|memcached)/.test(one))
  return wanted.length === 0
    ? []
    : [block(`apt on the target holds back ${wanted.join(', ')}`, `apt-mark unhold ${wanted.map(quote).join(' ')}`)]
}

const dashboard: Check['ask'] = async ({ hosts }) => {
  const found = (await ask(hosts('source'), packages)).filter((one) => one.name === 'openstack-dashboard')
  return found.length === 0
    ? []
    : [
        warn(
          'the dashboard (Horizon) is installed on the source, but swapctl does not copy it',
          'Install it on the target after prepare and copy its local_settings.py',
        ),
      ]
}

export const packageChecks: readonly Check[] = [
  {
    id: 'source/modified-packages',
    level: 'warn',
    title: 'Files of the packages are unchanged',
    source: 'dpkg(1) --verify',
    why: 'Local patches would be missing on the target.',
    remedy: 'Check whether the new release needs the patch, and apply it there after prepare.',
    ask: modified,
  },
  {
    id: 'source/dashboard',
    level: 'warn',
    title: 'The dashboard is not on the source',
    source: 'https://docs.openstack.org/horizon/latest/configuration/settings.html',
    why: 'Users would have no dashboard after the cutover.',
    remedy: 'Install it on the target after prepare and copy its local_settings.py.',
    ask: dashboard,
  },
  {
    id: 'target/broken-packages',
    level: 'block',
    title: 'No package of the target is half installed',
    source: 'dpkg(1) --audit',
    why: 'apt would refuse to install the services.',
    remedy: 'On the target run dpkg --configure -a and apt-get -f install.',
    ask: broken,
  },
  {
    id: 'target/held-packages',
    level: 'block',
    title: 'apt on the target holds back no needed package',
    source: 'apt-mark(8) hold',
    why: 'apt would install another release, or nothing.',
    remedy: 'Run apt-mark unhold for these packages on the target.',
    ask: held,
  },
]

import type { CheckContext } from '../ask/check.ts'
import { existing } from '../ask/facts.ts'
import { packagedOf } from '../ask/packaged.ts'
import { lines, type Question } from '../ask/question.ts'
import { policyRules } from '../transfer/policy.ts'
import { type Setting, settingsAt } from './config.ts'
import type { HostCheck } from './host-check.ts'
import { once, texts } from './once.ts'
import { treesOf } from './trees.ts'

export interface NamedPath {
  readonly setting: Setting
  readonly path: string
}

/** Paths that are recreated at boot or do not belong to the service. */
const passing = /^\/(?:run|var\/run|dev|proc|sys|tmp|usr|s?bin)(?:\/|$)/

/**
 * Absolute paths in option values: alone, in a list (possibly with ':PRIORITY'), as a file:// URL, or as a URL
 * parameter (?ssl_ca=/etc/ca.pem). Values may contain passwords, so only complete paths are taken.
 */
export const pathsIn = (settings: readonly Setting[]): readonly NamedPath[] =>
  settings.flatMap((setting) => {
    const { value } = setting
    const parameters = [...value.matchAll(/[?&]\w+=(\/[^&#\s,;]+)/g)].map(([, path = '']) => path)
    const words = value.split(/[\s,;]+/).map((word) => word.replace(/^["']|["']$/g, '').replace(/^file:\/\//, ''))
    const plain = words.flatMap((word) => /^(\/[^\s:?*$%{}|<>]+?)\/?(?::\d+)?$/.exec(word)?.[1] ?? [])
    return [...new Set([...plain, ...parameters])]
      .filter((path) => !passing.test(path) && path !== '/')
      .map((path) => ({ setting, path }))
  })

/** Home directories of system users: the target's packages create them with the users. */
const homes: Question<readonly string[]> = {
  argv: ['getent', 'passwd'],
  parse: (text) =>
    lines(text)
      .map((line) => line.split(':'))
      .filter(([, , uid]) => Number(uid) < 1000)
      .map(([, , , , , home = '']) => home.replace(/\/$/, '')),
}

const absent = async (context: CheckContext): Promise<readonly NamedPath[]> => {
  const all = pathsIn(await settingsAt(context, 'source'))
  const paths = [...new Set(all.map(({ path }) => path))]
  if (paths.length === 0) return []
  const [here = [], there = [], brought, made = [], trees] = await Promise.all([
    once(context, 'source', existing(paths)),
    once(context, 'target', existing(paths)),
    packagedOf((question) => once(context, 'source', question), paths),
    once(context, 'source', homes),
    treesOf(context),
  ])
  const carried = [...trees, ...context.recipes.flatMap(({ files }) => files.map(({ path }) => path))]
  return all.filter(
    ({ path }) =>
      here.includes(path) &&
      !there.includes(path) &&
      !brought.includes(path) &&
      !made.includes(path) &&
      !carried.some((one) => path === one || path.startsWith(`${one}/`)),
  )
}

const rulesOf = (path: string, text: string | undefined): string => {
  const count = text === undefined ? 0 : policyRules(path, text).length
  return count === 0 ? '' : `, with ${count} custom rules`
}

const look = async (context: CheckContext): Promise<readonly string[]> => {
  const found = await absent(context)
  const policies = found.filter(({ setting }) => setting.key === 'policy_file').map(({ path }) => path)
  const files = policies.length === 0 ? undefined : await once(context, 'source', texts(policies))
  return found.map(
    ({ setting, path }) =>
      `${setting.key} in ${setting.file} names ${path}${setting.key === 'policy_file' ? rulesOf(path, files?.get(path)) : ''}, which the target does not have`,
  )
}

export const namedFileChecks: readonly HostCheck[] = [
  {
    id: 'source/named-files',
    level: 'warn',
    title: 'Files named in options exist on the target',
    source: 'oslo.config documentation, option types; oslo.policy documentation, [oslo_policy] policy_file',
    why: 'If the file is missing, the service fails or silently uses defaults.',
    remedy:
      'Copy the file to the same place on the target with owner and mode, or remove the option on the source: swapctl copies the option, not the file. A missing policy file silently means the default policy',
    look,
  },
]

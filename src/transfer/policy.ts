import { unchangedOf } from '../ask/packaged.ts'
import { askMaybe } from '../ask/question.ts'
import type { Host } from '../hosts/host.ts'
import type { Decision } from './decision.ts'
import { readText } from './read-text.ts'

/** Names of the rules in a policy file, without comments. JSON, or YAML as oslo.policy writes it. */
export const policyRules = (path: string, text: string): readonly string[] => {
  const json = path.endsWith('.json') ? rulesOfJson(text) : undefined
  if (json !== undefined) return json
  return [...text.matchAll(/^(?:"([^"\n]+)"|'([^'\n]+)'|([\w:.*-]+?))\s*:(?=\s|$)/gm)].map(
    ([, double, single, plain]) => double ?? single ?? plain ?? '',
  )
}

const rulesOfJson = (text: string): readonly string[] | undefined => {
  try {
    return Object.keys(JSON.parse(text))
  } catch {
    return undefined
  }
}

const notCarried = (file: string, what: string, count: number, reason: string): Decision => ({
  file,
  section: what,
  option: `${count} ${what === 'policy' ? 'rules' : 'lines'}`,
  fate: 'dropped',
  reason,
  look: true,
})

/**
 * Files besides the main ones that the operator changed on the source and that are not copied: custom policy rules (a
 * rule for an old release can allow or deny too much in a newer one) and drop-in option files.
 */
export const notCarriedOf = async (
  source: Host,
  etc: readonly string[],
  project: string,
): Promise<readonly Decision[]> => {
  const names = [
    '-name',
    'policy.json',
    '-o',
    '-name',
    'policy.yaml',
    '-o',
    '-path',
    '*/policy.d/*',
    '-o',
    '-path',
    '*.conf.d/*',
  ]
  const found = await source.run({ argv: ['find', ...etc, '-xdev', '-type', 'f', '(', ...names, ')'], limit: 60 })
  const paths = found.stdout.split('\n').filter(Boolean).sort()
  const theirs = await unchangedOf((question) => askMaybe(source, question), paths, [project])
  const decisions: Decision[] = []
  for (const path of paths.filter((one) => !theirs.includes(one))) {
    const text = (await readText(source, path)) ?? ''
    const isPolicy = !path.includes('.conf.d/')
    const count = isPolicy
      ? policyRules(path, text).length
      : text.split('\n').filter((line) => /^[^#;\s[]/.test(line)).length
    if (count === 0) continue
    const reason = isPolicy
      ? 'custom policy rules are not copied: review them with oslopolicy-list-redundant and oslopolicy-policy-upgrade on the target'
      : 'a drop-in file is not copied: put its options into the main file of the source, or into the same file on the target'
    decisions.push(notCarried(path, isPolicy ? 'policy' : 'drop-in', count, reason))
  }
  return decisions
}

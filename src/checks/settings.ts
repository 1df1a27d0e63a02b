import type { CheckContext } from '../ask/check.ts'
import { unchangedOf } from '../ask/packaged.ts'
import { recipes as known } from '../services/index.ts'
import { policyRules } from '../transfer/policy.ts'
import { type Setting, settingsAt } from './config.ts'
import type { HostCheck } from './host-check.ts'
import { computes, each, once, texts } from './once.ts'

const policies = async (context: CheckContext): Promise<readonly string[]> => {
  const etc = context.recipes.flatMap((recipe) => recipe.etc)
  if (etc.length === 0) return []
  const found = (await once(context, 'source', texts(etc, ['.json', '.yaml']))) ?? new Map<string, string>()
  const paths = [...found.keys()].filter((path) => /\/policy(\.d\/|\.(json|yaml)$)/.test(path))
  const theirs = await unchangedOf(
    (question) => once(context, 'source', question),
    paths,
    context.recipes.map((recipe) => recipe.release.project),
  )
  return [...found]
    .filter(([path]) => paths.includes(path) && !theirs.includes(path))
    .map(([path, text]) => ({ path, count: policyRules(path, text).length }))
    .filter(({ count }) => count > 0)
    .map(({ path, count }) => `${path} on the source sets ${count} custom policy rules, which swapctl does not copy`)
}

/** Options that decide how exchanges and queues are declared; both ends of a queue must agree (error 406). */
const kinds = ['amqp_durable_queues', 'rabbit_quorum_queue', 'rabbit_ha_queues', 'amqp_auto_delete'] as const

const nameOf = (file: string): string => file.slice(file.lastIndexOf('/') + 1)

/** Options that are on, by file name: 'NAME.conf' -> 'rabbit_quorum_queue'. */
export const queueKinds = (settings: readonly Setting[]): ReadonlyMap<string, string> => {
  const found = new Map<string, string>()
  for (const kind of kinds)
    for (const { file, key, value } of settings) {
      const name = nameOf(file)
      if (key === kind && /^(true|1|yes|on)$/i.test(value))
        found.set(name, [...new Set([...(found.get(name)?.split(', ') ?? []), kind])].join(', '))
    }
  return found
}

const queues = async (context: CheckContext): Promise<readonly string[]> => {
  const source = queueKinds(await settingsAt(context, 'source'))
  return each(computes(context), async (name) => {
    const settings = await settingsAt(context, name)
    const theirs = queueKinds(settings)
    return known
      .flatMap(({ onComputes }) => onComputes?.queues ?? [])
      .filter((file) => settings.some((one) => nameOf(one.file) === file))
      .filter((file) => source.get(file) !== theirs.get(file))
      .map((file) => {
        const [own, far] = [source, theirs].map((all) => all.get(file) ?? 'none of them')
        return `${file} of ${name} declares queues differently from the source: ${far} instead of ${own}`
      })
  })
}

/** Settings that newer services interpret differently. */
export const settingChecks: readonly HostCheck[] = [
  {
    id: 'source/own-policies',
    level: 'warn',
    title: 'Custom policy rules',
    source:
      'oslo.policy release note remove-enforce-scope-flag; https://docs.openstack.org/oslo.policy/latest/cli/index.html',
    why: 'Users could lose or gain rights, because swapctl does not copy custom rules.',
    remedy:
      'After prepare: oslopolicy-list-redundant and oslopolicy-policy-upgrade on the target, then put the rules still needed into policy.yaml there',
    look: policies,
  },
  {
    id: 'rabbitmq/queue-types',
    level: 'warn',
    title: 'Controller and computes declare queues the same way',
    source: 'RabbitMQ documentation, queue type and properties equivalence',
    why: 'The second service to declare a queue gets error 406 and cannot work.',
    remedy: 'Set the same [oslo_messaging_rabbit] options on the controller and on every compute',
    look: queues,
  },
]

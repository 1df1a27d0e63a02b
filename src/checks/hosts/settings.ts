import type { CheckContext } from '../../source/check.ts'
import { lines } from '../../source/question.ts'
import { get, parse } from '../../transfer/oslo-conf.ts'
import { policyRules } from '../../transfer/policy.ts'
import { type Setting, settingsAt } from './config.ts'
import type { HostCheck } from './host-check.ts'
import { computes, each, once, texts } from './once.ts'

const policies = async (context: CheckContext): Promise<readonly string[]> => {
  const etc = context.recipes.flatMap((recipe) => recipe.etc)
  if (etc.length === 0) return []
  const found = (await once(context, 'source', texts(etc, ['.json', '.yaml']))) ?? new Map<string, string>()
  return [...found]
    .filter(([path]) => /\/policy(\.d\/|\.(json|yaml)$)/.test(path))
    .map(([path, text]) => ({ path, count: policyRules(path, text).length }))
    .filter(({ count }) => count > 0)
    .map(({ path, count }) => `${path} on the source sets ${count} rules of its own, which are not carried`)
}

const carries = ({ survey }: CheckContext, repo: string): boolean =>
  survey.services.some(({ databases }) => databases.some((one) => one.repo === repo))

const tokens = async (context: CheckContext): Promise<readonly string[]> =>
  carries(context, 'cinder')
    ? each(computes(context), async (name) => {
        const sent = (await settingsAt(context, name)).some(
          ({ key, value }) => key === 'send_service_user_token' && /^(true|1|yes|on)$/i.test(value),
        )
        return sent ? [] : [`nova-compute on ${name} sends no service token with its calls`]
      })
    : []

/** What decides how exchanges and queues are declared: both ends of a queue have to say the same (error 406). */
const kinds = ['amqp_durable_queues', 'rabbit_quorum_queue', 'rabbit_ha_queues', 'amqp_auto_delete'] as const

const nameOf = (file: string): string => file.slice(file.lastIndexOf('/') + 1)

/** Kinds that are on, by the file's own name: 'nova.conf' -> 'rabbit_quorum_queue'. Pure. */
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
    return ['nova.conf', 'neutron.conf']
      .filter((file) => settings.some((one) => nameOf(one.file) === file))
      .filter((file) => source.get(file) !== theirs.get(file))
      .map((file) => {
        const [own, far] = [source, theirs].map((all) => all.get(file) ?? 'none of them')
        return `${file} of ${name} declares queues otherwise than the source's: ${far} against ${own}`
      })
  })
}

/** 'lvm' -> 'cinder.volume.drivers.lvm.LVMVolumeDriver' of every backend that is enabled. Pure. */
export const driversOf = (text: string): ReadonlyMap<string, string> => {
  const file = parse(text)
  const names = (get(file, 'DEFAULT', 'enabled_backends') ?? '').split(',').map((name) => name.trim())
  const found = names.flatMap((name): readonly (readonly [string, string])[] => {
    const driver =
      name === '' ? undefined : (get(file, name, 'volume_driver') ?? get(file, 'backend_defaults', 'volume_driver'))
    return driver === undefined ? [] : [[name, driver]]
  })
  return new Map(found)
}

/** Without cinder nothing is printed: prepare has not installed it yet. */
const findModules = `
import importlib.util, sys
def has(name):
    try:
        return importlib.util.find_spec(name) is not None
    except ImportError:
        return False
for driver in sys.argv[1:] if has('cinder') else []:
    if not has(driver.rpartition('.')[0]):
        print(driver)
`

const drivers = async (context: CheckContext): Promise<readonly string[]> => {
  const path = '/etc/cinder/cinder.conf'
  const text = (await once(context, 'source', texts([path])))?.get(path)
  const found = driversOf(text ?? '')
  if (found.size === 0) return []
  const missing = await once(context, 'target', {
    argv: ['python3', '-', ...new Set(found.values())],
    stdin: findModules,
    parse: lines,
  })
  return [...found]
    .filter(([, driver]) => missing?.includes(driver) === true)
    .map(([name, driver]) => `the target's cinder has no driver ${driver}, which the backend ${name} uses`)
}

/** What settings of the services mean to newer ones. */
export const settingChecks: readonly HostCheck[] = [
  {
    id: 'source/own-policies',
    level: 'warn',
    title: 'Rules of policy of its own',
    source: 'oslo.policy release note remove-enforce-scope-flag; known failures P49 and P98',
    remedy:
      'After prepare: oslopolicy-list-redundant and oslopolicy-policy-upgrade on the target, then put what is still needed into policy.yaml there',
    look: policies,
  },
  {
    id: 'compute/service-token',
    level: 'warn',
    title: 'Computes prove that it is nova who detaches a volume',
    source: 'OSSA-2023-003, cinder release note on CVE-2023-2088; known failure P47',
    remedy:
      'Set [service_user] send_service_user_token = true there, with the login of [keystone_authtoken], and restart nova-compute: without it a newer cinder refuses to detach a volume in use (409)',
    look: tokens,
  },
  {
    id: 'rabbitmq/queue-types',
    level: 'warn',
    title: 'Queues are declared alike by both ends',
    source: 'RabbitMQ documentation, queue type and properties equivalence; known failure P88',
    remedy:
      'Set the same on the controller and on every compute ([oslo_messaging_rabbit]): on the new, empty RabbitMQ whoever comes first declares them, and the others get error 406',
    look: queues,
  },
  {
    id: 'cinder/drivers',
    level: 'block',
    title: "Drivers of cinder's backends",
    source: "cinder/cmd/status.py 'Removed Drivers'; known failure P70",
    remedy: 'Move its volumes to a backend that the new release has, or delete the backend, before the swap',
    look: drivers,
  },
]

import type { CheckContext } from '../ask/check.ts'
import { unitFiles } from '../ask/facts.ts'
import { lines } from '../ask/question.ts'
import type { Context } from '../context.ts'
import { some } from '../text/some.ts'
import type { HostCheck } from './host-check.ts'
import { once } from './once.ts'

/** Servers of a controller other than its services. */
const servers = ['mariadb', 'mysql', 'rabbitmq-server', 'memcached', 'apache2', 'tgt']

const overridden = async (context: Context): Promise<readonly string[]> => {
  const units = new Set<string>([
    ...servers,
    ...context.recipes.flatMap((recipe) => recipe.source.flatMap((role) => role.units)),
  ])
  const found = await once(context, 'source', {
    argv: ['find', '/etc/systemd/system', '-mindepth', '1', '-maxdepth', '2', '-type', 'f', '-size', '+0'],
    codes: [1],
    parse: lines,
  })
  const ours = (found ?? []).filter((path) => {
    const unit = /^\/etc\/systemd\/system\/([^/]+)\.service(?:$|\.d\/[^/]+\.conf$)/.exec(path)?.[1]
    return unit !== undefined && units.has(unit)
  })
  return ours.length === 0 ? [] : [`units of the source were changed by hand: ${some(ours)}`]
}

/** Units of swapctl that an earlier swap left masked would not start on this target. */
const masked = async (context: CheckContext): Promise<readonly string[]> => {
  // Once the target is prepared, swapctl itself has masked units there.
  if (context.claimed) return []
  const states = (await once(context, 'target', unitFiles)) ?? {}
  const wanted = [
    ...servers.slice(0, 4),
    ...context.recipes.flatMap((recipe) => recipe.target.flatMap((role) => role.units)),
  ]
  const found = [...new Set(wanted)].filter((unit) => states[unit] === 'masked')
  return found.length === 0 ? [] : [`units that the target needs are masked there: ${some(found)}`]
}

/** Units that differ from what their packages installed. */
export const unitChangeChecks: readonly HostCheck[] = [
  {
    id: 'source/unit-overrides',
    level: 'warn',
    title: 'Units of the source have no local changes',
    source: 'systemd.unit(5), drop-ins',
    why: 'Environment, limits or options from the drop-in would be missing on the target.',
    remedy: 'Create the drop-ins that are still needed on the target after prepare: swapctl does not copy them',
    look: overridden,
  },
  {
    id: 'target/masked-units',
    level: 'block',
    title: 'Units that the target needs are not masked',
    source: 'systemctl(1), mask: a machine that was a fenced controller once',
    why: 'The service or server would not start on the target.',
    remedy: 'Run systemctl unmask for them on the target',
    look: masked,
  },
]

import type { Context } from '../../context.ts'
import type { CheckContext } from '../../source/check.ts'
import { unitFiles } from '../../source/facts.ts'
import { lines } from '../../source/question.ts'
import { settingsOf } from './config.ts'
import type { HostCheck } from './host-check.ts'
import { once, some, texts } from './once.ts'

/** Servers that a controller has besides the services. */
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

/** Config files and directories that running programs of a service were started with. Pure. */
export const startedWith = (text: string): readonly string[] => [
  ...new Set(
    [...text.matchAll(/\s--config-(?:file|dir)[= ](\/\S+)/g)].map((match) => (match[1] ?? '').replace(/\/+$/, '')),
  ),
]

const outside = async (context: Context): Promise<readonly string[]> => {
  const etc = context.recipes.flatMap((recipe) => recipe.etc)
  if (etc.length === 0) return []
  const services = new RegExp(`(^|/)(${context.recipes.map((recipe) => recipe.name).join('|')})[-:]`)
  const paths = await once(context, 'source', {
    argv: ['ps', '-e', '-o', 'args='],
    parse: (text) =>
      lines(text)
        .filter((line) =>
          line
            .split(/\s+/)
            .slice(0, 3)
            .some((word) => services.test(word)),
        )
        .flatMap(startedWith),
  })
  const found = (paths ?? []).filter(
    (path) => !etc.some((tree) => path.startsWith(`${tree}/`)) && !path.startsWith('/usr/share/'),
  )
  return found.length === 0 ? [] : [`services of the source read their settings from ${some([...new Set(found)])}`]
}

/** oslo.config reads these by itself: /etc/nova/nova.conf.d/*.conf and /etc/nova/nova-api.conf.d/*.conf; Debian adds the units' own. */
const besides = /^\/etc\/[^/]+\/[^/]+\.conf\.d\/[^/]+\.conf$/

const directories = async (context: Context): Promise<readonly string[]> => {
  const etc = context.recipes.flatMap((recipe) => recipe.etc)
  if (etc.length === 0) return []
  const known = new Set<string>(context.recipes.flatMap((recipe) => recipe.files.map((file) => file.path)))
  const read = (await once(context, 'source', texts(etc, ['.conf', '.ini']))) ?? new Map<string, string>()
  const found = [...read].filter(
    ([path, text]) => besides.test(path) && !known.has(path) && settingsOf(new Map([[path, text]])).length > 0,
  )
  return found.length === 0 ? [] : [`settings of the source stand in ${some(found.map(([path]) => path))}`]
}

/** Units of swapctl's own that an earlier swap has left masked would not start on this target. */
const masked = async (context: CheckContext): Promise<readonly string[]> => {
  // Once the target is prepared, what is masked there is swapctl's.
  if (context.claimed) return []
  const states = (await once(context, 'target', unitFiles)) ?? {}
  const wanted = [
    ...servers.slice(0, 4),
    ...context.recipes.flatMap((recipe) => recipe.target.flatMap((role) => role.units)),
  ]
  const found = [...new Set(wanted)].filter((unit) => states[unit] === 'masked')
  return found.length === 0 ? [] : [`units that the target needs are masked there: ${some(found)}`]
}

/** What runs, what would run by itself, and what it is told. */
export const unitChecks: readonly HostCheck[] = [
  {
    id: 'source/unit-overrides',
    level: 'warn',
    title: 'Units changed by hand',
    source: 'systemd.unit(5), drop-ins; known failure P103',
    remedy: 'They do not come along: make the same drop-ins on the target after prepare, where they are still needed',
    look: overridden,
  },
  {
    id: 'source/config-outside',
    level: 'block',
    title: 'Settings in places of their own',
    source: 'oslo.config documentation, --config-file and --config-dir; known failure P97',
    remedy: "Put these settings into the services' usual files: only those are carried over",
    look: outside,
  },
  {
    id: 'source/config-directories',
    level: 'warn',
    title: 'Settings in directories beside the files',
    source: 'oslo.config documentation, default config directories; known failure P97',
    remedy: 'Put these settings into the file beside the directory: only that is carried over',
    look: directories,
  },
  {
    id: 'target/masked-units',
    level: 'block',
    title: 'Units that the target must start',
    source: 'systemctl(1), mask; known failure P94: a machine that was a fenced controller once',
    remedy: 'systemctl unmask them on the target',
    look: masked,
  },
]

import { posix } from 'node:path'
import { lines } from '../ask/question.ts'
import type { Context } from '../context.ts'
import { some } from '../text/some.ts'
import { settingsOf } from './config.ts'
import type { HostCheck } from './host-check.ts'
import { once, texts } from './once.ts'

/** Config files and directories on the command lines of a service's running programs. */
export const startedWith = (text: string): readonly string[] => [
  ...new Set(
    [...text.matchAll(/\s--config-(?:file|dir)[= ](\/\S+)/g)].map((match) => (match[1] ?? '').replace(/\/+$/, '')),
  ),
]

/** Without the text of a program for a shell or Python: what it starts has a command line of its own. */
const withoutScript = (line: string): string =>
  line.replace(/(^|[\s/])((ba|da|k|z)?sh|python[\d.]*) (-\S+ )*-\w*c\s.*/, '')

/**
 * Command lines of programs of these services; of uwsgi's, a later word names the service:
 * 'uwsgi --ini /etc/nova/nova-api-uwsgi.ini --pyargv --config-dir=...'.
 */
export const ofServices = (all: readonly string[], names: readonly string[]): readonly string[] => {
  const services = new RegExp(`(^|/)(${names.join('|')})[-:/]`)
  return all.map(withoutScript).filter((line) => line.split(/\s+/).some((word) => services.test(word)))
}

/** Command lines of the services' running programs on the source. */
const commandLines = async (context: Context): Promise<readonly string[]> => {
  const all = await once(context, 'source', { argv: ['ps', '-ww', '-e', '-o', 'args='], parse: lines })
  return ofServices(
    all ?? [],
    context.recipes.map((recipe) => recipe.name),
  )
}

const below = (path: string, trees: readonly string[]): boolean => trees.some((tree) => path.startsWith(`${tree}/`))

const outside = async (context: Context): Promise<readonly string[]> => {
  const etc = context.recipes.flatMap((recipe) => recipe.etc)
  if (etc.length === 0) return []
  const found = (await commandLines(context))
    .flatMap(startedWith)
    .filter((path) => !below(path, etc) && !path.startsWith('/usr/share/'))
  return found.length === 0 ? [] : [`services of the source read their settings from ${some([...new Set(found)])}`]
}

/**
 * oslo.config reads these by default: /etc/nova/nova.conf.d/*.conf and /etc/nova/nova-api.conf.d/*.conf; Debian adds
 * those of the units.
 */
const besides = /^\/etc\/[^/]+\/[^/]+\.conf\.d\/[^/]+\.conf$/

/** What the command lines of the services name, but not of their agents: those stay on their machines. */
const namedPlaces = async (context: Context): Promise<readonly string[]> => {
  const agents = context.recipes.flatMap(({ onComputes }) => onComputes?.agents.flatMap(({ units }) => units) ?? [])
  const ofAgent = (line: string) =>
    line
      .split(/\s+/)
      .slice(0, 3)
      .some((word) => agents.includes(posix.basename(word)))
  return (await commandLines(context)).filter((line) => !ofAgent(line)).flatMap(startedWith)
}

const directories = async (context: Context): Promise<readonly string[]> => {
  const etc = context.recipes.flatMap((recipe) => recipe.etc)
  if (etc.length === 0) return []
  const known = new Set<string>(context.recipes.flatMap((recipe) => recipe.files.map((file) => file.path)))
  const read = (await once(context, 'source', texts(etc, ['.conf', '.ini']))) ?? new Map<string, string>()
  const named = await namedPlaces(context)
  const isRead = (path: string) => besides.test(path) || named.includes(path) || named.includes(posix.dirname(path))
  const found = [...read].filter(
    ([path, text]) => isRead(path) && !known.has(path) && settingsOf(new Map([[path, text]])).length > 0,
  )
  return found.length === 0 ? [] : [`settings of the source are in ${some(found.map(([path]) => path))}`]
}

/** Where the services read their settings from. */
export const configPlaceChecks: readonly HostCheck[] = [
  {
    id: 'source/config-outside',
    level: 'block',
    title: 'Services read their settings from the usual files',
    source: 'oslo.config documentation, --config-file and --config-dir',
    why: 'Settings in other files would be lost, because swapctl copies only the usual ones.',
    remedy: "Put these settings into the services' usual files: swapctl copies only those",
    look: outside,
  },
  {
    id: 'source/config-directories',
    level: 'block',
    title: 'No settings are in .d directories or other files beside the config files',
    source: 'oslo.config documentation, default config directories, --config-file and --config-dir',
    why: 'These settings would be lost, because swapctl copies only the usual files.',
    remedy:
      'Put these settings into the usual file beside them: swapctl copies only that. Use --accept only if the target needs none of them',
    look: directories,
  },
]

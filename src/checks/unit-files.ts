import { basename } from 'node:path'
import { block, type Check, type CheckContext, type Message } from '../ask/check.ts'
import { ask, askMaybe, lines, type Question } from '../ask/question.ts'
import { unitsOf } from '../ask/units.ts'
import { type SideMachine, type SideName, sideOf } from '../hosts/host.ts'
import { said } from '../hosts/sides.ts'
import type { Recipe } from '../services/recipe.ts'
import { everyMachine, everySource } from './both.ts'

const home = '/etc/systemd/system'
const elsewhere = '/usr/local/lib/systemd/system'

/** Units whose own file, or link, is where systemctl would create the mask: names without '.service'. */
export const unmaskable: Question<readonly string[]> = {
  argv: [
    'find',
    home,
    '-mindepth',
    '1',
    '-maxdepth',
    '1',
    '-name',
    '*.service',
    '-size',
    '+0',
    '-printf',
    '%f\\t%y\\t%l\\n',
  ],
  codes: [1],
  parse: (text) =>
    lines(text)
      .map((line) => line.split('\t'))
      // A link to another name is an alias: systemctl masks the unit behind it, not the link.
      .filter(([name = '', type, leads = '']) => type === 'f' || (type === 'l' && basename(leads) === name))
      .map(([name = '']) => name.replace(/\.service$/, '')),
}

const unitsThere = (recipes: readonly Recipe[], side: SideName): ReadonlySet<string> =>
  new Set(recipes.flatMap((recipe) => [...unitsOf(recipe[side]), ...(side === 'target' ? (recipe.support ?? []) : [])]))

/**
 * Commands that move a unit's file so that the unit can be masked. They restart nothing, and the file still takes
 * precedence over the package's.
 */
const moving = (units: readonly string[]): string => {
  const files = units.map((unit) => `${home}/${unit}.service`).join(' ')
  return `mkdir -p ${elsewhere}; mv ${files} ${elsewhere}/; systemctl daemon-reload; systemctl reenable ${units.join(' ')}`
}

const ownFiles: Check['ask'] = (context) =>
  everyMachine(context, async (name) => {
    const units = unitsThere(context.recipes, sideOf(name) ?? 'source')
    const found = (await ask(context.hosts(name), unmaskable)).filter((unit) => units.has(unit))
    return found.length === 0
      ? []
      : [
          block(
            `systemctl cannot mask ${found.join(', ')} of ${said(name)}: the unit file itself is in ${home}, and a reboot could start the unit in the middle of the swap`,
            `Move it on ${said(name)} (this restarts nothing): ${moving(found)}`,
          ),
        ]
  })

const sites = ['/etc/apache2/sites-enabled', '/etc/apache2/conf-enabled', '/etc/httpd/conf.d', '/etc/httpd/conf']

export interface Served {
  readonly service: string
  /** '/etc/apache2/sites-enabled/keystone.conf:5' */
  readonly place: string
}

/** `grep -n` of WSGIScriptAlias lines: the services whose program a virtual host runs. */
export const servedBy = (text: string, services: readonly string[]): readonly Served[] =>
  lines(text).flatMap((line) => {
    const [, place = '', script = ''] =
      /^([^:]+:\d+):\s*WSGIScriptAlias(?:Match)?\s+\S+\s+"?([^\s"]+)/i.exec(line) ?? []
    const words = script.split(/[/_.-]+/)
    // nova-placement-api is placement, so the last name in the path counts.
    const service = words.findLast((word) => services.includes(word))
    return service === undefined ? [] : [{ service, place }]
  })

const inWebServer: Check['ask'] = (context) => everySource(context, (name) => webServerOn(context, name))

const webServerOn = async ({ hosts, recipes }: CheckContext, on: SideMachine): Promise<readonly Message[]> => {
  const source = hosts(on)
  const running = await ask(source, { argv: ['ps', '-e', '-o', 'comm='], parse: lines })
  const server = running.find((name) => name === 'apache2' || name === 'httpd')
  if (server === undefined) return []
  const text = await askMaybe(source, {
    argv: ['grep', '-RnsiE', '^[[:space:]]*WSGIScriptAlias', ...sites],
    codes: [1, 2],
    parse: (all) => all,
  })
  const found = servedBy(
    text ?? '',
    recipes.map(({ name }) => name),
  )
  return recipes
    .filter(({ name }) => found.some(({ service }) => service === name))
    .map((recipe) => {
      const places = found.filter(({ service }) => service === recipe.name).map(({ place }) => place)
      const units = unitsOf(recipe.source.filter(({ api }) => api)).map((unit) => `${unit}.service`)
      return block(
        `${recipe.name} of ${said(on)} runs inside ${server}, which swapctl does not stop: ${places.join(', ')}`,
        `Run the same script in a separate unit on the same port (${units.join(' or ')}, with uwsgi or gunicorn), remove these lines, reload ${server}, and check again`,
      )
    })
}

/** Whether the freeze can stop the services' units and web servers and keep them stopped. */
export const unitFileChecks: readonly Check[] = [
  {
    id: 'both/unit-files',
    level: 'block',
    title: 'systemctl can mask the units',
    source: 'systemctl(1), mask: "already exists" where a file is in /etc',
    why: 'A reboot in the middle of the swap could start the services.',
    remedy: 'Move the unit file out of /etc/systemd/system, with the commands in the finding.',
    ask: ownFiles,
  },
  {
    id: 'source/web-server',
    level: 'block',
    title: 'No service runs inside a web server',
    source: "keystone's and placement's installation guides: a virtual host of apache2 or httpd runs them by mod_wsgi",
    why: 'swapctl could not stop the service at the freeze, and its last writes would be lost.',
    remedy: 'Run the service in a separate unit on the same port, as the finding says.',
    ask: inWebServer,
  },
]

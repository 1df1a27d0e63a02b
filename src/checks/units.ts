import { block, type Check, type CheckContext, type Message, warn } from '../ask/check.ts'
import { ask, askMaybe, lines } from '../ask/question.ts'
import type { SideMachine } from '../hosts/host.ts'
import { said } from '../hosts/sides.ts'
import { recipes as everyRecipe } from '../services/index.ts'
import { askServiceUnits } from '../target/installed.ts'
import { both, everySource } from './both.ts'

const failedUnits: Check['ask'] = ({ hosts }) =>
  both(async (side) => {
    const found = await ask(hosts(side), {
      argv: ['systemctl', 'list-units', '--state=failed', '--plain', '--no-legend', '--no-pager'],
      parse: (text) => lines(text).map((line) => line.trim().split(/\s+/)[0] ?? ''),
    })
    return found.length === 0
      ? []
      : [
          warn(
            `failed units on the ${side}: ${found.join(', ')}`,
            'Fix them, or clear them with systemctl reset-failed: afterwards you cannot tell whether the swap caused the failure',
          ),
        ]
  })

/** Units that update packages by themselves and so change what runs. */
const meddlers = ['apt-daily-upgrade.timer', 'unattended-upgrades.service', 'packagekit.service', 'dnf-automatic.timer']

const timers: Check['ask'] = ({ hosts }) =>
  both(async (side) => {
    const states = await ask(hosts(side), {
      argv: ['systemctl', 'is-active', ...meddlers],
      codes: [1, 3, 4],
      parse: (text) => text.trim().split('\n'),
    })
    const active = meddlers.filter((_, index) => states[index] === 'active')
    return active.length === 0
      ? []
      : [
          warn(
            `${active.join(', ')} may change packages of the ${side} during the swap`,
            `Stop it there until the swap is over: systemctl stop ${active.join(' ')}`,
          ),
        ]
  })

/** Unmanaged units of services on the source: no step stops them, so they would follow the moving addresses. */
const unmanaged: Check['ask'] = (context) => everySource(context, (name) => unmanagedOn(context, name))

const unmanagedOn = async ({ hosts, recipes }: CheckContext, name: SideMachine): Promise<readonly Message[]> => {
  const units = await askServiceUnits(hosts(name), recipes)
  if (units.length === 0) return []
  const known = new Set<string>(recipes.flatMap((recipe) => recipe.source.flatMap((role) => role.units)))
  const running = await ask(hosts(name), {
    argv: ['systemctl', 'list-units', '--type=service', '--state=running', '--plain', '--no-legend', '--no-pager'],
    parse: (text) => lines(text).map((line) => (line.trim().split(/\s+/)[0] ?? '').replace(/\.service$/, '')),
  })
  const found = units.filter((unit) => running.includes(unit) && !known.has(unit))
  return found.length === 0
    ? []
    : [
        block(
          `swapctl does not manage these units of ${said(name)}, and they would talk to the target after the cutover: ${found.join(', ')}`,
          `Move its work to another machine, or stop and disable it: systemctl disable --now ${found.join(' ')}`,
        ),
      ]
}

/**
 * Roles on the source that exist in the target's release but have no unit on the target: their users would lose them.
 */
const lostRoles: Check['ask'] = async ({ survey, recipes }) =>
  recipes.flatMap((recipe) => {
    const running = survey.services.find((one) => one.name === recipe.name)?.running ?? []
    const there = new Set<string>(recipe.target.map((role) => role.name))
    const served = (units: readonly string[]) => units.some((unit) => recipe.support?.includes(unit))
    return recipe.source
      .filter((role) => !there.has(role.name) && !served(role.units))
      .filter((role) => role.units.some((unit) => running.includes(unit)))
      .map((role) =>
        block(
          `the source runs ${role.units.find((unit) => running.includes(unit))}, but the target will not`,
          `Run ${recipe.name}'s ${role.name} on another machine before the swap, or stop it on the source and check what is missing`,
        ),
      )
  })

const scheduled: Check['ask'] = (context) => everySource(context, (name) => scheduledOn(context, name))

const scheduledOn = async ({ hosts }: CheckContext, name: SideMachine): Promise<readonly Message[]> => {
  const found = await askMaybe(hosts(name), {
    argv: [
      'grep',
      '-rlE',
      `(${everyRecipe.map(({ name }) => name).join('|')})-manage|mysqldump|mariadb-dump`,
      '/etc/crontab',
      '/etc/cron.d',
      '/etc/cron.hourly',
      '/etc/cron.daily',
      '/etc/cron.weekly',
      '/var/spool/cron',
    ],
    codes: [1, 2],
    parse: lines,
  })
  return found === undefined || found.length === 0
    ? []
    : [
        warn(
          `scheduled jobs of ${said(name)} work on its databases: ${found.join(', ')}`,
          'Stop them during the freeze and set them up on the target: otherwise they keep using the old databases',
        ),
      ]
}

/** What runs, and what would start by itself. */
export const unitChecks: readonly Check[] = [
  {
    id: 'both/failed-units',
    level: 'warn',
    title: 'No unit has failed',
    source: 'systemctl list-units --state=failed',
    why: 'Afterwards you could not tell whether the swap caused the failure.',
    remedy: 'Fix the units, or clear them with systemctl reset-failed.',
    ask: failedUnits,
  },
  {
    id: 'both/upgrade-timers',
    level: 'warn',
    title: 'No unit upgrades packages by itself',
    source: 'unattended-upgrades(8)',
    why: 'Packages could change in the middle of the swap.',
    remedy: 'Stop these units until the swap is over.',
    ask: timers,
  },
  {
    id: 'source/unknown-units',
    level: 'block',
    title: 'Every OpenStack unit on the source is one that swapctl stops',
    source:
      'https://docs.openstack.org/oslo.messaging/latest/reference/server.html: every server of a topic takes its share of the messages',
    why: 'The old service would take messages from the new queue after the cutover, and lose them.',
    remedy: 'Stop and disable the unit, or move its work to another machine.',
    ask: unmanaged,
  },
  {
    id: 'source/left-behind',
    level: 'block',
    title: 'The target runs every role that the source runs',
    source:
      'https://docs.openstack.org/neutron/latest/install/controller-install-ubuntu.html: a controller may run agents too',
    why: 'The job would be missing after the cutover: for instance no routers or no DHCP.',
    remedy: 'Move the job to another machine before the swap, or stop it and check what is missing.',
    ask: lostRoles,
  },
  {
    id: 'source/cron',
    level: 'warn',
    title: 'No scheduled job works on the databases',
    source: 'crontab(5)',
    why: 'The job would write during the freeze, or keep using the old databases.',
    remedy: 'Stop the jobs during the freeze, and set them up on the target.',
    ask: scheduled,
  },
]

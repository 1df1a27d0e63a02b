import { block, type Check, warn } from '../source/check.ts'
import { ask, askMaybe, lines } from '../source/question.ts'
import { askServiceUnits } from '../target/installed.ts'
import { both, rule } from './rule.ts'

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
            'Mend them or forget them (systemctl reset-failed): afterwards it is hard to tell what failed when',
          ),
        ]
  })

/** Units that change packages by themselves, and with them what runs. */
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

/** Services' units that run on the source and that no step would stop: they would follow the addresses that move. */
const strangers: Check['ask'] = async ({ hosts, recipes }) => {
  const units = await askServiceUnits(hosts('source'), recipes)
  if (units.length === 0) return []
  const known = new Set<string>(recipes.flatMap((recipe) => recipe.source.flatMap((role) => role.units)))
  const running = await ask(hosts('source'), {
    argv: ['systemctl', 'list-units', '--type=service', '--state=running', '--plain', '--no-legend', '--no-pager'],
    parse: (text) => lines(text).map((line) => (line.trim().split(/\s+/)[0] ?? '').replace(/\.service$/, '')),
  })
  const found = units.filter((unit) => running.includes(unit) && !known.has(unit))
  return found.length === 0
    ? []
    : [
        block(
          `${found.join(', ')} of the source would be stopped by nobody, and would follow the addresses to the target`,
          `Move what it does to another machine, or stop and mask it: systemctl disable --now ${found.join(' ')}`,
        ),
      ]
}

/** Jobs of the source that the target's release has too, but on no unit of the target: whoever relies on them would lose them. */
const leftBehind: Check['ask'] = async ({ survey, recipes }) =>
  recipes.flatMap((recipe) => {
    const running = survey.services.find((one) => one.name === recipe.name)?.running ?? []
    const there = new Set<string>(recipe.target.map((role) => role.name))
    const served = (units: readonly string[]) => units.some((unit) => recipe.support?.includes(unit))
    return recipe.source
      .filter((role) => !there.has(role.name) && !served(role.units))
      .filter((role) => role.units.some((unit) => running.includes(unit)))
      .map((role) =>
        block(
          `the source runs ${role.units.find((unit) => running.includes(unit))}, and the target will not`,
          `Have another machine do it before the swap (${recipe.name}'s ${role.name}), or stop it there and see what is missing`,
        ),
      )
  })

const scheduled: Check['ask'] = async ({ hosts }) => {
  const found = await askMaybe(hosts('source'), {
    argv: [
      'grep',
      '-rlE',
      '(keystone|glance|nova|neutron|cinder|heat|placement)-manage|mysqldump|mariadb-dump',
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
          `scheduled jobs of the source work on its databases: ${found.join(', ')}`,
          'Have them rest during the freeze, and take them to the target: they would go on with the old databases',
        ),
      ]
}

/** What runs, and what would run by itself. */
export const unitChecks: readonly Check[] = [
  rule('both/failed-units', 'warn', 'Failed units', 'systemctl list-units --state=failed', failedUnits),
  rule('both/upgrade-timers', 'warn', 'Packages that upgrade themselves', 'unattended-upgrades(8)', timers),
  rule(
    'source/unknown-units',
    'block',
    'Units that nobody stops',
    'known failure P91: an old service that lives on',
    strangers,
  ),
  rule(
    'source/left-behind',
    'block',
    'Jobs that the target does not do',
    'known failure P81: agents on the controller',
    leftBehind,
  ),
  rule('source/cron', 'warn', 'Scheduled jobs on the databases', 'known failure P104', scheduled),
]

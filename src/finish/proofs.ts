import { askLinks, holdingOf } from '../ask/addresses.ts'
import type { Message } from '../ask/check.ts'
import { ask, lines } from '../ask/question.ts'
import { askUnits, unitsOf } from '../ask/units.ts'
import { answerFindings, unitFindings } from '../checks/cutover.ts'
import type { Context } from '../context.ts'
import { askHolders } from '../cutover/keepers/holders.ts'
import { reportStep } from '../cutover/outage/reports.ts'
import type { Finding } from '../engine/step.ts'
import { SwapError } from '../errors.ts'
import type { HostName } from '../hosts/host.ts'
import { proveUntouched } from '../verify/untouched.ts'

const finding = (level: Finding['level'], id: string, says: string, remedy: string): Finding => ({
  id: `finish/${id}`,
  level,
  says,
  remedy,
})

/** Everything that must be true before the rollback is given up; all findings at once. Reads only. */
export const finishFindings = async (context: Context): Promise<readonly Finding[]> => {
  const there = await answers(context, 'source')
  const found = await Promise.all([
    addressFindings(context, there),
    timerFindings(context, there ? ['source', 'target'] : ['target']),
    targetFindings(context),
    named('answers', answerFindings(context)),
    ...(there ? [named('units', unitFindings(context)), reportFindings(context), untouchedFindings(context)] : []),
  ])
  return [...found.flat(), ...(there ? [] : [silent])]
}

/** The messages of a check of the cutover, run again. */
const named = async (id: string, said: Promise<readonly Message[]>): Promise<readonly Finding[]> =>
  (await said).map(({ level, says, remedy }) => finding(level, id, says, remedy))

const silent = finding(
  'warn',
  'source-silent',
  'the source does not answer and counts as switched off; its services and databases were not checked',
  'Make sure that it is switched off or cannot take an address: it must not come back while the new controller serves',
)

const answers = async ({ hosts }: Context, name: HostName): Promise<boolean> => {
  try {
    return (await hosts(name).run({ argv: ['true'], limit: 30 })).code === 0
  } catch (error) {
    if (error instanceof SwapError) return false
    throw error
  }
}

/** On the target's interfaces, and no other machine answers for it: a machine does not receive its own request. */
export const addressFindings = async ({ config, hosts }: Context, there: boolean): Promise<readonly Finding[]> => {
  const [target, source] = await Promise.all([askLinks(hosts('target')), there ? askLinks(hosts('source')) : []])
  const found = await Promise.all(
    config.addresses.map(async ({ name, address, targetInterface }) => {
      const says = (what: string) =>
        finding(
          'block',
          `address-${name}`,
          `${address} ${what}`,
          'See swapctl status; fix it while you can still revert',
        )
      if (holdingOf(target, address).interface?.name !== targetInterface)
        return says(`is not on ${targetInterface} of the target`)
      const old = holdingOf(source, address).interface
      if (old !== undefined) return says(`is on ${old.name} of the source`)
      const others = await askHolders(hosts('target'), address, targetInterface)
      return others.length === 0 ? undefined : says(`is also claimed by ${others.join(', ')}`)
    }),
  )
  return found.filter((one) => one !== undefined)
}

/** A running timer of swapctl would roll something back: its cutover was not confirmed. */
const timerFindings = async ({ hosts }: Context, names: readonly HostName[]): Promise<readonly Finding[]> => {
  const argv = [
    'systemctl',
    'list-units',
    '--no-legend',
    '--no-pager',
    '--plain',
    '--full',
    '--type=timer',
    'swapctl-*',
  ] as const
  const found = await Promise.all(
    names.map(async (name) => {
      const timers = await ask(hosts(name), { argv, parse: (text) => lines(text).map((line) => line.split(/\s+/)[0]) })
      return timers.map((timer) =>
        finding(
          'block',
          `timer-${name}`,
          `${name}: ${timer} is set`,
          'Wait until it ends, then check where the addresses are: swapctl status',
        ),
      )
    }),
  )
  return found.flat()
}

const targetFindings = async ({ hosts, recipes }: Context): Promise<readonly Finding[]> => {
  const units = await askUnits(
    hosts('target'),
    recipes.flatMap((recipe) => unitsOf(recipe.target)),
  )
  const down = units.filter((unit) => unit.exists && !unit.active).map((unit) => unit.name)
  return down.length === 0
    ? []
    : [
        finding(
          'block',
          'down',
          `target: not running: ${down.join(', ')}`,
          `On the target: journalctl -u ${down[0]} -n 50`,
        ),
      ]
}

const reportFindings = async (context: Context): Promise<readonly Finding[]> => {
  const left: string[] = []
  const says = await failure(reportStep(context, []).proof?.(undefined, (text) => void left.push(text)))
  return [
    ...(says === undefined ? [] : [finding('block', 'reports', says.message, says.next)]),
    ...left.map((text) => finding('warn', 'reports', text, 'You cannot revert after finish: check this now')),
  ]
}

/** Reported but not blocking: after finish the old controller's databases are no longer needed. */
const untouchedFindings = async (context: Context): Promise<readonly Finding[]> => {
  const says = await failure(proveUntouched(context))
  return says === undefined
    ? []
    : [
        finding(
          'warn',
          'source-changed',
          `the source is ${says.message}`,
          'Find out what wrote there: something may still use it',
        ),
      ]
}

const failure = async (proof: Promise<string> | undefined): Promise<SwapError | undefined> => {
  try {
    await proof
    return undefined
  } catch (error) {
    if (error instanceof SwapError) return error
    throw error
  }
}

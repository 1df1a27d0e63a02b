import { setTimeout as sleep } from 'node:timers/promises'
import { askUnits, unitsOf } from '../ask/units.ts'
import type { Context } from '../context.ts'
import { exec, nothing, type Step } from '../engine/step.ts'
import { SwapError } from '../errors.ts'
import type { Recipe } from '../services/recipe.ts'
import { startUnits, stopUnits } from '../source/freeze.ts'
import { proveSameListing } from '../source/inventory.ts'
import { proveCredentials } from '../verify/credentials.ts'
import { proveSealed } from '../verify/sealed.ts'
import { proveTokens } from '../verify/tokens.ts'

const settle = 5000

/**
 * Starts a service on the target. The undo stops and masks it: a target that is not meant to serve must not start at
 * boot.
 */
export const startStep = (context: Context, recipe: Recipe, after: readonly string[]): Step => {
  const support = (recipe.support ?? []).map((name) => `${name}.service`)
  const present = async () =>
    (await askUnits(context.hosts('target'), unitsOf(recipe.target)))
      .filter((unit) => unit.exists)
      .map((unit) => `${unit.name}.service`)
  return {
    id: `${recipe.name}/start`,
    phase: 'migrate',
    service: recipe.name,
    title: `Start ${recipe.name} on the target`,
    seconds: 15,
    after,
    changes: ['target'],
    run: async () => {
      const names = await present()
      if (names.length === 0) return []
      const all = [...support, ...names]
      return [
        exec('target', 'systemctl', 'unmask', ...all),
        exec('target', 'systemctl', 'enable', ...all),
        ...(support.length === 0 ? [] : startUnits('target', support)),
        ...startUnits('target', names),
      ]
    },
    undo: async () => {
      const names = [...(await present()), ...support]
      if (names.length === 0) return []
      return [...stopUnits('target', names), exec('target', 'systemctl', 'mask', ...names)]
    },
    proof: () => proveRunning(context, recipe),
  }
}

/** Active is not enough: with a compute that is too old nova-conductor starts, refuses, and systemd restarts it. */
const proveRunning = async (context: Context, recipe: Recipe): Promise<string> => {
  await sleep(settle)
  const units = (await askUnits(context.hosts('target'), unitsOf(recipe.target))).filter((unit) => unit.exists)
  const down = units.filter((unit) => !unit.active).map((unit) => unit.name)
  if (units.length === 0)
    throw new SwapError('target', `no unit of ${recipe.name} is installed`, 'Run: swapctl prepare')
  if (down.length > 0)
    throw new SwapError(
      'target',
      `not running: ${down.join(', ')}`,
      `On the target, read: journalctl -u ${down[0]} -n 50, and /var/log/${recipe.name}`,
    )
  return `running: ${units.map((unit) => unit.name).join(', ')}`
}

/**
 * Asks the new APIs, from the target itself at the addresses that will move, and compares with what the old ones
 * listed.
 */
export const verifyStep = (context: Context, recipe: Recipe, after: readonly string[]): Step => ({
  id: `${recipe.name}/verify`,
  phase: 'migrate',
  service: recipe.name,
  title: `Compare the lists of the ${recipe.name} API on the target with those of the source`,
  seconds: 5,
  after,
  changes: [],
  run: nothing,
  undo: nothing,
  proof: () =>
    patiently(async () => {
      const credentials = await proveCredentials(context, recipe)
      const sealed = await proveSealed(context, recipe)
      const same = await proveSameListing(context, 'target', [recipe])
      return [same, ...(await proveTokens(context, recipe)), ...credentials, ...sealed].join('; ')
    }),
})

/** A service answers 503 for a while after its start, so that is retried; other errors are not. */
const patiently = async (proof: () => Promise<string>): Promise<string> => {
  for (let tries = 0; ; tries++) {
    try {
      return await proof()
    } catch (error) {
      if (tries === 60 || (error instanceof SwapError && error.final)) throw error
      await sleep(1000)
    }
  }
}

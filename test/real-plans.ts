import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Context } from '../src/context.ts'
import type { Plan, Step } from '../src/engine/step.ts'
import { phases } from '../src/engine/step.ts'
import type { Hosts } from '../src/hosts/host.ts'
import { wholePlan } from '../src/plan/plan.ts'
import { recipes } from '../src/services/index.ts'

const directory = join(import.meta.dirname, 'fixtures', 'plans')

/** A plan needs only settings and survey: asking a machine while it is built fails. */
export const noMachine: Hosts = (name) => {
  throw new Error(`${name} was asked for`)
}

/** Settings and survey of a real kind of cloud, without machines. */
export const contextOf = (name: string, hosts: Hosts = noMachine): Context => {
  const { config, survey } = JSON.parse(readFileSync(join(directory, `${name}.json`), 'utf8')) as Omit<Context, 'hosts'>
  const found = recipes.filter((recipe) => survey.services.some((service) => service.name === recipe.name))
  return { config, survey, hosts, recipes: found }
}

export const clouds: readonly string[] = readdirSync(directory).map((name) => name.replace('.json', ''))

export const planOf = (name: string): Plan => wholePlan(contextOf(name))

/** Every step that is done before this one begins, by `after` and by phase. */
export const waitsFor = (plan: Plan, step: Step, seen = new Set<string>()): ReadonlySet<string> => {
  const earlier = (other: Step) => phases.indexOf(other.phase) < phases.indexOf(step.phase)
  for (const other of plan.filter((one) => step.after.includes(one.id) || earlier(one)))
    if (!seen.has(other.id)) waitsFor(plan, other, seen.add(other.id))
  return seen
}

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Context } from '../context.ts'
import { nothing, type Step } from '../engine/step.ts'
import { computeRule } from '../releases/computes.ts'
import { findRelease } from '../releases/release.ts'
import type { Recipe } from '../services/recipe.ts'
import { addressMap } from './addresses.ts'
import { askOptions } from './ask-options.ts'
import { configActions } from './config.ts'
import type { Decision } from './decision.ts'
import type { Extra } from './merge.ts'
import { knownOptions } from './options.ts'

/**
 * Carries a service's configuration over, while the source still serves: files do not change by the freeze, and asking
 * the target's packages for their options takes seconds. Every decision about an option is kept for the operator.
 */
export const configStep = (context: Context, recipe: Recipe): Step => {
  const report = join(context.config.state, `config-${recipe.name}.json`)
  return {
    id: `${recipe.name}/config`,
    phase: 'migrate',
    service: recipe.name,
    title: `Carry the configuration of ${recipe.name} into the target's files`,
    after: [],
    run: async () => {
      const { actions, decisions } = await configActions({
        recipe,
        source: context.hosts('source'),
        target: context.hosts('target'),
        map: addressMap(
          context.config,
          context.survey.source.addresses.map((held) => held.address),
          context.survey.source.hostname,
        ),
        options: knownOptions(
          await askOptions(
            context.hosts('target'),
            recipe.files.flatMap((file) => file.namespaces),
          ),
        ),
        release: context.config.release,
        extra: extras(context, recipe),
      })
      const content = `${JSON.stringify(decisions, null, 1)}\n`
      return [...actions, { kind: 'write', on: 'local', path: report, mode: '0600', content, secret: true }]
    },
    undo: nothing,
    proof: async () => summary(JSON.parse(await readFile(report, 'utf8')) as readonly Decision[], report),
  }
}

/** What a controller needs to drive computes of the old release, where its recipe says in which file. */
const extras = (context: Context, recipe: Recipe): Readonly<Record<string, readonly Extra[]>> => {
  const path = recipe.oldComputes
  const found = context.survey.services.find((service) => service.name === recipe.name)
  if (path === undefined || found === undefined) return {}
  const rule = computeRule(findRelease(found.release), findRelease(context.config.release))
  const pin = { section: 'upgrade_levels', option: 'compute', value: rule.pin, reason: rule.reason }
  const workaround = {
    section: 'workarounds',
    option: 'disable_compute_service_check_for_ffu',
    value: 'true',
    reason: rule.reason,
  }
  return { [path]: rule.needsFfuFlag ? [pin, workaround] : [pin] }
}

/** Counts, and by name whatever did not simply stay: nothing is dropped in silence. */
const summary = (decisions: readonly Decision[], report: string): string => {
  const fates = [...new Set(decisions.map((decision) => decision.fate))]
  const told = fates.map((fate) => `${decisions.filter((decision) => decision.fate === fate).length} ${fate}`)
  const look = decisions
    .filter((decision) => decision.look === true || ['unknown', 'dropped'].includes(decision.fate))
    .map((decision) => `[${decision.section}] ${decision.option}: ${decision.reason}`)
  return [`${told.join(', ')} (${report})`, ...look].join('\n  ')
}

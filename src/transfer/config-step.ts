import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { askFiles } from '../ask/file-states.ts'
import type { Context } from '../context.ts'
import { type Action, nothing, type Step } from '../engine/step.ts'
import { SwapError } from '../errors.ts'
import { findRelease } from '../releases/release.ts'
import type { Recipe } from '../services/recipe.ts'
import { type Choice, choicesPath } from '../settings/choices.ts'
import { needState } from '../state.ts'
import { addressMap } from './addresses.ts'
import { askOptions } from './ask-options.ts'
import { choicesOn } from './choices.ts'
import { type ConfigInput, configActions } from './config.ts'
import type { Decision } from './decision.ts'
import type { Extra } from './merge.ts'
import { type KnownOptions, knownOptions } from './options.ts'
import { lookFirst, summary } from './summary.ts'

/**
 * Copies a service's configuration while the source still serves: the freeze does not change files, and asking the
 * target's packages for their options takes seconds. Every decision about an option is kept for the operator.
 */
export const configStep = (context: Context, recipe: Recipe): Step => {
  const report = join(context.config.state, `config-${recipe.name}.json`)
  return {
    id: `${recipe.name}/config`,
    phase: 'migrate',
    service: recipe.name,
    title: `Merge the configuration of ${recipe.name} into the target's files`,
    after: [],
    changes: ['target', 'local'],
    run: async () => {
      // Before the files are read, so that a change meanwhile is noticed.
      const read = await askFiles(context.hosts('source'), recipe.etc)
      const choices = choicesOn(context.config, recipe)
      const names = recipe.files.flatMap((file) => file.namespaces)
      const options = knownOptions(await askOptions(context.hosts('target'), names))
      const { actions, decisions } = await configActions({ ...configInput(context, recipe, options), choices })
      const content = `${JSON.stringify(lookFirst(decisions), null, 1)}\n`
      const copied: Action = {
        kind: 'write',
        on: 'local',
        path: copiedPath(context, recipe),
        mode: '0600',
        content: `${JSON.stringify({ ...read, ...choicesState(context, choices) })}\n`,
      }
      return [...actions, { kind: 'write', on: 'local', path: report, mode: '0600', content, secret: true }, copied]
    },
    undo: nothing,
    proof: async () => summary(await needState<readonly Decision[]>(report), report),
  }
}

/** The input for merging a service's files; `options`: those the target knows. */
export const configInput = (context: Context, recipe: Recipe, options: KnownOptions): ConfigInput => {
  const { source } = context.survey
  const own = source.addresses.map((held) => held.address)
  return {
    recipe,
    source: context.hosts('source'),
    target: context.hosts('target'),
    map: addressMap(context.config, own, source.hostname),
    options,
    release: context.config.release,
    ...fromOf(context, recipe),
    extra: extras(context, recipe),
  }
}

/** A digest of the decisions, kept with the states of the copied files. */
const choicesState = ({ config }: Context, choices: readonly Choice[]): Readonly<Record<string, string>> => {
  if (choices.length === 0) return {}
  const said = choices.map(({ section, key, kind, value, file }) => [section, key, kind, value, file])
  return { [choicesPath(config.file)]: createHash('sha256').update(JSON.stringify(said)).digest('hex') }
}

const fromOf = ({ survey }: Context, recipe: Recipe): { readonly from?: string } => {
  const release = survey.services.find((service) => service.name === recipe.name)?.release ?? 'unknown'
  return release === 'unknown' ? {} : { from: release }
}

/** '/etc/nova/nova.conf' -> 'sha256 mode owner' at the time of the copy. */
const copiedPath = ({ config }: Context, { name }: Recipe): string => join(config.state, `copied-${name}.json`)

const savedCopied = async (context: Context, recipe: Recipe): Promise<Readonly<Record<string, string>>> =>
  needState(copiedPath(context, recipe))

/** Paths that differ between two readings. */
export const changedFiles = (
  before: Readonly<Record<string, string>>,
  now: Readonly<Record<string, string>>,
): readonly string[] =>
  [...new Set([...Object.keys(before), ...Object.keys(now)])].filter((path) => before[path] !== now[path])

/**
 * Repeats the copy for files that changed on the source between copy and freeze. Without changes it only costs one look
 * at the files.
 */
export const configAgainStep = (context: Context, recipe: Recipe, after: readonly string[]): Step => {
  const step = configStep(context, recipe)
  const changed = async () =>
    changedFiles(await savedCopied(context, recipe), {
      ...(await askFiles(context.hosts('source'), recipe.etc)),
      ...choicesState(context, choicesOn(context.config, recipe)),
    })
  const note = join(context.config.state, `copied-${recipe.name}-again.json`)
  return {
    id: `${recipe.name}/config-frozen`,
    phase: 'migrate',
    service: recipe.name,
    title: `Copy what changed in the configuration of ${recipe.name} before the freeze`,
    after: [step.id, ...after],
    changes: step.changes,
    run: async () => {
      const files = await changed()
      const told: Action = { kind: 'write', on: 'local', path: note, mode: '0600', content: JSON.stringify(files) }
      return files.length === 0 ? [told] : [...(await step.run()), told]
    },
    undo: nothing,
    proof: async () => {
      const left = await changed()
      if (left.length > 0)
        throw new SwapError(
          'source',
          `files changed during the copy although all services are stopped: ${left.join(', ')}`,
          'Find out what writes them, then run the same command again',
        )
      const files = await needState<readonly string[]>(note)
      const report = (await step.proof?.()) ?? ''
      return files.length === 0 ? 'nothing has changed since the copy' : `${files.join(', ')} copied again; ${report}`
    },
  }
}

/** Options a controller needs to drive computes of the old release, by the file its recipe names. */
export const extras = (
  context: Pick<Context, 'config' | 'survey'>,
  recipe: Recipe,
): Readonly<Record<string, readonly Extra[]>> => {
  const old = recipe.oldComputes
  const found = context.survey.services.find((service) => service.name === recipe.name)
  if (old === undefined || found === undefined) return {}
  const rule = old.rule(findRelease(found.release), findRelease(context.config.release))
  const pin = { section: 'upgrade_levels', option: 'compute', value: rule.pin, reason: rule.reason }
  const workaround = {
    section: 'workarounds',
    option: 'disable_compute_service_check_for_ffu',
    value: 'true',
    reason: rule.reason,
  }
  return { [old.file]: rule.needsFfuFlag ? [pin, workaround] : [pin] }
}

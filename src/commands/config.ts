import type { Context } from '../context.ts'
import { stateOf } from '../engine/journal.ts'
import { findRelease } from '../releases/release.ts'
import { recipeOf } from '../services/index.ts'
import type { Recipe } from '../services/recipe.ts'
import { choicesPath } from '../settings/choices.ts'
import { asJson, forTerminal } from '../text/printable.ts'
import { allChoices } from '../transfer/choices.ts'
import { askConfig, askDecided, type ConfigDecisions } from '../transfer/config-ask.ts'
import { type Change, changesOf, changesText } from '../transfer/config-diff.ts'
import { decisionsText } from '../transfer/decision-text.ts'
import { recordedOptions } from '../transfer/known-table.ts'
import { validationText } from '../transfer/validator.ts'
import { recipesOf } from './services.ts'
import { contextOf, type Options, surveyOf, withSession } from './session.ts'

export interface ConfigOptions extends Options {
  readonly service: readonly string[]
  /** show what the files set differently instead of every decision */
  readonly diff?: boolean
}

interface Shown extends Pick<ConfigDecisions, 'decisions' | 'told' | 'validator'> {
  readonly service: string
  readonly from: string
  readonly to: string
  /** the settings were already copied: these are the decisions made then */
  readonly decided: boolean
  readonly files: readonly { readonly path: string; readonly changes: readonly Change[] }[]
}

/**
 * Shows every decision on the services' settings with its reason: what would be decided now, or what was. Reads only.
 */
export const showConfig = async (options: ConfigOptions): Promise<void> => {
  for (const name of options.service) recipeOf(name)
  await withSession('config', options, async (session) => {
    const context = contextOf(session, await surveyOf(session))
    const recipes = recipesOf(context, options.service)
    const operators = allChoices(session.config).length
    const shown: Shown[] = []
    for (const recipe of recipes) {
      const decided = stateOf(session.journal, `${recipe.name}/config`) === 'done'
      shown.push(shownOf(context, recipe, decided, await (decided ? askDecided : askConfig)(context, recipe)))
    }
    const path = choicesPath(session.config.file)
    const text =
      options.json === true
        ? asJson({ swap: session.config.name, decisions: { file: path, count: operators }, services: shown }, 2)
        : forTerminal(
            [...shown.map((one) => textOf(one, options.diff === true)), lastLine(path, operators)].join('\n\n'),
          )
    process.stdout.write(`${text}\n`)
  })
}

const shownOf = (
  { survey, config }: Context,
  { name, release }: Recipe,
  decided: boolean,
  { decisions, files, told, validator }: ConfigDecisions,
): Shown => ({
  service: name,
  from: survey.services.find((service) => service.name === name)?.release ?? 'unknown',
  to: findRelease(config.release).id,
  decided,
  told,
  decisions,
  ...(validator === undefined ? {} : { validator }),
  files: files.map(({ path, source, text }) => ({
    path,
    changes: changesOf(source, text, recordedOptions(release.project, config.release)),
  })),
})

const textOf = (
  { service, from, to, decided, told, decisions, files, validator = [] }: Shown,
  diff: boolean,
): string => {
  const tables = told === 'tables' ? ', by recorded option lists: the target has no packages yet' : ''
  const head = `${service}, ${from} to ${to}: ${decided ? 'decisions made by migrate' : `decisions that migrate would make now${tables}`}`
  const body = diff ? files.map(({ path, changes }) => changesText(path, changes)) : [...byFile(decisions)]
  return [head, ...body, ...validator.map(validationText)].join('\n')
}

const byFile = (decisions: ConfigDecisions['decisions']): readonly string[] =>
  [...new Set(decisions.map(({ file }) => file))].map(
    (path) => `${path}: ${decisionsText(decisions.filter(({ file }) => file === path))}`,
  )

const lastLine = (path: string, count: number): string =>
  count === 0 ? `Put your own decisions into ${path}` : `${count} decisions of yours in ${path}`

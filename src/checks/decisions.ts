import { block, type Check, type CheckContext, type Message } from '../ask/check.ts'
import { SwapError } from '../errors.ts'
import type { Recipe } from '../services/recipe.ts'
import type { Choice } from '../settings/choices.ts'
import { allChoices } from '../transfer/choices.ts'
import { extras } from '../transfer/config-step.ts'
import type { Decision } from '../transfer/decision.ts'
import { sameSection } from '../transfer/oslo-conf.ts'
import { translate } from '../transfer/translate.ts'
import { asCheck, type HostCheck } from './host-check.ts'
import { once, texts } from './once.ts'

/**
 * The decisions on a service's settings, from its files on the source and the option tables: the target is not needed.
 */
const askDecisions = async (
  context: CheckContext,
  recipe: Recipe,
  choices: readonly Choice[],
): Promise<readonly Decision[]> => {
  // One question for all files; its answer is reused for every service and by other checks.
  const every = context.recipes.flatMap(({ files }) => files.map(({ path }) => path))
  const found = (await once(context, 'source', texts(every))) ?? new Map<string, string>()
  const files = recipe.files.flatMap(({ path }) => {
    const text = found.get(path)
    return text === undefined ? [] : [{ path, text }]
  })
  const from = context.survey.services.find(({ name }) => name === recipe.name)?.release ?? 'unknown'
  const translated = translate({
    project: recipe.release.project,
    to: context.config.release,
    files,
    choices: choices.filter(({ service }) => service === recipe.name),
    extra: extras(context, recipe),
    ...(from === 'unknown' ? {} : { from }),
  })
  return translated.flatMap(({ decisions }) => decisions)
}

const told = (error: unknown): string => {
  if (error instanceof SwapError) return `${error.where}: ${error.message}`
  throw error
}

/** The operator's decisions, or the error in their file. */
const choicesIn = ({ config }: CheckContext): readonly Choice[] | string => {
  try {
    return allChoices(config)
  } catch (error) {
    return told(error)
  }
}

/** Errors in the decisions file, the first one per service. Another check reports settings that cannot be read. */
const wrong = async (context: CheckContext): Promise<readonly string[]> => {
  const choices = choicesIn(context)
  if (typeof choices === 'string') return [choices]
  const here = context.recipes.map(({ name }) => name)
  const elsewhere = choices
    .filter(({ service }) => !here.includes(service))
    .map(({ from, line, service }) => `${from}, line ${line}: ${service} is not on the source`)
  const misfits = context.recipes
    .filter(({ name }) => choices.some(({ service }) => service === name))
    .map((recipe) =>
      askDecisions(context, recipe, choices).then(
        () => [],
        (error: unknown) => [told(error)],
      ),
    )
  return [...elsewhere, ...(await Promise.all(misfits)).flat()]
}

/** Another check reports what cannot be read or decided. */
const passedOver = (error: unknown): readonly Decision[] => {
  told(error)
  return []
}

const changed = async (context: CheckContext): Promise<readonly string[]> => {
  const choices = choicesIn(context)
  const of = async (recipe: Recipe): Promise<readonly string[]> => {
    const decisions = await askDecisions(context, recipe, typeof choices === 'string' ? [] : choices).catch(passedOver)
    return decisions
      .filter(({ fate, look }) => fate === 'default' && look)
      .map(({ file, section, option, reason }) => `[${section}] ${option} of ${file}: ${reason}`)
  }
  return (await Promise.all(context.recipes.map(of))).flat()
}

/** What the target has nothing for. An option that the operator sets is decided. */
const impossible: Check['ask'] = async (context) => {
  const choices = choicesIn(context)
  const of = async (recipe: Recipe): Promise<readonly Message[]> => {
    const decisions = await askDecisions(context, recipe, typeof choices === 'string' ? [] : choices).catch(passedOver)
    const isSet = ({ section, option }: Decision): boolean =>
      decisions.some((one) => one.fate === 'set' && one.option === option && sameSection(one.section, section))
    return decisions.flatMap((decision) => {
      const { file, section, option, reason, stops } = decision
      if (stops === undefined || isSet(decision)) return []
      const next = `${stops}. What is not needed any more can be decided in the decisions file beside the settings`
      return [block(`[${section}] ${option} of ${file} on the source: ${reason}`, next)]
    })
  }
  return (await Promise.all(context.recipes.map(of))).flat()
}

const all: readonly HostCheck[] = [
  {
    id: 'settings/decisions',
    level: 'block',
    title: 'The decisions on settings can be carried out',
    source: 'README.md, the file of decisions beside the settings',
    why: 'The target would get other settings than you decided.',
    remedy: 'Correct or remove the entry in the decisions file; swapctl config shows what can be decided',
    look: wrong,
  },
  {
    id: 'settings/defaults',
    level: 'warn',
    title: 'Defaults that changed between the releases are decided',
    source: 'src/services/NAME/defaults.ts, with the files of the tags for each',
    why: 'An option that nobody set has another value on the target, and users may notice.',
    remedy:
      'Decide it in the decisions file beside the settings: pin writes the old default, drop accepts the new one, set VALUE writes another value',
    look: changed,
  },
]

/** The operator's decisions on settings, and what is left to decide. */
export const decisionChecks: readonly Check[] = [
  ...all.map(asCheck),
  {
    id: 'settings/impossible',
    level: 'block',
    title: 'The target can do what each setting asks for',
    source: 'src/services/NAME/options.ts, with the code of the tags for each',
    why: 'Endpoints, networks or load balancers would be left behind.',
    remedy: 'Do on the old controller what the finding says, or decide the option in the decisions file',
    ask: impossible,
  },
]

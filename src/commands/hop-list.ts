import { existsSync } from 'node:fs'
import type { Config, HopFormName, HopSetting } from '../config.ts'
import { SwapError } from '../errors.ts'
import { environmentOf, formOf, titleOf } from '../hops/environment.ts'
import { findRelease, type Release } from '../releases/release.ts'
import { suites, suiteText } from '../releases/suites.ts'
import type { Survey } from '../survey.ts'
import { type HopEnvironment, neededHops } from '../target/hop-step.ts'
import { askUnfit } from '../target/hop-there.ts'
import { asJson, forTerminal } from '../text/printable.ts'
import { contextOf, type Options, type Session, surveyOf, withSession } from './session.ts'

/** A release whose schema tools the source's databases pass on their way, for the services that use one environment. */
export interface NeededHop {
  readonly release: string
  readonly services: readonly string[]
  /** of the settings; absent when they have no section for it */
  readonly form?: HopFormName
  readonly path?: string
  /** the archive exists; the tree or venv can be used */
  readonly there: boolean
  /** what is wrong with a tree or venv */
  readonly unfit: readonly string[]
  /** suites that `swapctl hop make` can make it from */
  readonly suites: readonly string[]
}

/** What is wrong with an environment on the target; [] when nothing is. */
export type AskThere = (hop: HopSetting) => Promise<readonly string[]>

/** The hop environments that this swap needs, in the order in which the databases pass them. */
export const hopsNeeded = async (
  { services }: Pick<Survey, 'services'>,
  config: Pick<Config, 'hops' | 'file'>,
  askThere: AskThere,
  exists: (path: string) => boolean = existsSync,
): Promise<readonly NeededHop[]> => {
  const passed = services.flatMap(({ name, databases }) =>
    databases.flatMap((database) =>
      database.hops.slice(0, -1).map((hop) => {
        const release = findRelease(hop, config.file)
        return { name, release, environment: environmentOf(config, release, name) }
      }),
    ),
  )
  const found: NeededHop[] = []
  for (const { release, environment } of distinct(passed).sort((a, b) => a.release.index - b.release.index)) {
    const same = passed.filter((one) => one.release === release && one.environment === environment)
    const { form, path = '' } = environment === undefined ? {} : formOf(environment)
    const unfit = environment === undefined || form === 'archive' ? [] : await askThere(environment)
    found.push({
      release: release.id,
      services: [...new Set(same.map(({ name }) => name))],
      ...(form === undefined ? {} : { form, path }),
      there: form === 'archive' ? exists(path) : form !== undefined && unfit.length === 0,
      unfit,
      suites: suites.filter((suite) => suite.release === release.name).map(suiteText),
    })
  }
  return found
}

const distinct = <T extends { readonly release: Release; readonly environment: HopSetting | undefined }>(
  all: readonly T[],
): T[] =>
  all.filter(
    (one, index) =>
      all.findIndex((other) => other.release === one.release && other.environment === one.environment) === index,
  )

/** One line for each environment, and the way to get it while it is not there. */
export const hopsNeededText = (needed: readonly NeededHop[]): string => {
  if (needed.length === 0) return 'no hop environment is needed: the schemas go to the target release in one step'
  return needed.map((one) => `${one.release}: for ${one.services.join(', ')}; ${stateText(one)}`).join('\n')
}

const stateText = ({ release, form, path, there, unfit, suites: from }: NeededHop): string => {
  if (form !== undefined && form !== 'archive')
    return there ? `${form} ${path} on the target can be used` : unfit.join('; ')
  const state =
    form === undefined ? `the settings have no [hop ${release}]` : `${path} ${there ? 'is there' : 'is not there'}`
  const way =
    from.length === 0
      ? 'pack a root tree with its schema tools, or name one on the target (tree = PATH, venv = PATH)'
      : `swapctl hop make ${release}, from ${from.join(' or ')}`
  return there ? state : `${state}; to get it: ${way}`
}

/** Shows which hop environments the swap needs, which are there, and how to get the others. Reads only. */
export const listHops = (options: Options): Promise<void> =>
  withSession('hop list', options, async (session) => {
    const survey = await surveyOf(session)
    const environments = neededHops(contextOf(session, survey))
    const needed = await hopsNeeded(survey, session.config, (hop) => unfitOf(session, environments, hop))
    process.stdout.write(`${options.json === true ? asJson(needed, 2) : forTerminal(hopsNeededText(needed))}\n`)
  })

/** A target that does not answer leaves the list as it is. */
const unfitOf = async (
  session: Session,
  environments: readonly HopEnvironment[],
  setting: HopSetting,
): Promise<readonly string[]> => {
  const hop = environments.find(({ title }) => title === titleOf(setting))
  if (hop === undefined) return []
  try {
    return (await askUnfit(session, hop)).map(({ says, remedy }) => `${says}. ${remedy}`)
  } catch (error) {
    if (!(error instanceof SwapError)) throw error
    return [`${hop.title} was not looked at: ${error.message}`]
  }
}

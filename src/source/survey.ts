import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { askDatabases } from '../ask/databases.ts'
import { type Package, packages } from '../ask/facts.ts'
import type { Schema } from '../ask/facts-mariadb.ts'
import { askMember, type MemberFacts } from '../ask/member.ts'
import { ask, together } from '../ask/question.ts'
import { askSide } from '../ask/side.ts'
import type { Config } from '../config.ts'
import { refuse, SwapError } from '../errors.ts'
import type { Hosts, SideMachine } from '../hosts/host.ts'
import { membersOf, said, sectionOf } from '../hosts/sides.ts'
import { releaseOfVersion } from '../releases/release.ts'
import type { Recipe } from '../services/recipe.ts'
import { makeDirectory, stateText, writeWhole } from '../state.ts'
import type { ServiceSurvey, Survey } from '../survey.ts'

/**
 * Surveys every machine of both sides in parallel. The services are those of `recipes` whose packages are installed on
 * the source. Throws SwapError (exit 2) naming every machine that does not answer.
 */
export const askSurvey = async (
  config: Config,
  hosts: Hosts,
  recipes: readonly Recipe[],
  at: string = new Date().toISOString(),
): Promise<Survey> => {
  const names = membersOf(config, 'source')
  const [target, installed, ...members] = await together([
    askSide(hosts('target')),
    ask(hosts('source'), packages),
    ...names.map((name) => askMember(hosts(name), name, recipes).catch(tellWithout(config, name))),
  ])
  const [first, ...others] = members as unknown as readonly [MemberFacts, ...MemberFacts[]]
  const { running } = first.member
  const found = recipes.flatMap((recipe) => {
    const mark = installed.find((one) => one.name === recipe.release.package)
    return mark === undefined ? [] : [{ recipe, mark }]
  })
  const services = await Promise.all(
    found.map(({ recipe, mark }) => askService(config, hosts, recipe, mark, running, first.schemas)),
  )
  return {
    version: 1,
    at,
    source: first.member.side,
    target: target.side,
    members: [first.member, ...others.map(({ member }) => member)],
    services,
  }
}

/** One of several machines of a side may be gone for good. */
const tellWithout =
  ({ file, source }: Config, name: SideMachine) =>
  (error: unknown): never => {
    if (!(error instanceof SwapError) || source.machines.length < 2) throw error
    const next = `${error.next}\n  If ${said(name)} is off and stays so: take [${sectionOf(name)}] out of ${file}; swapctl check then says what to do before it is switched on again`
    throw new SwapError(error.where, error.message, next, { cause: error })
  }

const askService = async (
  config: Config,
  hosts: Hosts,
  recipe: Recipe,
  mark: Package,
  running: readonly string[],
  schemas: readonly Schema[],
): Promise<ServiceSurvey> => {
  const units = recipe.source.flatMap((role) => role.units)
  return {
    name: recipe.name,
    release: releaseOfVersion(recipe.release.first, mark.version)?.id ?? 'unknown',
    version: mark.version,
    running: running.filter((unit) => units.includes(unit)),
    databases: await askDatabases(config, hosts('source'), recipe, schemas),
  }
}

const fileOf = (state: string): string => join(state, 'survey.json')

/** Saves the survey in the state directory atomically, mode 0600. */
export const saveSurvey = async (state: string, survey: Survey): Promise<void> => {
  await makeDirectory(state)
  await writeWhole(fileOf(state), stateText(survey))
}

/** The survey saved by `prepare`; undefined when there is none. Refuses one that is damaged or of another version. */
export const loadSurvey = async (state: string): Promise<Survey | undefined> => {
  const path = fileOf(state)
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw refuse(path, 'the survey cannot be read', 'Make it readable for yourself', cause)
  }
  try {
    const survey = JSON.parse(text) as Survey
    if (survey.version === 1) return survey
  } catch (cause) {
    throw refuse(path, 'the survey is damaged', 'Survey both sides again: swapctl prepare', cause)
  }
  throw refuse(path, 'the survey is from another version of swapctl', 'Survey both sides again: swapctl prepare')
}

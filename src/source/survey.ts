import { mkdir, open, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import type { Config } from '../config.ts'
import { refuse } from '../errors.ts'
import type { Hosts } from '../hosts/host.ts'
import { releaseOfPackage } from '../releases/release.ts'
import type { Recipe } from '../services/recipe.ts'
import type { ServiceSurvey, Survey } from '../survey.ts'
import { askDatabases } from './databases.ts'
import { type Package, packages, runningUnits } from './facts.ts'
import type { Schema } from './facts-mariadb.ts'
import { ask, together } from './question.ts'
import { askSide } from './side.ts'

/**
 * Asks both sides, everything side by side. The services are those of `recipes` whose packages are installed on the
 * source. Throws SwapError (exit 2) that names every machine that does not answer.
 */
export const askSurvey = async (
  config: Config,
  hosts: Hosts,
  recipes: readonly Recipe[],
  at: string = new Date().toISOString(),
): Promise<Survey> => {
  const [source, target, installed, running] = await together([
    askSide(hosts('source')),
    askSide(hosts('target')),
    ask(hosts('source'), packages),
    ask(hosts('source'), runningUnits),
  ])
  const found = recipes.flatMap((recipe) => {
    const mark = installed.find((one) => one.name === recipe.release.package)
    return mark === undefined ? [] : [{ recipe, mark }]
  })
  const services = await Promise.all(
    found.map(({ recipe, mark }) => askService(config, hosts, recipe, mark, running, source.schemas)),
  )
  return { version: 1, at, source: source.side, target: target.side, services }
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
    release: releaseOfPackage(recipe.release.project, mark.version)?.id ?? 'unknown',
    version: mark.version,
    running: running.filter((unit) => units.includes(unit)),
    databases: await askDatabases(config, hosts('source'), recipe, schemas),
  }
}

const fileOf = (state: string): string => join(state, 'survey.json')

/** Keeps the survey in the swap's state directory: written beside, fsynced, renamed; mode 0600. */
export const saveSurvey = async (state: string, survey: Survey): Promise<void> => {
  await mkdir(state, { recursive: true, mode: 0o700 })
  const beside = `${fileOf(state)}.tmp`
  const file = await open(beside, 'w', 0o600)
  try {
    await file.writeFile(`${JSON.stringify(survey, null, 1)}\n`)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(beside, fileOf(state))
}

/** The survey `prepare` saved; undefined when there is none. Refuses one of another version or one that is damaged. */
export const loadSurvey = async (state: string): Promise<Survey | undefined> => {
  const path = fileOf(state)
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw refuse(path, 'the survey cannot be read', 'Give yourself the right to read it', cause)
  }
  try {
    const survey = JSON.parse(text) as Survey
    if (survey.version === 1) return survey
  } catch (cause) {
    throw refuse(path, 'the survey is damaged', 'Ask both sides anew: swapctl prepare', cause)
  }
  throw refuse(path, 'the survey is of another version of swapctl', 'Ask both sides anew: swapctl prepare')
}

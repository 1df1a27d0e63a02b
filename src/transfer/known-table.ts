import { findRelease, releaseNamed } from '../releases/release.ts'
import { services } from '../services/index.ts'
import { goneOption, releaseIndex } from './gone.ts'
import { type GeneratorOutput, type KnownOption, type KnownOptions, knownOptions } from './options.ts'

/** The release whose packages the tables were made from. */
export const recorded = releaseNamed('epoxy')

type Opt = GeneratorOutput['options'][string]['opts'][number]
type Alias = GeneratorOutput['deprecated_options'][string][number]

const optionOf = (word: string): Opt => {
  const name = word.replace(/[*!-]+$/, '')
  const marks = word.slice(name.length)
  return {
    name,
    dest: name,
    type: marks.includes('*') ? 'multi valued' : 'string value',
    secret: marks.includes('!'),
    ...(marks.includes('-') ? { deprecated_for_removal: true } : {}),
  }
}

const aliasOf = (section: string, word: string): Alias => {
  const [name = '', to = ''] = word.split('=')
  const dot = to.lastIndexOf('.')
  return { name, replacement_group: to.slice(0, dot) || section, replacement_name: to.slice(dot + 1) }
}

/** Converts a table of tools/known-options.mjs to the generator's output. */
export const generatorOutput = (table: string): GeneratorOutput => {
  const options: Record<string, { opts: Opt[] }> = {}
  const deprecated: Record<string, Alias[]> = {}
  for (const line of table.split('\n').filter((one) => one !== '')) {
    const [section = '', words = ''] = line.split('\t')
    const all = words.split(' ')
    options[section] = { opts: all.filter((word) => !word.includes('=')).map(optionOf) }
    deprecated[section] = all.filter((word) => word.includes('=')).map((word) => aliasOf(section, word))
  }
  return { options, deprecated_options: deprecated }
}

/**
 * The options that a release's packages know, without a machine that has them: the table of the recorded release,
 * adjusted for another release by the index of old names. `release`: name or number.
 */
export const recordedOptions = (project: string, release: string): KnownOptions => {
  const service = services.find(({ recipe }) => recipe.release.project === project)
  const base = knownOptions(generatorOutput(service?.options.known ?? ''))
  const to = findRelease(release).index
  /** index of the first release without it, if it is known to have been removed */
  const gone = (section: string, name: string): number | undefined => {
    const found = goneOption(project, section, name)
    return found && releaseIndex(found.release)
  }
  const live = (section: string, name: string): KnownOption | undefined => {
    const found = base.live(section, name)
    const left = gone(section, name)
    if (found !== undefined) return left !== undefined && left > recorded.index && left <= to ? undefined : found
    const still = left !== undefined && left > to && left <= recorded.index
    return still ? { section, name, multi: false, secret: false } : undefined
  }
  return {
    live,
    replacements: (section, name) => (live(section, name) === undefined ? base.replacements(section, name) : []),
    open: base.open,
    hides: base.hides,
  }
}

import { existsSync, lstatSync, readFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { refuse, SwapError } from '../errors.ts'
import { findRelease } from '../releases/release.ts'
import { recipeOf, recipes } from '../services/index.ts'
import type { Recipe } from '../services/recipe.ts'
import { type Choice, readChoices } from '../settings/choices.ts'
import { besideOf, makeDirectory, writeWhole } from '../state.ts'
import { asJson, forTerminal } from '../text/printable.ts'
import { decisionsText } from '../transfer/decision-text.ts'
import { recordedOptions } from '../transfer/known-table.ts'
import { type ConfText, leftOpen, type Translated, translate, withoutSecrets } from '../transfer/translate.ts'

export interface TranslateOptions {
  /** every value given; exactly one is needed */
  readonly service: readonly string[]
  /** releases by name or number */
  readonly from: string
  readonly to: string
  /** a directory for the translated files, secrets and all */
  readonly output?: string
  /** a file of the operator's decisions */
  readonly decisions?: string
  readonly json?: boolean
}

/**
 * Translates config files between two releases; needs no settings and no machine. Prints files and decisions without
 * secrets.
 */
export const translateFiles = async (paths: readonly string[], options: TranslateOptions): Promise<void> => {
  const { name: service, release } = serviceOf(options)
  const [from, to] = [findRelease(options.from, '--from'), findRelease(options.to, '--to')]
  if (from.index > to.index) throw refuse('--from', `${from.id} is newer than ${to.id}`, 'Swap --from and --to')
  const files = paths.map(fileOf)
  const choices = choicesIn(options, service)
  const translated = translate({ project: release.project, from: from.id, to: to.id, files, choices })
  if (options.output !== undefined) await write(resolve(options.output), translated)
  const known = recordedOptions(release.project, to.id)
  const shown = translated.map(({ path, text, decisions }) => ({
    file: path,
    text: withoutSecrets(text, known),
    decisions,
  }))
  const left = leftOpen(to.id)
  if (options.json === true) {
    const about = { service, from: from.id, to: to.id }
    process.stdout.write(`${asJson({ ...about, files: shown, notes: left }, 2)}\n`)
    return
  }
  const parts = shown.map(({ file, text, decisions }) => `==> ${file}\n${text}\n${decisionsText(decisions)}\n`)
  process.stdout.write(`${forTerminal(`${parts.join('\n')}\n${left.join('\n')}`)}\n`)
}

/** Throws SwapError (exit 2) unless exactly one known service is named. */
const serviceOf = ({ service }: TranslateOptions): Recipe => {
  const [name, ...others] = service
  if (name === undefined || others.length > 0)
    throw refuse(
      '--service',
      'name the one service that reads these files',
      `Choose from: ${recipes.map((one) => one.name).join(', ')}`,
    )
  return recipeOf(name)
}

/** The decisions on this service from the given file. Throws SwapError (exit 2) when the file is missing. */
const choicesIn = ({ decisions }: TranslateOptions, service: string): readonly Choice[] => {
  if (decisions === undefined) return []
  const path = resolve(decisions)
  if (!existsSync(path))
    throw refuse(path, 'there is no such file', 'Name the file of your decisions: --decisions FILE')
  const names = recipes.map(({ name }) => name)
  return readChoices(path, names).filter((choice) => choice.service === service)
}

/**
 * A file's text. Throws SwapError (exit 2) naming the file when it cannot be read or is not UTF-8, which oslo.config
 * requires.
 */
const fileOf = (path: string): ConfText => {
  let bytes: Buffer
  try {
    bytes = readFileSync(path)
  } catch (cause) {
    throw refuse(path, `cannot be read: ${(cause as Error).message}`, 'Name a config file of the service', cause)
  }
  try {
    return { path, text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes) }
  } catch (cause) {
    throw refuse(path, 'is not written in UTF-8', 'Convert it: iconv -f ISO-8859-1 -t UTF-8', cause)
  }
}

/**
 * Throws SwapError (exit 2) before anything is written when two files have the same name, so that one would overwrite
 * the other, or when a file is there already.
 */
const write = async (directory: string, files: readonly Translated[]): Promise<void> => {
  const names = files.map(({ path }) => basename(path))
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) throw refuse('--output', `two files are called ${twice}`, 'Translate them one by one')
  try {
    refuseExisting(names.map((name) => join(directory, name)))
    await makeDirectory(directory)
    for (const { path, text } of files) await writeWhole(join(directory, basename(path)), text)
  } catch (cause) {
    if (cause instanceof SwapError) throw cause
    throw refuse(directory, `cannot be written: ${(cause as Error).message}`, 'Name another directory: --output', cause)
  }
}

/** Throws SwapError (exit 2) for the first file, or temporary file beside it, that exists; a link to nothing counts. */
const refuseExisting = (paths: readonly string[]): void => {
  const there = paths
    .flatMap((path) => [path, besideOf(path)])
    .find((path) => lstatSync(path, { throwIfNoEntry: false }) !== undefined)
  if (there !== undefined)
    throw refuse(there, 'there is already such a file; nothing was written', 'Name an empty directory: --output')
}

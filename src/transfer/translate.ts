import { findRelease } from '../releases/release.ts'
import type { Choice } from '../settings/choices.ts'
import { refuseUnanswered } from './chosen.ts'
import { type Decision, masked } from './decision.ts'
import { recorded, recordedOptions } from './known-table.ts'
import { type Extra, mergeConfig } from './merge.ts'
import type { KnownOptions } from './options.ts'
import { parse, render } from './oslo-conf.ts'
import { isSecretIn } from './secret-options.ts'
import { siblingsAt } from './siblings.ts'

/** A config file's path and text. */
export interface ConfText {
  readonly path: string
  readonly text: string
}

export interface Translation {
  /** the service's name in the options' history */
  readonly project: string
  /** releases by name or number; `from`: if known */
  readonly from?: string
  readonly to: string
  /** the service's main file first */
  readonly files: readonly ConfText[]
  /** the operator's decisions on this service */
  readonly choices?: readonly Choice[]
  /** options that this pair of releases also needs, by file path */
  readonly extra?: Readonly<Record<string, readonly Extra[]>>
}

export interface Translated extends ConfText {
  readonly decisions: readonly Decision[]
}

/**
 * Config files translated for a newer release, without any machine: what a swap does, except addresses, host names and
 * what the target's packages set. Pure; throws SwapError (exit 2) naming file, line and section when oslo.config could
 * not read one.
 */
export const translate = ({ project, from, to, files, choices = [], extra }: Translation): readonly Translated[] => {
  const options = recordedOptions(project, to)
  const map = { pairs: new Map<string, string>(), stays: new Set<string>() }
  for (const { path, text } of files) parse(text, path)
  const merged = files.map(({ path, text }, index) => {
    const more = {
      ...(index === 0 ? { main: true as const } : {}),
      siblings: siblingsAt(files, index),
      ...(from === undefined ? {} : { from }),
      extra: extra?.[path] ?? [],
    }
    const base = { path, project, source: text, target: '', options, map, release: to, choices }
    return { path, ...mergeConfig({ ...base, ...more }) }
  })
  refuseUnanswered(
    choices,
    merged.flatMap(({ used }) => used),
    files.map(({ path }) => path),
  )
  return merged
}

/** What a translation leaves to the operator. */
export const leftOpen = (to: string): readonly string[] => [
  'Addresses and host names are not changed: a swap maps those in its settings',
  ...(findRelease(to).index === recorded.index
    ? []
    : [
        `swapctl derives the options of ${to} from those of ${recorded.id}: compare the result with a sample file of ${to}`,
      ]),
]

/** A config file for display: secrets masked by what is known of the options and by their names, and in URLs. */
export const withoutSecrets = (text: string, known: KnownOptions): string =>
  render({
    parts: parse(text).parts.map((part) =>
      part.kind === 'option'
        ? { ...part, raw: `${part.key} = ${masked(part.text, isSecretIn(known, part.key))}\n` }
        : part,
    ),
  })

import { given } from './decide.ts'
import { masked } from './decision.ts'
import type { KnownOptions } from './options.ts'
import { type ConfFile, getAll, parse, sameSection, sections } from './oslo-conf.ts'
import { isSecretIn, registerHidden } from './secret-options.ts'

/** An option that differs between two files; without `was` or `is` one of them lacks it. Secrets are masked. */
export interface Change {
  readonly section: string
  readonly key: string
  readonly was?: string
  readonly is?: string
}

const shownIn = (file: ConfFile, section: string, key: string, secret: boolean): string | undefined => {
  const values = getAll(file, section, key)
  return values.length === 0 ? undefined : values.map((value) => masked(value, secret)).join(' | ')
}

const same = (a: ConfFile, b: ConfFile, section: string, key: string): boolean =>
  getAll(a, section, key).join('\n') === getAll(b, section, key).join('\n')

/** The options that two files set differently, by section; comments and order are ignored. `known`: for secrets. */
export const changesOf = (source: string, target: string, known: KnownOptions): readonly Change[] => {
  const [before, after] = [parse(source), parse(target)]
  for (const file of [before, after]) registerHidden(file, known)
  const names = sections({ parts: [...before.parts, ...after.parts] })
  return names.flatMap((section) => {
    const keys = [...given(before), ...given(after)].filter((one) => sameSection(one.section, section))
    return [...new Set(keys.map(({ key }) => key))]
      .filter((key) => !same(before, after, section, key))
      .map((key) => {
        const [was, is] = [before, after].map((file) => shownIn(file, section, key, isSecretIn(known, key)))
        return { section, key, ...(was === undefined ? {} : { was }), ...(is === undefined ? {} : { is }) }
      })
  })
}

const lines = (sign: string, key: string, value: string | undefined): readonly string[] =>
  value === undefined ? [] : [`${sign} ${key} = ${value.replaceAll('\n', `\n${sign}     `)}`]

/** Changes as a diff under both files' paths. */
export const changesText = (path: string, changes: readonly Change[]): string => {
  const titled = changes.map((change, index) => {
    const title = changes[index - 1]?.section === change.section ? [] : [`[${change.section}]`]
    return [...title, ...lines('-', change.key, change.was), ...lines('+', change.key, change.is)].join('\n')
  })
  return [`--- source:${path}`, `+++ target:${path}`, ...titled].join('\n')
}

import type { AskSource } from '../services/options.ts'
import { type ConfFile, get } from './oslo-conf.ts'

/** Another config file of the same service on the source. */
export interface Sibling {
  readonly path: string
  readonly file: ConfFile
  /** read after this file: what it sets wins */
  readonly later: boolean
}

interface Files {
  readonly source: ConfFile
  readonly siblings: readonly Sibling[]
}

/** What the service reads: the options of all its files in their order, so that the last value of one is in force. */
export const effectiveOf = ({ source, siblings }: Files): ConfFile => ({
  parts: [
    ...siblings.filter(({ later }) => !later).flatMap(({ file }) => file.parts),
    ...source.parts,
    ...siblings.filter(({ later }) => later).flatMap(({ file }) => file.parts),
  ],
})

/** This file first, then the one read before it, and so on back, and at last those read after it. */
export const nearestFirst = ({ source, siblings }: Files): readonly ConfFile[] => [
  source,
  ...siblings
    .filter(({ later }) => !later)
    .toReversed()
    .map(({ file }) => file),
  ...siblings.filter(({ later }) => later).map(({ file }) => file),
]

/** Values as written, from the first of these files that has the option. */
export const plainly =
  (files: readonly ConfFile[]): AskSource =>
  (sections, name) =>
    files.flatMap((file) => sections.map((section) => get(file, section, name))).find((value) => value !== undefined)

/** The path of the last other file that sets an option. */
export const alsoIn = ({ siblings }: Pick<Files, 'siblings'>, section: string, name: string): string | undefined =>
  siblings.findLast(({ file }) => get(file, section, name) !== undefined)?.path

/** The other ones of files that a service reads in this order. */
export const siblingsAt = <T>(files: readonly T[], at: number): readonly (T & { readonly later: boolean })[] =>
  files.flatMap((file, index) => (index === at ? [] : [{ ...file, later: index > at }]))

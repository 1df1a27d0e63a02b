import type { Action } from '../engine/step.ts'
import { SwapError } from '../errors.ts'
import type { Host } from '../hosts/host.ts'
import type { Recipe } from '../services/recipe.ts'
import type { Choice } from '../settings/choices.ts'
import type { AddressMap } from './addresses.ts'
import { refuseUnanswered } from './chosen.ts'
import type { Decision } from './decision.ts'
import { type Extra, type Merged, mergeConfig } from './merge.ts'
import type { KnownOptions } from './options.ts'
import { notCarriedOf } from './policy.ts'
import { readText } from './read-text.ts'
import { siblingsAt } from './siblings.ts'
import { carryWorkers } from './uwsgi.ts'

export interface ConfigInput {
  readonly recipe: Pick<Recipe, 'name' | 'user' | 'etc' | 'files' | 'release'>
  readonly source: Host
  readonly target: Host
  readonly map: AddressMap
  /** what the target knows under the namespaces of all the recipe's files */
  readonly options: KnownOptions
  /** the target release, by name or number */
  readonly release: string
  /** the source's release, if known */
  readonly from?: string
  /** options that this pair of releases needs, by file path */
  readonly extra?: Readonly<Record<string, readonly Extra[]>>
  /** the operator's decisions on this service */
  readonly choices?: readonly Choice[]
}

/** A file's text on the source and as planned on the target. */
export interface Carried {
  readonly path: string
  readonly source: string
  readonly text: string
}

export interface ConfigAnswer {
  readonly actions: readonly Action[]
  readonly decisions: readonly Decision[]
  readonly files: readonly Carried[]
}

/** One file on both sides. Undefined: the file does not exist. */
export interface FilePair {
  readonly path: string
  readonly source: string
  /** the target's current file */
  readonly now: string | undefined
  /** the saved copy of the packages' file, once there is one */
  readonly packaged: string | undefined
  /** 'nova:nova 640' from stat, of the target's current file */
  readonly stat: string | undefined
}

/** The packages' own file, saved beside the merged one: every merge starts from it, so a second run changes nothing. */
const packagedCopy = (path: string): string => `${path}.swapctl-packaged`

/**
 * Saves the packages' file before the first change. Copies and renames, so that an interrupted copy never looks
 * complete.
 */
const keep = ({ path, now, packaged }: FilePair): readonly Action[] => {
  const copy = packagedCopy(path)
  if (packaged !== undefined) return []
  if (now === undefined) return [{ kind: 'write', on: 'target', path: copy, mode: '0600', content: '' }]
  return [
    { kind: 'exec', on: 'target', argv: ['cp', '-a', '--', path, `${copy}.part`] },
    { kind: 'exec', on: 'target', argv: ['mv', '-n', '--', `${copy}.part`, copy] },
  ]
}

/** The actions that put `text` into the target's file; none when it is there already. */
export const fileActions = (pair: FilePair, text: string, user: string): readonly Action[] => {
  if (pair.now === text) return []
  const [owner = '', mode = ''] = (pair.stat ?? `root:${user} 640`).trim().split(' ')
  const write = { kind: 'write', on: 'target', path: pair.path, owner, mode: mode.padStart(4, '0') } as const
  return [...keep(pair), { ...write, content: text, secret: true }]
}

const statOf = async (host: Host, path: string): Promise<string> => {
  const { code, stdout, stderr } = await host.run({ argv: ['stat', '-c', '%U:%G %a', '--', path], limit: 60 })
  if (code !== 0)
    throw new SwapError(host.name, `stat ${path}: ${stderr.trim()}`, 'Check the file; nothing was changed')
  return stdout
}

const pairOf = async ({ source, target }: ConfigInput, path: string): Promise<FilePair | undefined> => {
  const theirs = await readText(source, path)
  if (theirs === undefined) return undefined
  const now = await readText(target, path)
  const packaged = await readText(target, packagedCopy(path))
  return { path, source: theirs, now, packaged, stat: now === undefined ? undefined : await statOf(target, path) }
}

/**
 * Reads a service's files on both sides; returns the writes that put the source's configuration into the target's
 * files, and every decision. A file missing on the source is left as it is on the target. Reads only. Throws SwapError
 * (exit 2) for an operator's decision that matches nothing in any file.
 */
export const configActions = async (input: ConfigInput): Promise<ConfigAnswer> => {
  const { recipe, choices = [] } = input
  const pairs: FilePair[] = []
  for (const { path } of recipe.files) {
    const pair = await pairOf(input, path)
    if (pair !== undefined) pairs.push(pair)
  }
  const merged = pairs.map((pair) => ({ pair, ...mergePair(input, pair, pairs) }))
  refuseUnanswered(
    choices,
    merged.flatMap(({ used }) => used),
    pairs.map(({ path }) => path),
  )
  const workers = await workerActions(input)
  return {
    actions: [...merged.flatMap(({ pair, text }) => fileActions(pair, text, recipe.user)), ...workers.actions],
    decisions: [
      ...merged.flatMap(({ decisions }) => decisions),
      ...workers.decisions,
      ...(await notCarriedOf(input.source, recipe.etc, recipe.release.project)),
    ],
    files: merged.map(({ pair: { path, source }, text }) => ({ path, source, text })),
  }
}

const mergePair = (input: ConfigInput, pair: FilePair, pairs: readonly FilePair[]): Merged => {
  const { recipe, options, map, release, from, choices } = input
  const { path, source } = pair
  const texts = pairs.map((one) => ({ path: one.path, text: one.source }))
  const siblings = siblingsAt(texts, pairs.indexOf(pair))
  return mergeConfig({
    ...{ path, project: recipe.name, source, siblings, options, map, release },
    target: pair.packaged ?? pair.now ?? '',
    extra: input.extra?.[path] ?? [],
    ...(from === undefined ? {} : { from }),
    ...(path === recipe.files[0]?.path ? { main: true as const } : {}),
    ...(choices === undefined ? {} : { choices }),
  })
}

/** The same for files that set the number of processes of an API, if both sides have them. */
const workerActions = async (
  input: ConfigInput,
): Promise<{ readonly actions: readonly Action[]; readonly decisions: readonly Decision[] }> => {
  const actions: Action[] = []
  const decisions: Decision[] = []
  const argv = ['find', ...input.recipe.etc, '-maxdepth', '1', '-name', '*uwsgi.ini'] as const
  const { stdout } = await input.target.run({ argv: [...argv], limit: 60 })
  for (const path of stdout.split('\n').filter((line) => line !== '')) {
    const pair = await pairOf(input, path)
    if (pair === undefined) continue
    const carried = carryWorkers(path, pair.source, pair.packaged ?? pair.now ?? '')
    actions.push(...fileActions(pair, carried.text, input.recipe.user))
    decisions.push(...carried.decisions)
  }
  return { actions, decisions }
}

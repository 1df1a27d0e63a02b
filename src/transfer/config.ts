import type { Action } from '../engine/step.ts'
import { SwapError } from '../errors.ts'
import type { Host } from '../hosts/host.ts'
import type { Recipe } from '../services/recipe.ts'
import type { AddressMap } from './addresses.ts'
import type { Decision } from './decision.ts'
import { type Extra, mergeConfig } from './merge.ts'
import type { KnownOptions } from './options.ts'
import { notCarriedOf } from './policy.ts'
import { readText } from './read-text.ts'
import { carryWorkers } from './uwsgi.ts'

export interface ConfigInput {
  readonly recipe: Pick<Recipe, 'name' | 'user' | 'etc' | 'files'>
  readonly source: Host
  readonly target: Host
  readonly map: AddressMap
  /** what the target knows under the namespaces of all files of the recipe together */
  readonly options: KnownOptions
  /** the release to arrive at, by name or number */
  readonly release: string
  /** what this pair of releases needs, by the file's path */
  readonly extra?: Readonly<Record<string, readonly Extra[]>>
}

/** One file as both sides have it. Undefined: there is no such file. */
export interface FilePair {
  readonly path: string
  readonly source: string
  /** the target's file as it is now */
  readonly now: string | undefined
  /** the copy kept of the file as the packages brought it, once there is one */
  readonly packaged: string | undefined
  /** 'nova:nova 640', as stat prints it; of the target's file now */
  readonly stat: string | undefined
}

/** The packages' own file, kept beside the merged one: every merge starts from it, so a second run changes nothing. */
const packagedCopy = (path: string): string => `${path}.swapctl-packaged`

/** Keeps the packages' file before the first change. In two moves: an interrupted copy is never taken for the whole. */
const keep = ({ path, now, packaged }: FilePair): readonly Action[] => {
  const copy = packagedCopy(path)
  if (packaged !== undefined) return []
  if (now === undefined) return [{ kind: 'write', on: 'target', path: copy, mode: '0600', content: '' }]
  return [
    { kind: 'exec', on: 'target', argv: ['cp', '-a', '--', path, `${copy}.part`] },
    { kind: 'exec', on: 'target', argv: ['mv', '-n', '--', `${copy}.part`, copy] },
  ]
}

/** What it takes to have `text` in the target's file: nothing when it is there already. Pure. */
export const fileActions = (pair: FilePair, text: string, user: string): readonly Action[] => {
  if (pair.now === text) return []
  const [owner = '', mode = ''] = (pair.stat ?? `root:${user} 640`).trim().split(' ')
  const write = { kind: 'write', on: 'target', path: pair.path, owner, mode: mode.padStart(4, '0') } as const
  return [...keep(pair), { ...write, content: text, secret: true }]
}

const statOf = async (host: Host, path: string): Promise<string> => {
  const { code, stdout, stderr } = await host.run({ argv: ['stat', '-c', '%U:%G %a', '--', path], limit: 60 })
  if (code !== 0)
    throw new SwapError(host.name, `stat ${path}: ${stderr.trim()}`, 'Look at the file; nothing was changed')
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
 * Reads a service's files on both sides and gives the writes that put the source's configuration into the target's
 * files, and every decision about it. A file that the source does not have stays as the target has it. Reads only.
 */
export const configActions = async (
  input: ConfigInput,
): Promise<{ readonly actions: readonly Action[]; readonly decisions: readonly Decision[] }> => {
  const { recipe, options, map, release } = input
  const actions: Action[] = []
  const decisions: Decision[] = []
  for (const { path } of recipe.files) {
    const pair = await pairOf(input, path)
    if (pair === undefined) continue
    const target = pair.packaged ?? pair.now ?? ''
    const extra = input.extra?.[path] ?? []
    const merged = mergeConfig({
      path,
      project: recipe.name,
      source: pair.source,
      target,
      options,
      map,
      release,
      extra,
    })
    actions.push(...fileActions(pair, merged.text, recipe.user))
    decisions.push(...merged.decisions)
  }
  const workers = await workerActions(input)
  return {
    actions: [...actions, ...workers.actions],
    decisions: [...decisions, ...workers.decisions, ...(await notCarriedOf(input.source, recipe.etc))],
  }
}

/** The same for the files that say how many processes serve an API, where both sides have them. */
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

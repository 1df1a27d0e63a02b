import { defaultStageRate } from '../config.ts'
import type { Context } from '../context.ts'
import { type Action, nothing, type Step } from '../engine/step.ts'
import { SwapError } from '../errors.ts'
import { limitsOf } from '../limits.ts'
import type { Recipe } from '../services/recipe.ts'
import type { FileStorage } from '../services/storage.ts'
import { readable } from '../text/units.ts'
import { askKeys, askStage, bytesOf, compareStage, listed, type Stage } from './stage.ts'
import { askPresent, fileStorage, notShared, type Stored } from './stored.ts'
import { stageReceiveScript, stageSendScript, stageStoreScript } from './tree-scripts.ts'
import { newCopying } from './tree-steps.ts'
import { markAction } from './trees.ts'

/** Keys are few and rotate: the freeze copies them. */
const isStageable = ({ ahead }: Pick<FileStorage, 'ahead'>): boolean => ahead === true

/**
 * Copies a service's files to a staging place beside the target's trees, while the source serves. Only what changes
 * afterwards is left to the freeze. Repeated, it brings the copy up to date. There is nothing to undo: no service sees
 * the place, a later migrate uses it, and `finish` removes it.
 */
export const stageSteps = (context: Context, recipe: Recipe): readonly Step[] => {
  const all = fileStorage(recipe).filter(isStageable)
  if (all.length === 0) return []
  const { hosts } = context
  const own = async (): Promise<readonly Stored[]> => {
    const trees = (await askPresent(hosts('source'), recipe)).filter(({ storage }) => isStageable(storage))
    const paths =
      trees.length === 0
        ? []
        : await notShared(
            hosts,
            trees.map(({ path }) => path),
          )
    return trees.filter(({ path }) => paths.includes(path))
  }
  return [
    {
      id: `${recipe.name}/stage`,
      phase: 'stage',
      service: recipe.name,
      title: `Copy ${all.map(({ path }) => path).join(', ')} ahead, while the source serves`,
      after: [],
      changes: ['target'],
      run: async () => (await Promise.all((await own()).map((tree) => actionsFor(context, tree)))).flat(),
      undo: nothing,
      proof: async () => {
        const says = await Promise.all((await own()).map((tree) => proofOf(context, tree)))
        return says.join('; ') || 'nothing to stage: none of them exists on the source, or both sides have the same'
      },
    },
  ]
}

const look = async ({ hosts }: Context, path: string) => {
  const [seen, stage] = await Promise.all([askKeys(hosts('source'), path), askStage(hosts('target'), path)])
  return { seen, stage, ...compareStage(seen, stage.files ?? []) }
}

const actionsFor = async (context: Context, tree: Stored): Promise<readonly Action[]> => {
  const { path } = tree
  const { stage, fetch, gone } = await look(context, path)
  const bytes = bytesOf(fetch)
  refuseFull(path, bytes, stage)
  const unproved = (stage.files ?? []).some(({ state }) => state === 'unproved')
  const copying = newCopying(context)
  const rate = String(context.config.stageRate ?? defaultStageRate)
  const { checksum } = limitsOf(context.config)
  const store = (call: string, stdin?: string): Action => ({
    kind: 'exec',
    on: 'target',
    argv: ['bash', '-c', stageStoreScript, 'stage', path, call],
    ...(stdin === undefined ? {} : { stdin }),
    limit: checksum,
  })
  return [
    ...(gone.length === 0 ? [] : [store('drop', listed(gone))]),
    ...(fetch.length === 0
      ? []
      : [
          markAction(tree, copying),
          {
            kind: 'pipe' as const,
            from: {
              on: 'source' as const,
              argv: ['bash', '-c', stageSendScript, 'stage', path, copying.nonce, rate] as const,
              stdin: listed(fetch.map((file) => file.path)),
            },
            to: {
              on: 'target' as const,
              argv: ['bash', '-c', stageReceiveScript, 'stage', path, copying.nonce, String(bytes)] as const,
            },
            what: path,
            bytes,
          },
        ]),
    ...(fetch.length === 0 && !unproved ? [] : [store('prove')]),
  ]
}

const refuseFull = (path: string, bytes: number, { free }: Stage): void => {
  if (bytes < free) return
  throw new SwapError(
    'target',
    `${readable(bytes)} are still to be staged for ${path}, and ${readable(free)} are free on its file system`,
    'Free space there, or give the target a larger disk',
  )
}

const proofOf = async (context: Context, { path }: Stored): Promise<string> => {
  const { seen, stage, same } = await look(context, path)
  if (seen.length > 0 && stage.files === undefined)
    return `${path}: both sides have the same directory, nothing to stage`
  const proved = new Set(stage.files?.flatMap((file) => (file.state === 'unproved' ? [] : [file.path])))
  const ready = same.filter((file) => proved.has(file.path))
  const left = seen.length - ready.length
  const rest = left === 0 ? '' : `; ${left} that changed meanwhile are left to the freeze`
  return `${path}: ${ready.length} of ${seen.length} files are staged, ${readable(bytesOf(ready))}, read back with the SHA-256 of the source${rest}`
}

import { defaultStageRate } from '../config.ts'
import type { Context } from '../context.ts'
import { type Action, nothing, type Step } from '../engine/step.ts'
import { SwapError } from '../errors.ts'
import type { Recipe } from '../services/recipe.ts'
import { some } from '../text/some.ts'
import { readable } from '../text/units.ts'
import { lvmStorage } from './stored.ts'
import { askVolumes, bytesOf, type Pair, refuseWrongTarget, type Volumes } from './volume-ask.ts'
import {
  askCopied,
  askUnable,
  type Copied,
  chunkAction,
  forgetActions,
  newWord,
  updateActions,
} from './volume-chunks.ts'
import { createArgv, isRight, stageMark } from './volumes.ts'

const ending = '/stage-volumes'

/** Whether a step of phase 'stage' copies volumes, rather than files. */
export const isVolumeStage = (id: string): boolean => id.endsWith(ending)

/** A volume that the target had without our mark is not `stage`'s to write. */
const isOurs = ({ target }: Pair): boolean => target === undefined || target.staged

const nameOf = ({ source }: Pick<Pair, 'source'>): string => `${source.group}/${source.name}`

/**
 * Makes a service's LVM volumes on the target, as migrate would, and copies them while the source serves. Repeated, it
 * brings the copies up to date by chunks. There is nothing to undo: no service on the target knows them, and a later
 * migrate uses them.
 */
export const stageVolumeSteps = (context: Context, recipe: Recipe): readonly Step[] => {
  const [storage] = lvmStorage(recipe)
  if (storage === undefined) return []
  const asked = () => askVolumes(context, recipe, storage)
  let word = ''
  return [
    {
      id: `${recipe.name}${ending}`,
      phase: 'stage',
      service: recipe.name,
      title: 'Copy the volumes stored on the source ahead, while it serves',
      after: [],
      changes: ['target'],
      run: async () => {
        word = newWord()
        return actionsFor(context, await asked(), word)
      },
      undo: nothing,
      proof: async () => proofOf(context, await asked(), word),
    },
  ]
}

const actionsFor = async (context: Context, volumes: Volumes, word: string): Promise<readonly Action[]> => {
  const ours = volumes.pairs.filter(isOurs)
  await refuseWrongTarget(context, { ...volumes, pairs: ours })
  if (ours.length > 0 && (await askUnable(context.hosts)) !== undefined) return forgetActions(volumes.orphans)
  const copy = { rate: context.config.stageRate ?? defaultStageRate, word }
  const copies = ours.flatMap((pair): readonly Action[] => {
    const { source, target } = pair
    if (target !== undefined) return updateActions(pair, copy)
    const argv = createArgv(source, source.group, '--addtag', stageMark)
    return [{ kind: 'exec', on: 'target', argv }, chunkAction({ ...copy, volume: source, isNew: true })]
  })
  return [...forgetActions(volumes.orphans), ...copies]
}

const proofOf = async ({ hosts }: Context, { pairs, orphans }: Volumes, word: string): Promise<string> => {
  if (pairs.length === 0) return 'nothing to stage: the source has no volumes of its own'
  const unable = await askUnable(hosts)
  if (unable !== undefined) return `nothing was staged: ${unable}`
  const gone = orphans.map((source) => nameOf({ source }))
  const says = stagedText(pairs, await askCopied(hosts('target'), word))
  return gone.length === 0 ? says : `${says}; deleted meanwhile, their copies go with the next stage: ${some(gone)}`
}

/** Throws SwapError naming a copy that is not there although it was made. */
const stagedText = (pairs: readonly Pair[], copiedOf: (volume: Pair['source']) => Copied | undefined): string => {
  const found = pairs.map((pair) => ({ pair, copied: copiedOf(pair.source) }))
  const whole = found.filter(({ copied }) => copied?.end === 'whole')
  const lost = whole.find(({ pair: { target } }) => target?.staged !== true)
  if (lost !== undefined)
    throw new SwapError(
      'target',
      `the copy of ${nameOf(lost.pair)} is gone, or has lost its mark ${stageMark}`,
      'Find out who removed it, then run the same command again',
    )
  const staged = whole.map(({ pair }) => pair).filter(({ source, target }) => isRight(source, target))
  const copied = whole.reduce((sum, one) => sum + (one.copied?.bytes ?? 0), 0)
  const foreign = pairs.filter((pair) => !isOurs(pair)).map(nameOf)
  const left = pairs.filter((pair) => isOurs(pair) && !staged.includes(pair)).map(nameOf)
  return [
    `${staged.length} of ${pairs.length} volumes are staged, ${readable(bytesOf(staged.map(({ source }) => source)))}, of which ${readable(copied)} differed and were copied now`,
    ...(left.length === 0 ? [] : [`changed meanwhile, so left to the freeze: ${some(left)}`]),
    ...(foreign.length === 0
      ? []
      : [`on the target before and not made by swapctl stage, so left to the freeze: ${some(foreign)}`]),
  ].join('; ')
}

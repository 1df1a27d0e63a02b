import type { Context } from '../context.ts'
import { type Action, nothing, type Of, type Step } from '../engine/step.ts'
import { SwapError } from '../errors.ts'
import type { Host } from '../hosts/host.ts'
import { limitsOf } from '../limits.ts'
import type { Recipe } from '../services/recipe.ts'
import type { LvmStorage } from '../services/storage.ts'
import { some } from '../text/some.ts'
import { readable } from '../text/units.ts'
import { lvmStorage } from './stored.ts'
import { askVolumes, bytesOf, type Pair, refuseWrongTarget, type Volumes } from './volume-ask.ts'
import { askCopied, askUnable, forgetActions, newWord, updateActions } from './volume-chunks.ts'
import { isRight, stageMark, type Volume, volumeActions, volumeDigest } from './volumes.ts'

/**
 * Copies volumes in LVM groups of the source to the target's groups of the same name; [] for services without. What
 * the target has already, from `stage` or from an earlier migrate, is brought up to date by chunks.
 */
export const volumeSteps = (context: Context, recipe: Recipe, after: readonly string[]): readonly Step[] => {
  const [storage] = lvmStorage(recipe)
  if (storage === undefined) return []
  const copy = copyStep(context, recipe, storage)
  return [{ ...copy, after }, ownStep(context, recipe, { storage, after: copy.id })]
}

const copyStep = (context: Context, recipe: Recipe, storage: LvmStorage): Omit<Step, 'after'> => {
  const asked = () => askVolumes(context, recipe, storage)
  let last: Attempt | undefined
  return {
    id: `${recipe.name}/volumes`,
    phase: 'migrate',
    service: recipe.name,
    title: 'Copy the volumes stored on the source, byte for byte',
    seconds: 30,
    changes: ['target'],
    run: async () => {
      const volumes = await asked()
      last = await newAttempt(context, volumes.pairs)
      return actionsFor(context, volumes, last)
    },
    undo: nothing,
    proof: async () => {
      const volumes = await asked()
      const says = await prove(context, volumes)
      return says + (last === undefined ? '' : await attemptText(context, volumes.pairs, last))
    },
  }
}

/** What `stage` made belongs to the service from here on; after a revert it is a copy that `stage` may change again. */
const ownStep = (
  context: Context,
  recipe: Recipe,
  { storage, after }: { readonly storage: LvmStorage; readonly after: string },
): Step => {
  const marked = async () =>
    (await askVolumes(context, recipe, storage)).pairs.flatMap(({ target }) => (target?.staged ? [target] : []))
  const change = (option: string, { group, name }: Volume): Of<'exec'> => ({
    kind: 'exec',
    on: 'target',
    argv: ['lvchange', option, stageMark, `${group}/${name}`],
  })
  return {
    id: `${recipe.name}/volumes-own`,
    phase: 'migrate',
    service: recipe.name,
    title: 'Take the mark of swapctl stage off the volumes',
    after: [after],
    changes: ['target'],
    run: async () => (await marked()).map((volume) => change('--deltag', volume)),
    // The new cloud may have deleted some of them.
    undo: async () => (await marked()).map((volume) => ({ ...change('--addtag', volume), mayRefuse: true })),
    proof: async () => {
      const [first] = await marked()
      if (first === undefined) return 'no volume has it'
      throw new SwapError(
        'target',
        `${first.group}/${first.name} still has the LVM tag ${stageMark}`,
        `Remove it: lvchange --deltag ${stageMark} ${first.group}/${first.name}`,
      )
    },
  }
}

/** How the volumes of one run are copied. */
interface Attempt {
  readonly word: string
  /** why none is compared by chunks */
  readonly unable: string | undefined
}

/** What the target has in the right size, or made by `stage`, need not be copied whole. */
const isKept = ({ source, target }: Pair): boolean => isRight(source, target) || target?.staged === true

const newAttempt = async ({ hosts }: Context, pairs: readonly Pair[]): Promise<Attempt> => ({
  word: newWord(),
  unable: pairs.some(isKept) ? await askUnable(hosts) : undefined,
})

const actionsFor = async (
  context: Context,
  volumes: Volumes,
  { word, unable }: Attempt,
): Promise<readonly Action[]> => {
  await refuseWrongTarget(context, volumes)
  const copies = volumes.pairs.flatMap((pair) =>
    isKept(pair) && unable === undefined
      ? updateActions(pair, { word })
      : volumeActions(pair.source, pair.source.group, pair.target),
  )
  return [...forgetActions(volumes.orphans), ...copies]
}

/** What of the volumes that were there had to be copied; '' when there were none. */
const attemptText = async ({ hosts }: Context, pairs: readonly Pair[], { word, unable }: Attempt): Promise<string> => {
  if (unable !== undefined) return `; all were copied whole, because ${unable}`
  const copiedOf = await askCopied(hosts('target'), word)
  const kept = pairs.flatMap(({ source }) => {
    const copied = copiedOf(source)
    return copied === undefined ? [] : [{ size: source.size, bytes: copied.bytes }]
  })
  if (kept.length === 0) return ''
  const bytes = kept.reduce((sum, one) => sum + one.bytes, 0)
  return `; ${kept.length} were there before, of which ${readable(bytes)} of ${readable(bytesOf(kept))} differed and were copied`
}

const digest = async (host: Host, volume: Volume, limit: number): Promise<string> => {
  const { code, stdout, stderr } = await host.run({ argv: volumeDigest(volume, volume.group, volume.size), limit })
  if (code === 0) return stdout.trim()
  throw new SwapError(
    host.name,
    `cannot read ${volume.group}/${volume.name}: ${stderr.trim()}`,
    'Activate it: lvchange -ay',
  )
}

const same = async (context: Context, volume: Volume): Promise<boolean> => {
  const [here, there] = await Promise.all([
    digest(context.hosts('source'), volume, limitsOf(context.config).checksum),
    digest(context.hosts('target'), volume, limitsOf(context.config).checksum),
  ])
  return here === there
}

const prove = async (context: Context, { pairs, missing }: Volumes): Promise<string> => {
  if (pairs.length === 0 && missing.length > 0)
    throw new SwapError(
      'source',
      `the database has ${missing.length} volumes, but none of them is in its volume group: ${some(missing)}`,
      'Activate the volume group on the source (vgs, lvs), then run the same command again',
    )
  const wrong: string[] = []
  for (const { source, target } of pairs)
    if (target === undefined || !(await same(context, source))) wrong.push(`${source.group}/${source.name}`)
  if (wrong.length > 0)
    throw new SwapError(
      'target',
      `volumes that differ from the source: ${wrong.join(', ')}`,
      'Check that nothing writes to them on the source (is tgt stopped?), then run the same command again',
    )
  const snapshots = pairs.filter(({ source }) => source.origin !== '').length
  const copies = snapshots === 0 ? '' : `; ${snapshots} snapshots became whole copies`
  const lost = missing.length === 0 ? '' : `; missing on the source, so not copied: ${some(missing)}`
  return `${pairs.length} volumes equal by SHA-256${copies}${lost}`
}

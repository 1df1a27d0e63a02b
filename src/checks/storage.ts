import { block, type Check, type CheckContext, type Message, warn } from '../ask/check.ts'
import { recipes as known } from '../services/index.ts'
import type { Recipe } from '../services/recipe.ts'
import type { FileStorage } from '../services/storage.ts'
import { some } from '../text/some.ts'
import { askExpected, askMissing, outside } from '../transfer/expected.ts'
import { askEmpty, askRows, askTrees, fileStorage } from '../transfer/stored.ts'
import { missingVolumes } from '../transfer/volume-ask.ts'

type Look = (context: CheckContext, recipe: Recipe, storage: FileStorage) => Promise<readonly Message[]>

const databasesOf = ({ survey }: CheckContext, recipe: Recipe) =>
  survey.services.find(({ name }) => name === recipe.name)?.databases ?? []

const each =
  (look: Look): Check['ask'] =>
  async (context) =>
    (
      await Promise.all(
        context.recipes.flatMap((recipe) => fileStorage(recipe).map((storage) => look(context, recipe, storage))),
      )
    ).flat()

/** Paths that the database names. */
const named = async (context: CheckContext, recipe: Recipe, storage: FileStorage): Promise<readonly string[]> =>
  storage.expects?.as === 'url' ? askExpected(context.hosts('source'), databasesOf(context, recipe), storage) : []

const elsewhere: Look = async (context, recipe, storage) => {
  const paths = await named(context, recipe, storage)
  if (paths.length === 0) return []
  const trees = await askTrees(context.hosts('source'), recipe)
  const found = outside(paths, trees)
  return found.length === 0
    ? []
    : [
        block(
          `${found.length} ${storage.expects?.what} of ${recipe.name} are in files outside of ${trees.map(({ path }) => path).join(', ') || 'every directory that its settings name'}: ${some(found)}`,
          "swapctl copies only the directories in the service's settings: move the files there and correct the rows, or add the directory to the settings",
        ),
      ]
}

const missing: Look = async (context, recipe, storage) => {
  const paths = await named(context, recipe, storage)
  const found = await askMissing(context.hosts('source'), storage, [], paths, 50)
  return found.length === 0
    ? []
    : [
        block(
          `${found.length} of ${paths.length} ${storage.expects?.what} in the database of ${recipe.name} have no file on the source: ${some(found)}`,
          'Mount the missing file system, or delete what is lost; migrate fails if none of the files exists',
        ),
      ]
}

const others: Look = async (context, recipe, { others }) => {
  if (others === undefined) return []
  const rows = await askRows<{ it: string; n: number }>(context.hosts('source'), databasesOf(context, recipe), others)
  return rows.length === 0
    ? []
    : [
        warn(
          `${recipe.name} keeps data elsewhere, which swapctl does not copy: ${rows.map(({ it, n }) => `${n} in ${it}`).join(', ')}`,
          'Make sure that the target reaches the same store with the same keyring or login: swapctl copies the settings, not keyrings or data',
        ),
      ]
}

const empty: Check['ask'] = async ({ hosts, recipes }) => {
  const source = hosts('source')
  const found = (await Promise.all(recipes.map((recipe) => askEmpty({ source, on: source }, recipe)))).flat()
  return found.map(({ path, what }) =>
    block(
      `${path} has no files on the source, but the ${what} must be there`,
      'Find out which directory the service really reads (--config-dir, an option in another file), or mount the missing file system',
    ),
  )
}

/** How an operator deletes volumes whose data is lost. */
const discards = known
  .flatMap(({ storage }) => storage.flatMap((one) => (one.kind === 'lvm' ? [one.discard] : [])))
  .join(', ')

const volumes: Check['ask'] = async (context) => {
  const found = await Promise.all(context.recipes.map((recipe) => missingVolumes(context, recipe)))
  const ids = found.flat()
  return ids.length === 0
    ? []
    : [
        block(
          `${ids.length} volumes or snapshots in the database have no logical volume on the source: ${some(ids)}`,
          `Activate the volume group if it is inactive (vgs, lvs); delete lost volumes: ${discards}. With --accept swapctl skips them`,
        ),
      ]
}

/** Whether the files that the databases know are where they are carried from. */
export const storageChecks: readonly Check[] = [
  {
    id: 'storage/elsewhere',
    level: 'block',
    title: 'Files named in the databases are in directories that swapctl copies',
    source: 'glance_store/_drivers/filesystem.py filesystem_store_datadir, filesystem_store_datadirs',
    why: 'The files would be missing on the target.',
    remedy: 'Move the files and fix the rows, or add the directory to the settings.',
    before: ['prepare', 'stage', 'migrate'],
    ask: each(elsewhere),
  },
  {
    id: 'storage/missing',
    level: 'block',
    title: 'Files named in the databases exist',
    source: 'glance/location.py',
    why: 'These images or backups are already lost, and migrate would fail.',
    remedy: 'Mount the missing file system, or delete what is lost.',
    before: ['prepare', 'stage', 'migrate'],
    ask: each(missing),
  },
  {
    id: 'storage/empty',
    level: 'block',
    title: 'Directories of required keys contain keys',
    source: 'https://docs.openstack.org/keystone/latest/admin/fernet-token-faq.html',
    why: 'The keys are somewhere else and would not be copied: every token would become invalid at the cutover.',
    remedy: 'Set the directory in the settings of the service, or mount the missing file system.',
    ask: empty,
  },
  {
    id: 'storage/other-stores',
    level: 'warn',
    title: 'No data is in stores that swapctl does not copy',
    source: 'glance_store documentation, backends: location URIs',
    why: 'The data could not be reached from the target.',
    remedy: 'Make sure that the target reaches the same store with the same keyring or login.',
    ask: each(others),
  },
  {
    id: 'storage/volumes',
    level: 'block',
    title: 'Volumes in the database exist in their volume group',
    source: 'cinder/volume/drivers/lvm.py',
    why: 'The volume is already lost, and migrate could not copy it.',
    remedy: `Activate the volume group, or delete what is lost with ${discards}.`,
    ask: volumes,
  },
]

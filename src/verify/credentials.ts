import { mayPass } from '../api/request.ts'
import type { Api } from '../api/session.ts'
import type { Context } from '../context.ts'
import { applicationOf, type Kept, openWithApplication, savedCredentials } from '../credentials/kept.ts'
import { SwapError } from '../errors.ts'
import { identity } from '../services/index.ts'
import type { Recipe } from '../services/recipe.ts'
import { openAdmin } from '../source/inventory.ts'
import type { Difference } from './difference.ts'
import { differenceText } from './text.ts'

const isOver = ({ expires }: Kept): boolean => new Date(expires) <= new Date()

/** The service that has credentials, and its keys. */
const keeperOf = (recipes: readonly Recipe[]): Recipe | undefined => recipes.find(({ tokens }) => tokens !== undefined)

const keysOf = (recipe: Recipe): string => recipe.tokens?.credentialKeys ?? recipe.etc[0] ?? recipe.name

/**
 * Differences between the target's and the source's keystone for the application credential and the encrypted
 * credential created before the freeze. [] when they could not be created: `credentialsSay` reports that.
 */
export const credentialDifferences = async (
  context: Context,
  recipes: readonly Recipe[],
): Promise<readonly Difference[]> => {
  const recipe = keeperOf(recipes)
  const kept = await savedCredentials(context)
  if (recipe === undefined || kept === undefined) return []
  const difference = (where: string, says: string, look: string): Difference => ({
    part: 'credentials',
    service: recipe.name,
    where,
    says,
    look,
  })
  const [application, credential] = [
    kept.application === undefined || isOver(kept) ? undefined : await askApplication(context, kept, kept.application),
    kept.credential === undefined ? undefined : await askCredential(context, kept, kept.credential.id),
  ]
  return [
    ...(application === undefined
      ? []
      : [
          difference(
            `application credential ${kept.name}`,
            application,
            `journalctl -u ${recipe.target[0]?.units[0] ?? recipe.name} -n 50; on the target; its row: application_credential of the database ${recipe.databases[0]?.name}`,
          ),
        ]),
    ...(credential === undefined
      ? []
      : [
          difference(
            `encrypted credential ${kept.credential?.id}`,
            credential,
            `cd ${keysOf(recipe)} && sha256sum * && ls -l; on both sides: the keys must be the same, with owner and mode; the row's key_hash is the sha1sum of one`,
          ),
        ]),
  ]
}

/** A keystone that is not running yet has refused nothing. */
const refusal = (error: unknown): string => {
  if (error instanceof SwapError && error.final) return error.message
  throw error
}

/** undefined: the login works, with the same project and roles. */
const askApplication = async (
  context: Context,
  kept: Kept,
  known: NonNullable<Kept['application']>,
): Promise<string | undefined> => {
  const entered = await openWithApplication(context, 'target', known.id, kept).catch(refusal)
  if (typeof entered === 'string') return `cannot log in: ${entered}`
  const now = applicationOf(known.id, entered)
  if (now.project !== known.project) return `was for project ${known.project} and is now for ${now.project}`
  return JSON.stringify(now.roles) === JSON.stringify(known.roles)
    ? undefined
    : `had the roles ${known.roles.join(', ')} and now has ${now.roles.join(', ') || 'none'}`
}

/** undefined: it reads back unchanged. Its content is never shown. */
const askCredential = async (context: Context, { blob }: Kept, id: string): Promise<string | undefined> => {
  const api: Api = await openAdmin(context, 'target')
  const path = `/v3/credentials/${id}`
  const { status, body } = await api.ask('identity', path)
  if (status === 404) return 'is missing'
  // keystone answers 500 when none of its keys fits.
  if (status !== 500 && mayPass(status))
    throw new SwapError(`target: GET ${path}`, `answered ${status}`, `Read the log of ${identity.name} on the target`)
  if (status !== 200) return `cannot be read, ${identity.name} answered ${status}: it was encrypted with other keys`
  return (JSON.parse(body) as { credential: { blob: string } }).credential.blob === blob
    ? undefined
    : 'has another value than was written'
}

/** What was not tried, and why. */
export const credentialsSay = async (context: Context, recipes: readonly Recipe[]): Promise<string> => {
  if (keeperOf(recipes) === undefined) return 'these services have no credentials'
  const kept = await savedCredentials(context)
  if (kept === undefined) return 'no credentials from before the freeze were kept'
  const over = kept.application !== undefined && isOver(kept)
  return [...(over ? [`the application credential expired at ${kept.expires}`] : []), ...kept.missing].join('; ')
}

/**
 * For a service that has just started: what to report about the credentials. Throws SwapError that names the keys when
 * they fail.
 */
export const proveCredentials = async (context: Context, recipe: Recipe): Promise<readonly string[]> => {
  const kept = await savedCredentials(context)
  if (recipe.tokens === undefined || kept === undefined) return []
  const found = await credentialDifferences(context, [recipe])
  if (found.length > 0)
    throw new SwapError(
      'target',
      `credentials made on the source before the freeze fail on the target:\n  ${found.map(differenceText).join('\n  ')}`,
      `Compare ${keysOf(recipe)} of both sides: every key must be there, owned by ${recipe.user}`,
      { final: true },
    )
  const good = [
    ...(kept.application === undefined || isOver(kept) ? [] : ['an application credential']),
    ...(kept.credential === undefined ? [] : ['an encrypted credential']),
  ]
  const says = await credentialsSay(context, [recipe])
  return [
    ...(good.length === 0
      ? []
      : [`${good.join(' and ')} from before the freeze ${good.length > 1 ? 'work' : 'works'}`]),
    ...(says === '' ? [] : [says]),
  ]
}

import { join } from 'node:path'
import { type Api, openApi } from '../api/session.ts'
import type { Context } from '../context.ts'
import type { HostName } from '../hosts/host.ts'
import { limitsOf } from '../limits.ts'
import { adminAccess } from '../source/inventory.ts'
import { readState } from '../state.ts'
import { registerSecret } from '../text/secrets.ts'
import type { Secrets } from './program.ts'

/** What `migrate` has made on the source, in the state directory for the operator alone. */
export interface Kept extends Secrets {
  readonly name: string
  /** undefined: none could be made */
  readonly application?: Application
  readonly credential?: { readonly id: string }
  /** what could not be made, and why, one line each */
  readonly missing: readonly string[]
}

/** Where an application credential leads, as the source saw it. */
export interface Application {
  readonly id: string
  readonly project: string
  /** ids, sorted */
  readonly roles: readonly string[]
}

export const keptPath = ({ config }: Pick<Context, 'config'>): string => join(config.state, 'credentials.json')

/** How the admin logs in, for the way back: it reads this file, so that the journal holds no password. */
export const accessPath = ({ config }: Pick<Context, 'config'>): string => join(config.state, 'access.json')

/** 'swapctl-NAME': what both are known by, on either side. */
export const credentialsName = ({ config }: Pick<Context, 'config'>): string => `swapctl-${config.name}`

/** undefined: none were made, or revert or finish has deleted them. */
export const savedCredentials = async (context: Context): Promise<Kept | undefined> => {
  const kept = await readState<Kept>(keptPath(context))
  for (const one of kept === undefined ? [] : [kept.secret, kept.blob]) registerSecret(one)
  return kept
}

/** Logs in with the application credential. Throws SwapError with the status keystone answered. */
export const openWithApplication = async (
  context: Context,
  on: HostName,
  id: string,
  { secret }: Secrets,
): Promise<Api> =>
  openApi(context.hosts(on), await adminAccess(context), {
    application: { id, secret },
    limit: limitsOf(context.config).api,
  })

/** Where a login with it leads. */
export const applicationOf = (id: string, { scope }: Pick<Api, 'scope'>): Application => ({
  id,
  project: scope.project,
  roles: scope.roles.map((role) => role.id).toSorted(),
})

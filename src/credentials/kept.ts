import { join } from 'node:path'
import { type Api, openApi } from '../api/session.ts'
import type { Context } from '../context.ts'
import type { HostName } from '../hosts/host.ts'
import { limitsOf } from '../limits.ts'
import { adminAccess } from '../source/inventory.ts'
import { readState } from '../state.ts'
import { registerSecret } from '../text/secrets.ts'
import type { Secrets } from './program.ts'

/** The credentials that `migrate` created on the source; kept in the state directory, readable by the operator only. */
export interface Kept extends Secrets {
  readonly name: string
  /** undefined: it could not be created */
  readonly application?: Application
  readonly credential?: { readonly id: string }
  /** what could not be created, and why, one line each */
  readonly missing: readonly string[]
}

/** The scope of an application credential, as the source reported it. */
export interface Application {
  readonly id: string
  readonly project: string
  /** ids, sorted */
  readonly roles: readonly string[]
}

export const keptPath = ({ config }: Pick<Context, 'config'>): string => join(config.state, 'credentials.json')

/** The admin's login for the undo, which reads this file so that the journal contains no password. */
export const accessPath = ({ config }: Pick<Context, 'config'>): string => join(config.state, 'access.json')

/** 'swapctl-NAME': the name of both credentials on both sides. */
export const credentialsName = ({ config }: Pick<Context, 'config'>): string => `swapctl-${config.name}`

/** undefined: none were created, or revert or finish has deleted them. */
export const savedCredentials = async (context: Context): Promise<Kept | undefined> => {
  const kept = await readState<Kept>(keptPath(context))
  for (const one of kept === undefined ? [] : [kept.secret, kept.blob]) registerSecret(one)
  return kept
}

/** Logs in with the application credential. Throws SwapError with keystone's status. */
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

/** The scope of a login. */
export const applicationOf = (id: string, { scope }: Pick<Api, 'scope'>): Application => ({
  id,
  project: scope.project,
  roles: scope.roles.map((role) => role.id).toSorted(),
})

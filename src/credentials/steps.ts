import { randomBytes } from 'node:crypto'
import type { Answer } from '../api/request.ts'
import type { Api } from '../api/session.ts'
import type { Context } from '../context.ts'
import type { Action, Step } from '../engine/step.ts'
import { SwapError } from '../errors.ts'
import { limitsOf } from '../limits.ts'
import { identity } from '../services/index.ts'
import { adminAccess, openAdmin } from '../source/inventory.ts'
import { stateText } from '../state.ts'
import { registerSecret } from '../text/secrets.ts'
import {
  accessPath,
  applicationOf,
  credentialsName,
  type Kept,
  keptPath,
  openWithApplication,
  savedCredentials,
} from './kept.ts'
import { credentialType, forgetAction, type Given, makeAction, type Secrets } from './program.ts'

/** Days after which the application credential expires; longer than any swap that is not abandoned. */
const life = 7

const secretsFor = (name: string): Secrets => {
  const [secret, random] = [randomBytes(48).toString('base64url'), randomBytes(48).toString('base64url')]
  for (const one of [secret, random]) registerSecret(one)
  return {
    secret,
    blob: JSON.stringify({ made_by: name, random }),
    expires: new Date(Date.now() + life * 86_400_000).toISOString().replace('Z', '000Z'),
  }
}

/** Services that issue tokens also have application credentials and encrypted ones. */
const issues = ({ recipes }: Context): boolean => recipes.some(({ tokens }) => tokens !== undefined)

/**
 * Before the freeze an application credential and an encrypted credential are created on the source, to be tried on the
 * target before it serves. This is swapctl's only write to the old cloud's data; the undo finds both by name.
 */
export const credentialsSteps = (context: Context, after: readonly string[]): readonly Step[] =>
  issues(context) ? [credentialsStep(context, after)] : []

const credentialsStep = (context: Context, after: readonly string[]): Step => {
  const name = credentialsName(context)
  const [file, access] = [keptPath(context), accessPath(context)]
  return {
    id: 'freeze/credentials',
    phase: 'migrate',
    title: `Make the application credential and the encrypted credential ${name} on the source, to test them on the target`,
    after,
    changes: ['source', 'local'],
    run: async () => {
      const secrets = secretsFor(name)
      const content = `${JSON.stringify({ name, ...secrets, missing: [] } satisfies Kept)}\n`
      return [
        { kind: 'write', on: 'local', path: file, mode: '0600', content, secret: true },
        await accessAction(context, secrets),
        makeAction(access, name),
      ]
    },
    undo: async () => [
      forgetAction('source', access, name),
      { kind: 'remove', on: 'local', path: file },
      { kind: 'remove', on: 'local', path: access },
    ],
    keeps: [{ path: file, ask: async () => stateText(await found(context)) }],
    proof: async () => madeText(await mustHave(context)),
  }
}

const mustHave = async (context: Context): Promise<Kept> => {
  const kept = await savedCredentials(context)
  if (kept === undefined) throw new SwapError('local', `${keptPath(context)} is gone`, 'Run the same command again')
  return kept
}

/** Saves the program's input, which the undo needs as well. */
const accessAction = async (context: Context, made: Secrets): Promise<Action> => {
  const access = await adminAccess(context)
  const { identity: url, login, tls } = access
  const given: Given = { identity: url, service: identity.name, login, tls, limit: limitsOf(context.config).api, made }
  return {
    kind: 'write',
    on: 'local',
    path: accessPath(context),
    mode: '0600',
    content: `${JSON.stringify(given)}\n`,
    secret: true,
  }
}

/**
 * What was created, as the source reports it: the application credential works, and the encrypted one reads back
 * unchanged.
 */
const found = async (context: Context): Promise<Kept> => {
  const secrets = await mustHave(context)
  const api = await openAdmin(context, 'source')
  const [application, credential] = [await findApplication(api, secrets), await findCredential(api, secrets)]
  const scope = 'id' in application ? await openWithApplication(context, 'source', application.id, secrets) : undefined
  return {
    ...secrets,
    ...('id' in application && scope !== undefined ? { application: applicationOf(application.id, scope) } : {}),
    ...('id' in credential ? { credential } : {}),
    missing: [application, credential].flatMap((one) => ('why' in one ? [one.why] : [])),
  }
}

type Found = { readonly id: string } | { readonly why: string }

const findApplication = async (api: Api, { name }: Kept): Promise<Found> => {
  const answer = await api.ask('identity', `/v3/users/${api.scope.user}/application_credentials`)
  if (answer.status === 404)
    return { why: `no application credential: ${identity.name} supports them since queens (v3.10)` }
  if (answer.status !== 200) return { why: `no application credential: ${unlisted(answer)}` }
  const all = listed<{ id: string; name: string }>(answer, 'application_credentials')
  const id = all.find((one) => one.name === name)?.id
  return id === undefined
    ? { why: `no application credential: ${identity.name} does not let the openrc file's account make one (403)` }
    : { id }
}

const findCredential = async (api: Api, { blob }: Kept): Promise<Found> => {
  const answer = await api.ask('identity', `/v3/credentials?type=${credentialType}`)
  if (answer.status !== 200) return { why: `no encrypted credential: ${unlisted(answer)}` }
  const id = listed<{ id: string; blob: string }>(answer, 'credentials').find((one) => one.blob === blob)?.id
  return id === undefined
    ? { why: `no encrypted credential: ${identity.name} does not let the openrc file's account make one (403)` }
    : { id }
}

/** It was created but cannot be listed, so it could not be found again for deletion. */
const unlisted = ({ status }: Answer): string =>
  `${identity.name} does not let the openrc file's account list them (${status}), so none was made`

const madeText = ({ application, credential, expires, missing }: Kept): string =>
  [
    ...(application === undefined ? [] : [`application credential ${application.id}, good until ${expires}`]),
    ...(credential === undefined ? [] : [`encrypted credential ${credential.id}`]),
    ...missing,
  ].join('; ')

/**
 * The credentials are no longer needed and are deleted from the new cloud. In the old one they stay, like everything
 * else since the freeze.
 */
export const forgetSteps = (context: Context): readonly Step[] => (issues(context) ? [forgetStep(context)] : [])

const forgetStep = (context: Context): Step => {
  const name = credentialsName(context)
  return {
    id: 'finish/credentials',
    phase: 'finish',
    title: `Delete the application credential and the encrypted credential ${name} on the target`,
    after: [],
    changes: ['target', 'local'],
    run: async () => {
      const possible = (await savedCredentials(context)) !== undefined && (await isReadable(context))
      return [
        ...(possible ? [forgetAction('target', accessPath(context), name)] : []),
        { kind: 'remove', on: 'local', path: keptPath(context) },
        { kind: 'remove', on: 'local', path: accessPath(context) },
      ]
    },
    undo: async () => [],
    proof: async () => {
      if (!(await isReadable(context)))
        return `left there, because the source's openrc file cannot be read. As the new cloud's admin: openstack application credential delete ${name}; openstack credential list --type ${credentialType}, then delete each one listed`
      const left = await leftOn(await openAdmin(context, 'target'), name)
      if (left.length > 0)
        throw new SwapError('target', `still there: ${left.join(', ')}`, `Read the log of ${identity.name}`)
      return 'none left'
    },
  }
}

/** Both credentials that still exist, by name. */
const leftOn = async (api: Api, name: string): Promise<readonly string[]> => {
  const [applications, credentials] = [
    await api.ask('identity', `/v3/users/${api.scope.user}/application_credentials`),
    await api.ask('identity', `/v3/credentials?type=${credentialType}`),
  ]
  return [
    ...listed<{ name: string }>(applications, 'application_credentials')
      .filter((one) => one.name === name)
      .map(() => `application credential ${name}`),
    ...listed<{ id: string; blob: string }>(credentials, 'credentials')
      .filter(({ blob }) => blob.includes(`"${name}"`))
      .map(({ id }) => `credential ${id}`),
  ]
}

/** The items of a list; [] when it is refused or unknown. */
const listed = <T>({ status, body }: Answer, list: string): readonly T[] =>
  status === 200 ? ((JSON.parse(body) as Record<string, readonly T[]>)[list] ?? []) : []

/** The source may have been switched off for good. */
const isReadable = async (context: Context): Promise<boolean> => {
  try {
    await adminAccess(context)
    return true
  } catch (error) {
    if (error instanceof SwapError) return false
    throw error
  }
}

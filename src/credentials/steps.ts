import { randomBytes } from 'node:crypto'
import type { Answer, Api } from '../api.ts'
import type { Context } from '../context.ts'
import type { Action, Step } from '../engine/step.ts'
import { SwapError } from '../errors.ts'
import { openAdmin, readOpenrc } from '../source/inventory.ts'
import { writeState } from '../verify/state.ts'
import { applicationOf, credentialsName, type Kept, keptPath, openWithApplication, savedCredentials } from './kept.ts'
import { credentialType, forgetAction, forgetThere, makeAction, type Secrets } from './program.ts'

/** Longer than any swap takes that is not given up; by itself the application credential ends then. Days. */
const life = 7

const secretsFor = (name: string): Secrets => ({
  secret: randomBytes(48).toString('base64url'),
  blob: JSON.stringify({ made_by: name, random: randomBytes(48).toString('base64url') }),
  expires: new Date(Date.now() + life * 86_400_000).toISOString().replace('Z', '000Z'),
})

/** Services that issue tokens know of application credentials and encrypted ones, too. */
const issues = ({ recipes }: Context): boolean => recipes.some(({ tokens }) => tokens !== undefined)

/**
 * Before the freeze an application credential and an encrypted credential are made on the source, that can be tried on the
 * target before it serves. The one write of swapctl to the old cloud's data: it is taken back by what is found by its name.
 */
export const credentialsSteps = (context: Context, after: readonly string[]): readonly Step[] =>
  issues(context) ? [credentialsStep(context, after)] : []

const credentialsStep = (context: Context, after: readonly string[]): Step => {
  const name = credentialsName(context)
  const { openrc } = context.config.source
  const file = keptPath(context)
  return {
    id: 'freeze/credentials',
    phase: 'migrate',
    title: `Make the application credential and the encrypted credential ${name} on the source, to be tried on the target`,
    after,
    run: async () => {
      const secrets = secretsFor(name)
      const content = `${JSON.stringify({ name, ...secrets, missing: [] } satisfies Kept)}\n`
      return [
        { kind: 'write', on: 'local', path: file, mode: '0600', content, secret: true },
        makeAction(openrc, name, secrets),
      ]
    },
    undo: async () => [forgetAction(openrc, name), { kind: 'remove', on: 'local', path: file }],
    proof: async () => {
      const kept = await found(context)
      await writeState(file, kept)
      return madeText(kept)
    },
  }
}

/** What was made, as the source knows it: the application credential has let in, and the credential reads as it was written. */
const found = async (context: Context): Promise<Kept> => {
  const secrets = await savedCredentials(context)
  if (secrets === undefined) throw new SwapError('local', `${keptPath(context)} is gone`, 'Run the same command again')
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
  if (answer.status === 404) return { why: 'no application credential: keystone has known them since queens (v3.10)' }
  if (answer.status !== 200) return { why: `no application credential: ${unlisted(answer)}` }
  const all = listed<{ id: string; name: string }>(answer, 'application_credentials')
  const id = all.find((one) => one.name === name)?.id
  return id === undefined
    ? { why: "no application credential: keystone does not let the openrc file's account make one (403)" }
    : { id }
}

const findCredential = async (api: Api, { blob }: Kept): Promise<Found> => {
  const answer = await api.ask('identity', `/v3/credentials?type=${credentialType}`)
  if (answer.status !== 200) return { why: `no encrypted credential: ${unlisted(answer)}` }
  const id = listed<{ id: string; blob: string }>(answer, 'credentials').find((one) => one.blob === blob)?.id
  return id === undefined
    ? { why: "no encrypted credential: keystone does not let the openrc file's account make one (403)" }
    : { id }
}

/** Made, it could not be found again to be deleted. */
const unlisted = ({ status }: Answer): string =>
  `keystone does not let the openrc file's account list them (${status}), so that none was made`

const madeText = ({ application, credential, expires, missing }: Kept): string =>
  [
    ...(application === undefined ? [] : [`application credential ${application.id}, good until ${expires}`]),
    ...(credential === undefined ? [] : [`encrypted credential ${credential.id}`]),
    ...missing,
  ].join('; ')

/** Both have done their part: they go from the new cloud. In the old one they stay with everything else of the freeze. */
export const forgetSteps = (context: Context): readonly Step[] => (issues(context) ? [forgetStep(context)] : [])

const forgetStep = (context: Context): Step => {
  const name = credentialsName(context)
  return {
    id: 'finish/credentials',
    phase: 'finish',
    title: `Delete the application credential and the encrypted credential ${name} on the target`,
    after: [],
    run: async () => {
      const openrc = (await savedCredentials(context)) === undefined ? undefined : await maybeOpenrc(context)
      const there: readonly Action[] = openrc === undefined ? [] : [forgetThere(openrc, name)]
      return [...there, { kind: 'remove', on: 'local', path: keptPath(context) }]
    },
    undo: async () => [],
    proof: async () => {
      if ((await maybeOpenrc(context)) === undefined)
        return `left there, for the source's openrc file cannot be read; as the new cloud's admin: openstack application credential delete ${name}; openstack credential list --type ${credentialType}, and delete what it shows`
      const left = await leftOn(await openAdmin(context, 'target'), name)
      if (left.length > 0) throw new SwapError('target', `still there: ${left.join(', ')}`, 'Read the log of keystone')
      return 'none is left'
    },
  }
}

/** Both, by what they are known by. */
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

/** The things of a list, none where it is refused or unknown. */
const listed = <T>({ status, body }: Answer, list: string): readonly T[] =>
  status === 200 ? ((JSON.parse(body) as Record<string, readonly T[]>)[list] ?? []) : []

/** The source may be switched off for good by then. */
const maybeOpenrc = async (context: Context): Promise<string | undefined> => {
  try {
    return await readOpenrc(context)
  } catch (error) {
    if (error instanceof SwapError) return undefined
    throw error
  }
}

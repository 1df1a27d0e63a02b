import type { Cloud } from '../cloud.ts'
import { demandNone, differences, type Proof } from '../proof.ts'
import { type Entry, type List, lists, quotas, whole } from './lists.ts'

/** The members that the swap must not change, by 'servers <id>'. */
export type Listing = Readonly<Record<string, string>>

type Keep = (list: Pick<List, 'what' | 'id' | 'fields'>, entries: readonly Entry[]) => void

/** Everything the admin can list at the catalog's addresses; services in parallel. */
export const askListing = async (cloud: Cloud): Promise<Listing> => {
  const found: Record<string, string> = {}
  const keep: Keep = (list, entries) => {
    for (const entry of entries)
      found[`${list.what} ${list.id?.(entry) ?? entry['id']}`] = JSON.stringify(
        list.fields.map((field) => sorted(entry[field])),
      )
  }
  const ask = async (type: string): Promise<void> => {
    for (const list of lists.filter((it) => it.type === type))
      keep(list, ((await cloud.get(type, list.path)) as Record<string, Entry[]>)[list.key] ?? [])
  }
  await ask('identity')
  const users = idsOf(found, 'users')
  const projects = idsOf(found, 'projects')
  const askMore = async (type: string): Promise<void> => {
    await ask(type)
    if (type === 'compute') await askKeypairs(cloud, users, keep)
    for (const { what, path, key, fields } of quotas.filter((it) => it.type === type))
      for (const id of projects)
        keep({ what, id: () => id, fields }, [
          ((await cloud.get(type, `${path}/${id}`)) as Record<string, Entry>)[key] ?? {},
        ])
  }
  const others = new Set(lists.map(({ type }) => type).filter((type) => type !== 'identity'))
  await Promise.all([askCredentials(cloud, users, keep), ...[...others].map(askMore)])
  return found
}

const askCredentials = async (cloud: Cloud, users: readonly string[], keep: Keep): Promise<void> => {
  for (const id of users) {
    const path = `/v3/users/${id}/application_credentials`
    const { application_credentials: all } = (await cloud.get('identity', path)) as { application_credentials: Entry[] }
    keep({ what: 'application credentials', fields: ['name', 'project_id', 'roles'] }, all)
  }
}

const askKeypairs = async (cloud: Cloud, users: readonly string[], keep: Keep): Promise<void> => {
  for (const user of users) {
    const { keypairs } = (await cloud.get('compute', `/os-keypairs?user_id=${user}`)) as {
      keypairs: { keypair: Entry }[]
    }
    const id = ({ name }: Entry): string => encodeURI(`${name}@${user}`)
    keep(
      { what: 'keypairs', id, fields: ['fingerprint', 'public_key'] },
      keypairs.map(({ keypair }) => keypair),
    )
  }
}

export const idsOf = (listing: Listing, what: string): readonly string[] =>
  Object.keys(listing)
    .filter((name) => name.startsWith(`${what} `))
    .map((name) => name.slice(what.length + 1))

/** Lists inside an item may be in any order. */
const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted).sort((a, b) => (whole(a as Entry) < whole(b as Entry) ? -1 : 1))
  if (typeof value !== 'object' || value === null) return value ?? null
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => name !== 'links')
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, inner]) => [name, sorted(inner)]),
  )
}

export const countsOf = (listing: Listing): string => {
  const counts = new Map<string, number>()
  for (const name of Object.keys(listing)) {
    const what = name.startsWith('role assignments') ? 'role assignments' : name.slice(0, name.lastIndexOf(' '))
    counts.set(what, (counts.get(what) ?? 0) + 1)
  }
  return [...counts].map(([what, count]) => `${count} ${what}`).join(', ')
}

/** What swapctl creates in keystone for its own proof: an application credential and a credential of its type. */
const isOwn = ([name, fields]: [string, string]): boolean =>
  (name.startsWith('application credentials ') && fields.startsWith('["swapctl-')) ||
  (name.startsWith('credentials ') && fields.startsWith('["swapctl"'))

/** A listing without these, which exist from migrate to revert or finish. */
export const withoutOwn = (listing: Listing): Listing =>
  Object.fromEntries(Object.entries(listing).filter((entry) => !isOwn(entry)))

/** The APIs list the same as before, member by member. `of`: which part. */
export const sameListing = (
  name: string,
  cloud: () => Promise<Cloud>,
  before: Listing,
  of: (listing: Listing) => Listing = (listing) => listing,
): Proof => ({
  name,
  run: async () => {
    const after = of(await askListing(await cloud()))
    demandNone('listed otherwise than before', differences(before, after))
    return `${Object.keys(after).length} things equal: ${countsOf(after)}`
  },
})

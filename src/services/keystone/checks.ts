import { block, type Check, type CheckContext, warn } from '../../ask/check.ts'
import { askMaybe, lines, type Question } from '../../ask/question.ts'
import { askThings } from '../../hops/revision.ts'
import { withDatabase } from '../../hosts/db.ts'
import { name } from '../../text/sql.ts'
import { get, parse } from '../../transfer/oslo-conf.ts'
import { askTrees } from '../../transfer/stored.ts'

/**
 * Digests of the keys: keystone stores with each credential the digest of the key that encrypted it. The keys
 * themselves are not read.
 */
const digests = (paths: readonly string[]): Question<readonly string[]> => ({
  argv: ['find', ...paths.map((path) => `${path}/`), '-type', 'f', '-exec', 'sha1sum', '{}', '+'],
  parse: (text) => lines(text).map((line) => line.slice(0, 40)),
})

/** Where the source's settings put the keys whose digests are in its database. */
const keyTrees = async ({ hosts, recipes }: CheckContext): Promise<readonly string[]> =>
  (await Promise.all(recipes.map((recipe) => askTrees(hosts('source'), recipe))))
    .flat()
    .filter(({ storage }) => storage.expects?.as === 'sha1')
    .map(({ path }) => path)

const credentials: Check['ask'] = async (context) => {
  const { survey, hosts } = context
  const found = survey.services.flatMap(({ databases }) => databases).find(({ repo }) => repo === 'keystone')
  if (found === undefined) return []
  const used = await withDatabase(hosts('source'), { readOnly: true }, async (db) => {
    const things = await askThings(db, found.name, ['credential'])
    if (!things.has('credential.key_hash')) return []
    return db.rows<{ digest: string; n: number }>(
      `SELECT key_hash AS digest, COUNT(*) AS n FROM ${name(found.name, 'credential')} WHERE key_hash IS NOT NULL GROUP BY key_hash`,
    )
  })
  if (used.length === 0) return []
  const places = await keyTrees(context)
  const there = places.length === 0 ? [] : ((await askMaybe(hosts('source'), digests(places))) ?? [])
  const lost = used.filter(({ digest }) => !there.includes(digest)).reduce((sum, { n }) => sum + Number(n), 0)
  return lost === 0
    ? []
    : [
        block(
          `${lost} credentials are encrypted with a key that is not in ${places.join(', ')} of the source`,
          'Nobody can read them without it, on either side. Look for the key elsewhere ([credential] key_repository of every node, backups) and restore it; use --accept only if the key is lost for good',
        ),
      ]
}

const provider: Check['ask'] = async ({ hosts }) => {
  const text = await askMaybe(hosts('source'), { argv: ['cat', '/etc/keystone/keystone.conf'], parse: (all) => all })
  const found = text === undefined ? undefined : get(parse(text), 'token', 'provider')
  return found === undefined || ['fernet', 'jws'].includes(found)
    ? []
    : [
        warn(
          `token provider '${found}' no longer exists in the new release: all tokens become invalid at the cutover`,
          'Tell the users, or change to fernet on the old controller first',
        ),
      ]
}

/** Keys and tokens that must stay valid. */
export const keystoneChecks: readonly Check[] = [
  {
    id: 'keystone/credential-keys',
    level: 'block',
    title: 'The keys of all credentials are on the source',
    source: 'keystone/credential/providers/fernet/core.py primary_key_hash',
    why: 'Nobody could read these credentials.',
    remedy: 'Put the missing key back into the key repository.',
    ask: credentials,
  },
  {
    id: 'keystone/token-provider',
    level: 'warn',
    title: 'The token provider still exists in the new release',
    source: 'https://docs.openstack.org/keystone/latest/admin/tokens-overview.html: only fernet and jws remain',
    why: 'All tokens become invalid at the cutover.',
    remedy: 'Tell the users, or change to fernet on the old controller first.',
    ask: provider,
  },
]

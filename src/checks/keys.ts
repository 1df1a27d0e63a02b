import { withDatabase } from '../hosts/db.ts'
import { askThings } from '../releases/revision.ts'
import { name } from '../releases/sql.ts'
import { block, type Check } from '../source/check.ts'
import { askMaybe, lines, type Question } from '../source/question.ts'
import { rule } from './rule.ts'

const repository = '/etc/keystone/credential-keys'

/** The digests of the keys: keystone marks each credential with that of the key it was encrypted with. No key is read out. */
const digests: Question<readonly string[]> = {
  argv: ['find', repository, '-type', 'f', '-exec', 'sha1sum', '{}', '+'],
  parse: (text) => lines(text).map((line) => line.slice(0, 40)),
}

const credentials: Check['ask'] = async ({ survey, hosts }) => {
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
  const there = (await askMaybe(hosts('source'), digests)) ?? []
  const lost = used.filter(({ digest }) => !there.includes(digest)).reduce((sum, { n }) => sum + Number(n), 0)
  return lost === 0
    ? []
    : [
        block(
          `${lost} credentials are encrypted with a key that is not in ${repository} of the source`,
          'Nobody can read them, here or there: bring the key back from a backup, or delete these credentials',
        ),
      ]
}

/** Whether what is encrypted can be read with the keys that are carried. */
export const keyChecks: readonly Check[] = [
  rule(
    'keystone/credential-keys',
    'block',
    'Keys of the credentials',
    'keystone/credential/providers/fernet/core.py primary_key_hash; known failure P71',
    credentials,
  ),
]

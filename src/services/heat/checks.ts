import { block, type Check } from '../../ask/check.ts'
import { askMaybe } from '../../ask/question.ts'
import { askThings } from '../../hops/revision.ts'
import { withDatabase } from '../../hosts/db.ts'
import { name } from '../../text/sql.ts'
import { get, parse } from '../../transfer/oslo-conf.ts'

/** Domains are rows of `project` since mitaka, before that of `domain`. */
const stackDomain: Check['ask'] = async ({ hosts, survey }) => {
  const databases = survey.services.flatMap((service) => service.databases)
  const keystone = databases.find(({ repo }) => repo === 'keystone')?.name
  if (keystone === undefined || !databases.some(({ repo }) => repo === 'heat')) return []
  const text = await askMaybe(hosts('source'), { argv: ['cat', '/etc/heat/heat.conf'], parse: (all) => all })
  const id = text === undefined ? undefined : get(parse(text), 'DEFAULT', 'stack_user_domain_id')
  if (id === undefined || id === '') return []
  const known = await withDatabase(hosts('source'), { readOnly: true }, async (db) => {
    const things = await askThings(db, keystone, ['project', 'domain'])
    const tables = [
      ...(things.has('project.is_domain') ? ['project'] : []),
      ...(things.has('domain') ? ['domain'] : []),
    ]
    for (const table of tables)
      if ((await db.rows(`SELECT id FROM ${name(keystone, table)} WHERE id = ? AND enabled = 1`, [id])).length > 0)
        return true
    return tables.length === 0
  })
  return known
    ? []
    : [
        block(
          `stack_user_domain_id in /etc/heat/heat.conf is ${id}, but keystone has no enabled domain with this id`,
          "Set it to heat's domain in openstack domain list: otherwise stacks that create users fail, before and after the swap",
        ),
      ]
}

const heatKey: Check['ask'] = async ({ hosts, survey }) => {
  if (!survey.services.some((one) => one.databases.some(({ repo }) => repo === 'heat'))) return []
  const text = await askMaybe(hosts('source'), { argv: ['cat', '/etc/heat/heat.conf'], parse: (all) => all })
  // oslo.config reads $$ as one dollar sign.
  const key = text === undefined ? undefined : get(parse(text), 'DEFAULT', 'auth_encryption_key')?.replaceAll('$$', '$')
  // Only the key's length is reported.
  return key === undefined || [16, 24, 32].includes(key.length)
    ? []
    : [
        block(
          `auth_encryption_key in /etc/heat/heat.conf has ${key.length} characters; heat-engine needs 16, 24 or 32`,
          'heat-engine of the target would not start: heat-manage update_params re-encrypts with another key',
        ),
      ]
}

/** What heat keeps in keystone, and its key. */
export const heatChecks: readonly Check[] = [
  {
    id: 'heat/stack-domain',
    level: 'block',
    title: "keystone has the domain of heat's users",
    source: 'heat/doc/source/admin/stack-domain-users.rst',
    why: 'Stacks that create users fail.',
    remedy: 'Set stack_user_domain_id in heat.conf to a domain that exists.',
    ask: stackDomain,
  },
  {
    id: 'heat/encryption-key',
    level: 'block',
    title: "heat's encryption key has a valid length",
    source: 'heat/common/config.py',
    why: 'heat-engine does not start on the target.',
    remedy: 'Use a key of 16, 24 or 32 characters; heat-manage update_params re-encrypts.',
    ask: heatKey,
  },
]

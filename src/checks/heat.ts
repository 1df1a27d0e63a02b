import { withDatabase } from '../hosts/db.ts'
import { askThings } from '../releases/revision.ts'
import { name } from '../releases/sql.ts'
import { block, type Check } from '../source/check.ts'
import { askMaybe } from '../source/question.ts'
import { get, parse } from '../transfer/oslo-conf.ts'
import { rule } from './rule.ts'

/** Domains are rows of project since mitaka, and were of domain before. */
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
          `stack_user_domain_id in /etc/heat/heat.conf is ${id}, and keystone has no such domain that is enabled`,
          'Name the domain that openstack domain list shows for heat: stacks with users of their own fail otherwise, here as there',
        ),
      ]
}

/** What heat keeps in keystone. */
export const heatChecks: readonly Check[] = [
  rule(
    'heat/stack-domain',
    'block',
    "The domain of heat's users",
    'heat/doc/source/admin/stack-domain-users.rst; known failure P76',
    stackDomain,
  ),
]

import { inside, type MachineName, sql } from '../machines.ts'
import { demandNone, differences, type Proof } from '../proof.ts'
import { databases } from './source.ts'

/** Where each service's package keeps the migrations that its databases must have passed. */
const scripts: Readonly<Record<(typeof databases)[number], string>> = {
  keystone: 'keystone/common/sql/migrations',
  glance: 'glance/db/sqlalchemy/alembic_migrations',
  placement: 'placement/db/sqlalchemy/alembic',
  nova_api: 'nova/db/api/migrations',
  nova_cell0: 'nova/db/main/migrations',
  nova: 'nova/db/main/migrations',
  neutron: 'neutron/db/migration/alembic_migrations',
  cinder: 'cinder/db/migrations',
  heat: 'heat/db/migrations',
}

/**
 * Reads the scripts' revision chains without running them, and returns their heads. A head on which another one depends
 * is not stored in alembic_version (glance's expand beside its contract).
 */
const heads = `
import ast, glob, json, sys
found = {}
for name, path in json.load(sys.stdin).items():
    known = {}
    for file in glob.glob('/usr/lib/python3/dist-packages/' + path + '/versions/**/*.py', recursive=True):
        said = {}
        for line in ast.parse(open(file).read()).body:
            targets = line.targets if isinstance(line, ast.Assign) else [line.target] if isinstance(line, ast.AnnAssign) else []
            for target in targets:
                if getattr(target, 'id', '') in ('revision', 'down_revision', 'depends_on'):
                    value = ast.literal_eval(line.value)
                    said[target.id] = [value] if isinstance(value, str) else list(value or [])
        for revision in said.get('revision', []):
            known[revision] = said
    before = {r for said in known.values() for r in said.get('down_revision', []) + said.get('depends_on', [])}
    found[name] = sorted(set(known) - before)
print(json.dumps(found))
`

const askHeads = async (): Promise<Readonly<Record<string, readonly string[]>>> =>
  JSON.parse(await inside('target', ['python3', '-c', heads], { stdin: JSON.stringify(scripts) }))

/** Every database is at the newest revision of the code installed on the target. */
export const atHeads = (): Proof => ({
  name: "schema revisions are those of the target's own code",
  run: async () => {
    const wanted = await askHeads()
    const found: string[] = []
    for (const name of databases) {
      const rows = await sql('target', `SELECT version_num FROM \`${name}\`.alembic_version ORDER BY 1`)
      const now = rows.map(([revision]) => revision).join(' ')
      const head = (wanted[name] ?? []).join(' ')
      if (now !== head || head === '') found.push(`${name} is at ${now || 'nothing'}, its code ends at ${head}`)
    }
    demandNone('databases are at other revisions', found)
    return databases.map((name) => `${name} ${(wanted[name] ?? []).join('+')}`).join(', ')
  },
})

/** Number of rows per table, by 'database.table'. */
export const askCounts = async (machine: MachineName): Promise<Readonly<Record<string, string>>> => {
  const list = databases.map((name) => `'${name}'`).join(',')
  const tables = await sql(
    machine,
    `SELECT table_schema, table_name FROM information_schema.tables
     WHERE table_schema IN (${list}) AND table_type = 'BASE TABLE'`,
  )
  const union = tables
    .map(([database, table]) => `SELECT '${database}.${table}', COUNT(*) FROM \`${database}\`.\`${table}\``)
    .join(' UNION ALL ')
  return Object.fromEntries((await sql(machine, union)).map(([name = '', count = '']) => [name, count]))
}

/** Revisions, and tables of services, whose rows the fixups remove and running services write. */
const moved = /\.(alembic_version|migrate_version|services|service|agents|workers)$/

/** Tables to which the newer release adds rows: none may be lost, more may appear. */
const growing: Readonly<Record<string, string>> = {
  'placement.traits': 'names that the newer release knows',
  'placement.resource_classes': 'names that the newer release knows',
  'placement.projects': 'the owner of consumers without one',
  'placement.users': 'the owner of consumers without one',
  'cinder.quota_classes': 'defaults of the newer release',
  'neutron.standardattributes': 'default rules of security groups (2024.1)',
  // nova's online migration fill_virtual_interface_list stores its position in an instance with an all-zero uuid.
  'nova.instances': 'marker of an online migration',
  'nova.instance_extra': 'marker of an online migration',
  'nova.instance_info_caches': 'marker of an online migration',
  'nova.instance_id_mappings': 'marker of an online migration',
  'nova.virtual_interfaces': 'marker of an online migration',
  'nova.security_groups': 'marker of an online migration',
}

/** Every table on both sides has the same number of rows, after schema upgrade and fixups. */
export const sameCounts = (): Proof => ({
  name: 'every table that both sides have holds as many rows',
  run: async () => {
    const [source, target] = [await askCounts('source'), await askCounts('target')]
    const both = Object.keys(source).filter((name) => target[name] !== undefined && !moved.test(name))
    const more = both.filter((name) => growing[name] !== undefined && Number(target[name]) > Number(source[name]))
    const only = (counts: Readonly<Record<string, string>>) =>
      Object.fromEntries(both.filter((name) => !more.includes(name)).map((name) => [name, counts[name] ?? '']))
    demandNone('row counts differ', differences(only(source), only(target)))
    if (both.length < 300) throw new Error(`only ${both.length} tables are on both sides`)
    const rows = both.reduce((sum, name) => sum + Number(source[name]), 0)
    const grown = more.map((name) => `${name} +${Number(target[name]) - Number(source[name])}`)
    return `${both.length} tables with ${rows} rows; the newer release itself added ${grown.join(', ') || 'nothing'}`
  },
})

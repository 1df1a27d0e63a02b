import { inside, type MachineName, sql } from '../machines.ts'
import { demandNone, differences, type Proof } from '../proof.ts'
import { databases } from './source.ts'

/** Where each service's own package keeps the migrations that its databases must have been through. */
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

/** Asks alembic itself, with the scripts as installed: the heads are what "upgraded" means to that release. */
const heads = `
import glob, json, os, sys, warnings
warnings.simplefilter('ignore')
from alembic.config import Config
from alembic.script import ScriptDirectory
found = {}
for name, path in json.load(sys.stdin).items():
    config = Config()
    config.set_main_option('script_location', '/usr/lib/python3/dist-packages/' + path)
    versions = config.get_main_option('script_location') + '/versions'
    config.set_main_option('version_locations', ' '.join(sorted({os.path.dirname(f) for f in glob.glob(versions + '/**/*.py', recursive=True)})))
    found[name] = sorted(ScriptDirectory.from_config(config).get_heads())
print(json.dumps(found))
`

const askHeads = async (): Promise<Readonly<Record<string, readonly string[]>>> =>
  JSON.parse(await inside('target', ['python3', '-c', heads], { stdin: JSON.stringify(scripts) }))

/** Every database stands at the newest revision of the code that is installed on the target. */
export const atHeads = (): Proof => ({
  name: "schema revisions are those of the target's own code",
  run: async () => {
    const wanted = await askHeads()
    const found: string[] = []
    for (const name of databases) {
      const rows = await sql('target', `SELECT version_num FROM \`${name}\`.alembic_version ORDER BY 1`)
      const now = rows.map(([revision]) => revision).join(' ')
      const head = (wanted[name] ?? []).join(' ')
      if (now !== head) found.push(`${name} is at ${now || 'nothing'}, its code ends at ${head}`)
    }
    demandNone('databases are at other revisions', found)
    return databases.map((name) => `${name} ${(wanted[name] ?? []).join('+')}`).join(', ')
  },
})

/** Rows of every table, by 'database.table'. */
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

/**
 * Tables whose rows the newer release's migrations or the repair of rows that name the old machine change on purpose,
 * and those that running services write to.
 */
const moved = /\.(alembic_version|migrate_version|services|service|agents|workers)$/

/** Every table that exists on both sides holds as many rows, after schema upgrade and repairs. */
export const sameCounts = (): Proof => ({
  name: 'every table that both sides have holds as many rows',
  run: async () => {
    const [source, target] = [await askCounts('source'), await askCounts('target')]
    const both = Object.keys(source).filter((name) => target[name] !== undefined && !moved.test(name))
    const only = (counts: Readonly<Record<string, string>>) =>
      Object.fromEntries(both.map((name) => [name, counts[name] ?? '']))
    demandNone('row counts differ', differences(only(source), only(target)))
    const rows = both.reduce((sum, name) => sum + Number(source[name]), 0)
    return `${both.length} tables with ${rows} rows`
  },
})

import { randomBytes } from 'node:crypto'
import { dirname } from 'node:path'
import type { Context } from '../context.ts'
import type { Action } from '../engine/step.ts'
import { name } from '../releases/sql.ts'
import type { Recipe } from '../services/recipe.ts'
import { backupDirectory } from './places.ts'

export interface SchemaAccount {
  /** the file with the URL, for the call's environment */
  readonly environment: string
  readonly create: readonly Action[]
  readonly remove: readonly Action[]
}

const user = "'swapctl_schema'@'localhost'"

/** An account of the target's MariaDB that lives as long as a schema tool runs, with a password that no URL has to quote. */
export const schemaAccount = (context: Context, recipe: Recipe): SchemaAccount | undefined => {
  if (recipe.plainUrl === undefined) return undefined
  const { variable, database } = recipe.plainUrl
  const password = randomBytes(24).toString('hex')
  const environment = `${dirname(backupDirectory(context.config.name))}/schema-${recipe.name}.env`
  const url = `mysql+pymysql://swapctl_schema:${password}@localhost/${database}?unix_socket=/run/mysqld/mysqld.sock&charset=utf8`
  const sql = (secret: boolean, ...statements: readonly string[]): Action => ({
    kind: 'sql',
    on: 'target',
    statements,
    secret,
  })
  return {
    environment,
    create: [
      sql(
        true,
        `CREATE OR REPLACE USER ${user} IDENTIFIED BY '${password}'`,
        `GRANT ALL PRIVILEGES ON ${name(database)}.* TO ${user}`,
      ),
      { kind: 'write', on: 'target', path: environment, mode: '0600', content: `${variable}=${url}\n`, secret: true },
    ],
    remove: [sql(false, `DROP USER IF EXISTS ${user}`), { kind: 'remove', on: 'target', path: environment }],
  }
}

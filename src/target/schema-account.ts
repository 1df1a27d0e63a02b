import { randomBytes } from 'node:crypto'
import { dirname } from 'node:path'
import type { Context } from '../context.ts'
import type { Action } from '../engine/step.ts'
import type { Argv } from '../hosts/host.ts'
import { backupDirectory } from '../places.ts'
import { type Release, releaseNamed } from '../releases/release.ts'
import type { Recipe } from '../services/recipe.ts'
import { databasesAt, type ToolSet, toolsOf, withConfig } from '../services/tools.ts'
import { registerSecret } from '../text/secrets.ts'
import { name } from '../text/sql.ts'
import { toolConfig, urlOf, urlOptionOf, urlProperties } from './tool-config.ts'

/** What the calls of one release's schema tools need besides their arguments. */
export interface SchemaAccount {
  /** properties of the unit */
  readonly properties: readonly string[]
  readonly argv: (argv: Argv) => Argv
  readonly create: readonly Action[]
  readonly remove: readonly Action[]
}

const user = 'swapctl_schema'
const account = `'${user}'@'localhost'`

/** The file's path inside the unit, which has its own /tmp. */
const seen = '/tmp/swapctl-schema.conf'

/** The release since which oslo.config reads OS_GROUP__OPTION from the environment. */
const environmentSince = releaseNamed('stein').index

/** The merged settings are for the target's release: older tools may not be able to log in with them, or even start. */
const suits = ({ plainUrl, url, driver, settings }: ToolSet): boolean =>
  !plainUrl && !url && driver === 'mysql+pymysql' && Object.keys(settings).length === 0

/**
 * A MariaDB account on the target that exists while a release's schema tools run, with a password that needs no quoting
 * in a URL, and matching settings; undefined when the merged settings suffice.
 */
export const schemaAccount = (context: Context, recipe: Recipe, release: Release): SchemaAccount | undefined => {
  const tools = toolsOf(recipe, release)
  if (suits(tools)) return undefined
  const password = randomBytes(24).toString('hex')
  registerSecret(password)
  const databases = databasesAt(recipe, release)
  const folder = dirname(backupDirectory(context.config.name))
  const login = { user, password, tools }
  const carrier =
    release.index >= environmentSince
      ? byEnvironment(
          `${folder}/schema-${recipe.name}.env`,
          variableOf(tools),
          urlOf(login, databases.at(-1)?.name ?? ''),
        )
      : byFile(`${folder}/schema-${recipe.name}.conf`, recipe, release, toolConfig(login, databases))
  const sql = (secret: boolean, ...statements: readonly string[]): Action => ({
    kind: 'sql',
    on: 'target',
    statements,
    secret,
  })
  return {
    ...carrier,
    create: [
      sql(
        true,
        `CREATE OR REPLACE USER ${account} IDENTIFIED BY '${password}'`,
        ...databases.map((one) => `GRANT ALL PRIVILEGES ON ${name(one.name)}.* TO ${account}`),
      ),
      ...carrier.create,
    ],
    remove: [sql(false, `DROP USER IF EXISTS ${account}`), ...carrier.remove],
  }
}

const variableOf = (tools: ToolSet): string => `OS_${urlOptionOf(tools, {}).join('__').toUpperCase()}`

const byEnvironment = (path: string, variable: string, url: string): SchemaAccount => ({
  properties: [`EnvironmentFile=${path}`],
  argv: (argv) => argv,
  create: [
    {
      kind: 'write',
      on: 'target',
      path,
      mode: '0600',
      content: `${variable}=${url}\n`,
      secret: true,
    },
  ],
  remove: [{ kind: 'remove', on: 'target', path }],
})

const byFile = (path: string, recipe: Recipe, release: Release, content: string): SchemaAccount => ({
  properties: [...urlProperties(toolsOf(recipe, release)), 'PrivateTmp=yes', `BindReadOnlyPaths=${path}:${seen}`],
  argv: (argv) => withConfig(argv, recipe, seen),
  create: [
    {
      kind: 'write',
      on: 'target',
      path,
      mode: '0600',
      owner: `${recipe.user}:${recipe.user}`,
      content,
      secret: true,
    },
  ],
  remove: [{ kind: 'remove', on: 'target', path }],
})

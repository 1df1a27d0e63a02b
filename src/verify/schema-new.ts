import { randomBytes } from 'node:crypto'
import { dirname } from 'node:path'
import type { Context } from '../context.ts'
import { type Action, nothing, type Step } from '../engine/step.ts'
import { SwapError } from '../errors.ts'
import { withDatabase } from '../hosts/db.ts'
import type { Argv } from '../hosts/host.ts'
import { limitsOf } from '../limits.ts'
import { releasesOf } from '../releases/position.ts'
import { findRelease } from '../releases/release.ts'
import { askRevision } from '../releases/revision.ts'
import { name } from '../releases/sql.ts'
import type { Database, Recipe } from '../services/recipe.ts'
import type { DatabaseSurvey } from '../survey.ts'
import { backupDirectory } from '../target/places.ts'
import { recreateStatements } from '../transfer/dump.ts'
import { sections } from './data/connections.ts'
import { askPicture } from './schema-picture.ts'
import { savePicture } from './schema-state.ts'
import { newArgv } from './schema-tool.ts'

/** The name of the database that the target's tools fill from nothing, for as long as it takes to look at it. */
const newName = (repo: Database['repo']): string => `swapctl_new_${repo}`

/** One of each line of revisions: nova's cells are all of one. As the source's is, so that new tables get its charset. */
const modelsOf = (context: Context, recipe: Recipe): readonly DatabaseSurvey[] => {
  const all = context.survey.services.find((service) => service.name === recipe.name)?.databases ?? []
  return all.filter((one, index) => all.findIndex((other) => other.repo === one.repo) === index)
}

/**
 * While the source still serves, the target's own tools make each schema from nothing; what it looks like is kept, and
 * the databases are dropped at once. Two steps, so that a look that failed leaves them to be looked at.
 */
export const newSchemaSteps = (context: Context, recipe: Recipe): readonly Step[] =>
  modelsOf(context, recipe).length === 0 ? [] : [makeStep(context, recipe), dropStep(context, recipe)]

const makeStep = (context: Context, recipe: Recipe): Step => ({
  id: `${recipe.name}/schema-new`,
  phase: 'prepare',
  service: recipe.name,
  title: `Make ${namesOf(context, recipe)} from nothing, to know how the schema of ${context.config.release} looks`,
  // Not beside the step that reads every account of the server: these come and go.
  after: ['packages/quiet', 'mariadb/accounts'],
  run: async () => [...create(context, recipe), ...recipe.sync.map((sync) => tool(context, recipe, sync.argv))],
  undo: async () => drop(context, recipe),
  proof: () => look(context, recipe),
})

const dropStep = (context: Context, recipe: Recipe): Step => ({
  id: `${recipe.name}/schema-new-drop`,
  phase: 'prepare',
  service: recipe.name,
  title: `Drop ${namesOf(context, recipe)}`,
  after: [`${recipe.name}/schema-new`],
  run: async () => drop(context, recipe),
  undo: nothing,
})

const namesOf = (context: Context, recipe: Recipe): string =>
  modelsOf(context, recipe)
    .map(({ repo }) => newName(repo))
    .join(', ')

const account = (recipe: Recipe): string => `'swapctl_new_${recipe.name}'@'localhost'`

const configFile = (context: Context, recipe: Recipe): string =>
  `${dirname(backupDirectory(context.config.name))}/schema-new-${recipe.name}.conf`

/** A database and an account of its own, and a config file that knows nothing else. The password needs no quoting in a URL. */
const create = (context: Context, recipe: Recipe): readonly Action[] => {
  const models = modelsOf(context, recipe)
  const password = randomBytes(24).toString('hex')
  const statements = [
    ...models.flatMap((model) => recreateStatements({ ...model, name: newName(model.repo) })),
    `CREATE OR REPLACE USER ${account(recipe)} IDENTIFIED BY '${password}'`,
    // In a grant an underscore stands for any letter.
    ...models.map(
      ({ repo }) => `GRANT ALL PRIVILEGES ON ${name(newName(repo).replaceAll('_', '\\_'))}.* TO ${account(recipe)}`,
    ),
  ]
  const config = models.map(
    ({ repo }) =>
      `[${sections[repo]}]\nconnection = mysql+pymysql://swapctl_new_${recipe.name}:${password}@localhost/${newName(repo)}?unix_socket=/run/mysqld/mysqld.sock&charset=utf8\n`,
  )
  return [
    { kind: 'sql', on: 'target', statements, secret: true },
    {
      kind: 'write',
      on: 'target',
      path: configFile(context, recipe),
      mode: '0600',
      owner: `${recipe.user}:${recipe.user}`,
      content: config.join(''),
      secret: true,
    },
  ]
}

const drop = (context: Context, recipe: Recipe): readonly Action[] => [
  {
    kind: 'sql',
    on: 'target',
    statements: [
      ...modelsOf(context, recipe).map(({ repo }) => `DROP DATABASE IF EXISTS ${name(newName(repo))}`),
      `DROP USER IF EXISTS ${account(recipe)}`,
    ],
  },
  { kind: 'remove', on: 'target', path: configFile(context, recipe) },
]

const tool = (context: Context, recipe: Recipe, argv: Argv): Action => ({
  kind: 'exec',
  on: 'target',
  argv: newArgv(argv, recipe, configFile(context, recipe), limitsOf(context.config).schema),
  limit: limitsOf(context.config).schema,
})

/** A tool that made nothing would make every comparison worthless: the revision has to be the release's. */
const look = async (context: Context, recipe: Recipe): Promise<string> => {
  const release = findRelease(context.config.release)
  return withDatabase(context.hosts('target'), { readOnly: true }, async (db) => {
    const told: string[] = []
    for (const { repo } of modelsOf(context, recipe)) {
      const revision = await askRevision(db, repo, newName(repo))
      const picture = await askPicture(db, repo, newName(repo))
      const tables = Object.keys(picture.tables).length
      if (!releasesOf(repo, revision).includes(release) || tables < 2)
        throw new SwapError(
          `target, ${newName(repo)}`,
          `${recipe.sync.map(({ argv }) => argv[0]).at(-1)} made ${tables} tables at ${revision.join(' + ') || 'no revision'}, which is not ${release.id}'s`,
          `Look at what the tools of ${recipe.name} print on the target, then run the same command again`,
        )
      await savePicture(context, picture)
      told.push(`${repo} ${tables} tables at ${revision.join(' + ')}`)
    }
    return told.join(', ')
  })
}

import { randomBytes } from 'node:crypto'
import { dirname } from 'node:path'
import type { Context } from '../context.ts'
import { type Action, nothing, type Step } from '../engine/step.ts'
import { SwapError } from '../errors.ts'
import { releasesOf } from '../hops/position.ts'
import { askRevision } from '../hops/revision.ts'
import { withDatabase } from '../hosts/db.ts'
import type { Argv } from '../hosts/host.ts'
import { limitsOf } from '../limits.ts'
import { backupDirectory } from '../places.ts'
import { findRelease } from '../releases/release.ts'
import type { RepoName } from '../releases/repo.ts'
import type { Database, Recipe, Sync } from '../services/recipe.ts'
import { type ToolSet, toolsOf } from '../services/tools.ts'
import { stateText } from '../state.ts'
import type { DatabaseSurvey } from '../survey.ts'
import { madeOf } from '../target/made.ts'
import { toolConfig, urlProperties } from '../target/tool-config.ts'
import { name } from '../text/sql.ts'
import { recreateStatements } from '../transfer/dump.ts'
import { askPicture, type Picture } from './schema-picture.ts'
import { picturePath, savedPicture } from './schema-state.ts'
import { newArgv } from './schema-tool.ts'

/** The temporary database that the target's tools create from scratch. */
const newName = (repo: Database['repo']): string => `swapctl_new_${repo}`

type Model = Pick<DatabaseSurvey, 'name' | 'repo' | 'charset' | 'collation'>

/**
 * One per repository that the target's release has: all of nova's cells share one. Created like the source's, so that
 * new tables get its charset.
 */
const modelsOf = (context: Context, recipe: Recipe): readonly Model[] => {
  const there = context.survey.services.find((service) => service.name === recipe.name)?.databases ?? []
  const all: readonly Model[] = [...there, ...madeOf(context, recipe)]
  return all.filter((one, index) => all.findIndex((other) => other.repo === one.repo) === index)
}

/**
 * While the source still serves, the target's own tools create each schema from scratch; a snapshot of it is kept, and
 * the databases are dropped at once. Two steps, so that a failure leaves the databases for inspection.
 */
export const newSchemaSteps = (context: Context, recipe: Recipe): readonly Step[] =>
  modelsOf(context, recipe).length === 0 ? [] : [makeStep(context, recipe), dropStep(context, recipe)]

const makeStep = (context: Context, recipe: Recipe): Step => ({
  id: `${recipe.name}/schema-new`,
  phase: 'prepare',
  service: recipe.name,
  title: `Make ${namesOf(context, recipe)} empty, to learn the schema of ${context.config.release}`,
  seconds: 6 * modelsOf(context, recipe).length,
  // Not in parallel with the step that reads all of the server's accounts, because these are temporary.
  after: ['packages/quiet', 'mariadb/accounts'],
  changes: ['target', 'local'],
  run: async () => [
    ...create(context, recipe),
    ...syncOf(context, recipe).map(({ argv }) => tool(context, recipe, argv)),
  ],
  undo: async () => drop(context, recipe),
  keeps: modelsOf(context, recipe).map(({ repo }) => ({
    path: picturePath(context, repo),
    ask: async () => stateText(await look(context, recipe, repo)),
  })),
  proof: async () => (await Promise.all(modelsOf(context, recipe).map(({ repo }) => told(context, repo)))).join(', '),
})

const toolsHere = ({ config }: Context, recipe: Recipe): ToolSet =>
  toolsOf(recipe, findRelease(config.release, config.file))

const syncOf = (context: Context, recipe: Recipe): readonly Sync[] => toolsHere(context, recipe).sync

const dropStep = (context: Context, recipe: Recipe): Step => ({
  id: `${recipe.name}/schema-new-drop`,
  phase: 'prepare',
  service: recipe.name,
  title: `Drop ${namesOf(context, recipe)}`,
  after: [`${recipe.name}/schema-new`],
  changes: ['target'],
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

/** The section of the service's config file with the URL of a database of that repository. */
export const sectionOf = ({ databases }: Recipe, repo: RepoName): string =>
  databases.find((one) => one.repo === repo)?.section ?? 'database'

/** Its own database and account, and a config file with nothing else. The password needs no quoting in a URL. */
const create = (context: Context, recipe: Recipe): readonly Action[] => {
  const models = modelsOf(context, recipe)
  const password = randomBytes(24).toString('hex')
  const statements = [
    ...models.flatMap((model) => recreateStatements({ ...model, name: newName(model.repo) })),
    `CREATE OR REPLACE USER ${account(recipe)} IDENTIFIED BY '${password}'`,
    // In a grant's pattern an unescaped underscore matches any character.
    ...models.map(
      ({ repo }) => `GRANT ALL PRIVILEGES ON ${name(newName(repo).replaceAll('_', '\\_'))}.* TO ${account(recipe)}`,
    ),
  ]
  const login = { user: `swapctl_new_${recipe.name}`, password, tools: toolsHere(context, recipe) }
  const databases = models.map(({ repo }) => ({ name: newName(repo), section: sectionOf(recipe, repo) }))
  return [
    { kind: 'sql', on: 'target', statements, secret: true },
    {
      kind: 'write',
      on: 'target',
      path: configFile(context, recipe),
      mode: '0600',
      owner: `${recipe.user}:${recipe.user}`,
      content: toolConfig(login, databases),
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
  argv: newArgv(
    argv,
    recipe,
    configFile(context, recipe),
    limitsOf(context.config).schema,
    urlProperties(toolsHere(context, recipe)),
  ),
  limit: limitsOf(context.config).schema,
})

/** If a tool had created nothing, every comparison would be meaningless: the revision must be the release's. */
const look = (context: Context, recipe: Recipe, repo: Database['repo']): Promise<Picture> =>
  withDatabase(context.hosts('target'), { readOnly: true }, async (db) => {
    const release = findRelease(context.config.release)
    const revision = await askRevision(db, repo, newName(repo))
    const picture = await askPicture(db, repo, newName(repo))
    const tables = Object.keys(picture.tables).length
    if (!releasesOf(repo, revision).includes(release) || tables < 2)
      throw new SwapError(
        `target, ${newName(repo)}`,
        `${syncOf(context, recipe)
          .map(({ argv }) => argv[0])
          .at(
            -1,
          )} made ${tables} tables at ${revision.join(' + ') || 'no revision'}, not at the revision of ${release.id}`,
        `Check the output of the tools of ${recipe.name} on the target, then run the same command again`,
      )
    return picture
  })

const told = async (context: Context, repo: Database['repo']): Promise<string> =>
  `${repo} ${Object.keys((await savedPicture(context, repo)).tables).length} tables`

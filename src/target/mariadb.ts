import { listeners } from '../ask/facts.ts'
import { modern, schemas, variables } from '../ask/facts-mariadb.ts'
import { ask, askMaybe } from '../ask/question.ts'
import type { Context } from '../context.ts'
import { type Action, exec, nothing, type Step } from '../engine/step.ts'
import { SwapError } from '../errors.ts'
import type { DatabaseSurvey } from '../survey.ts'
import { name as quoted } from '../text/sql.ts'
import { madeOf } from './made.ts'
import { optionFile, serverDefaults, serverSettings, unmet } from './mariadb-settings.ts'

const file = '/etc/mysql/mariadb.conf.d/99-swapctl.cnf'

export const serverStep = (context: Context): Step => {
  const { hosts } = context
  const settings = async () => {
    const [defaults, heard] = await Promise.all([ask(hosts('target'), serverDefaults), ask(hosts('source'), listeners)])
    return serverSettings(context, defaults, heard)
  }
  const lacking = async () => {
    const running = await askMaybe(hosts('target'), variables)
    return running === undefined ? ['MariaDB does not answer'] : unmet(await settings(), running)
  }
  return {
    id: 'mariadb/server',
    phase: 'prepare',
    title: "Start the target's MariaDB with the source's relevant settings",
    after: ['packages/quiet'],
    done: async () => ((await lacking()).length === 0 ? 'every setting is correct' : undefined),
    changes: ['target'],
    run: async () => [
      { kind: 'write', on: 'target', path: file, mode: '0644', content: optionFile(await settings()) },
      exec('target', 'systemctl', 'enable', '--quiet', 'mariadb.service'),
      exec('target', 'systemctl', 'restart', 'mariadb.service'),
    ],
    undo: nothing,
    proof: async () => {
      const complaints = await lacking()
      if (complaints.length > 0)
        throw new SwapError(
          'target, MariaDB',
          complaints.join('\n  '),
          `Look for the same options in /etc/mysql on the target, check journalctl -u mariadb, then run the same command again`,
        )
      return (await settings()).map(({ name, value }) => `${name} ${value}`).join('; ')
    },
  }
}

type Wanted = Pick<DatabaseSurvey, 'name' | 'charset' | 'collation'>

const databasesOf = (context: Context): readonly Wanted[] => [
  ...context.survey.services.flatMap((one) => one.databases),
  ...context.recipes.flatMap((recipe) => madeOf(context, recipe)),
]

/** Databases with tables are left as they are: a check has refused them, and `migrate` replaces them. */
export const databasesStep = (context: Context): Step => {
  const { hosts } = context
  const wanted = databasesOf(context)
  const wrong = async () => {
    const found = await ask(hosts('target'), schemas)
    return wanted.flatMap((database) => {
      const here = found.find((one) => one.name === database.name)
      const right = here?.charset === modern(database.charset) && here.collation === modern(database.collation)
      return right ? [] : [`${database.name} has ${here?.charset ?? 'no'} ${here?.collation ?? 'database'}`]
    })
  }
  return {
    id: 'mariadb/databases',
    phase: 'prepare',
    title: `Create ${wanted.map((one) => one.name).join(', ')} with the source's charset and collation`,
    after: ['mariadb/server'],
    changes: ['target'],
    run: async () => [createAction(wanted)],
    undo: nothing,
    proof: async () => {
      const complaints = await wrong()
      if (complaints.length > 0)
        throw new SwapError('target, MariaDB', complaints.join('\n  '), 'Run the same command again')
      return wanted.map((one) => `${one.name} ${modern(one.collation)}`).join(', ')
    },
  }
}

const createAction = (databases: readonly Wanted[]): Action => ({
  kind: 'sql',
  on: 'target',
  statements: databases.flatMap((one) => {
    const name = quoted(one.name)
    const charset = `CHARACTER SET ${modern(one.charset)} COLLATE ${modern(one.collation)}`
    return [`CREATE DATABASE IF NOT EXISTS ${name} ${charset}`, `ALTER DATABASE ${name} ${charset}`]
  }),
})

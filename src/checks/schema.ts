import { block, type Check, type Message, warn } from '../ask/check.ts'
import type { Context } from '../context.ts'
import { askThings } from '../hops/revision.ts'
import { withDatabase } from '../hosts/db.ts'
import { some } from '../text/some.ts'
import { adviceOn } from '../verify/schema-advice.ts'
import { differenceOf } from '../verify/schema-compare.ts'
import { decided } from '../verify/schema-decisions.ts'
import type { Finding } from '../verify/schema-findings.ts'
import { misfitQuestions } from '../verify/schema-misfits.ts'
import { savedPicture } from '../verify/schema-state.ts'
import { schemaText } from '../verify/schema-text.ts'
import { changedSinceTried, savedTried, type Tried, type TriedDatabase } from '../verify/schema-tried.ts'

const again = 'Run: swapctl prepare; it tries again'

/** What prepare found in copies without rows, and the operator's decisions on it. */
const tried: Check['ask'] = async (context) => {
  const said: Message[] = []
  for (const recipe of context.recipes) {
    const found = await savedTried(context, recipe)
    said.push(...(found === undefined ? [untried(recipe.name)] : await judge(context, recipe.name, found)))
  }
  return said
}

const untried = (service: string): Message =>
  block(`prepare has not yet tried the hops on the schema of ${service}`, again)

const judge = async (context: Context, service: string, found: Tried): Promise<readonly Message[]> => {
  const changed = await changedSinceTried(context, found)
  if (changed.length > 0)
    return [block(`tables of ${changed.join(', ')} have changed on the source since prepare tried its schema`, again)]
  if (found.failed !== undefined)
    return [
      block(
        `the schema tools fail on an empty copy of ${service}'s databases: ${found.failed}`,
        `They would fail during migrate, too. Fix what they report on the old controller, or provide the environment they need. ${again}`,
      ),
    ]
  const said: Message[] = []
  for (const database of found.databases) said.push(...openOf(context, database), ...(await misfits(context, database)))
  return said
}

const linesOf = (database: TriedDatabase, findings: readonly Finding[]): string =>
  schemaText(findings.map((finding) => differenceOf({ database: database.name }, finding)))

/** All undecided differences, grouped by remedy; decided ones as a reminder. */
const openOf = ({ config, decisions }: Context, database: TriedDatabase): readonly Message[] => {
  const { name, findings } = database
  const open = findings.filter((finding) => decided(decisions, name, finding) === undefined)
  const settled = findings.flatMap((finding) => decided(decisions, name, finding) ?? [])
  return [
    ...adviceOn(name, open).map(({ what, findings: own, remedy }) =>
      block(
        `${name} has ${what}. The schema proof would fail on them during migrate, because the tools of ${config.release} create it differently:\n${linesOf(database, own)}`,
        remedy,
      ),
    ),
    ...[...new Set(settled)].map(({ choice, path, reason }) =>
      warn(
        `${settled.filter((one) => one.path === path && one.choice === choice).length} differences of ${name} are decided: ${choice} ${path}, because: ${reason}`,
        choice === 'keep'
          ? 'The schema proof accepts them'
          : 'migrate applies it to the copy on the target, after the hops',
      ),
    ),
  ]
}

/** What the remedies would not fix: structures that still differ on a copy without rows, and rows that do not fit. */
const misfits = async (context: Context, database: TriedDatabase): Promise<readonly Message[]> => {
  const { name, repo, findings, left = [] } = database
  const matched = findings.filter((finding) => decided(context.decisions, name, finding)?.choice !== 'keep')
  const chosen = matched.filter((finding) =>
    ['match', 'drop'].includes(decided(context.decisions, name, finding)?.choice ?? ''),
  )
  const stay = left.filter((one) => chosen.some((other) => other.table === one.table && other.kind === one.kind))
  const rows = matched.length === 0 ? [] : await askRows(context, database, matched, await savedPicture(context, repo))
  return [
    ...(stay.length === 0
      ? []
      : [
          block(
            `swapctl cannot fix this on an empty copy:\n${linesOf(database, stay)}`,
            'Choose schema/keep/PATH, or change it on the old controller and run swapctl prepare again',
          ),
        ]),
    ...(rows.length === 0
      ? []
      : [
          block(
            `rows of ${name} that do not fit the chosen fix: ${some(rows)}`,
            'The statement that adapts the copy would fail on them: correct them on the old controller',
          ),
        ]),
  ]
}

const askRows = (
  context: Context,
  { name }: TriedDatabase,
  findings: readonly Finding[],
  should: Parameters<typeof misfitQuestions>[2],
): Promise<readonly string[]> =>
  withDatabase(context.hosts('source'), { readOnly: true }, async (db) => {
    const things = await askThings(db, name)
    const found: string[] = []
    for (const { sql, says, needs } of misfitQuestions(findings, name, should)) {
      if (!needs.every((column) => things.has(column))) continue
      const [row] = await db.rows<{ n: string }>(sql)
      if (Number(row?.n) > 0) found.push(`${says} (${row?.n})`)
    }
    return found
  })

/** What the schema proof in the window would refuse, known since prepare. */
export const schemaChecks: readonly Check[] = [
  {
    id: 'database/schema',
    level: 'block',
    title: "The upgraded schemas equal those that the target's tools create",
    source: 'runbooks/01-prepare.md: copies without rows go through the hops in prepare',
    why: 'The schema proof would stop migrate after the freeze.',
    remedy: 'Decide on each difference with swapctl check --accept schema/match|drop|keep/PATH.',
    before: ['migrate'],
    ask: tried,
  },
]

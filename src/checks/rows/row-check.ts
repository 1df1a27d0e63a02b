import type { Finding } from '../../engine/step.ts'
import type { Probe } from '../../releases/blocker.ts'
import type { Database } from '../../services/recipe.ts'

/** Rows of the source's databases that no swap should carry over unseen: a question, and what to do about them. */
export interface RowCheck {
  /** never renamed: operators accept it by name */
  readonly id: string
  readonly level: Finding['level']
  readonly title: string
  /** the line of databases that is asked; `{glance.images}` in a question names one of another line */
  readonly repo: Database['repo']
  /** what the rows are, for a message: 'servers without a cell' */
  readonly rows: string
  readonly asks: readonly Probe[]
  readonly remedy: string
  /** release note, migration file, bug or documentation that says so */
  readonly source: string
}

/** A question whose offenders are rows of one table. */
export const rows = (table: string, columns: readonly string[], where: string, example: string): Probe => ({
  needs: { [table]: columns },
  from: `{${table}} WHERE ${where}`,
  example,
})

/** Rows of which there are more than one with the same key; `key`: SQL over the table's columns. */
export const twins = (table: string, columns: readonly string[], key: string, where: string): Probe => ({
  needs: { [table]: columns },
  from: `(SELECT ${key} AS k, COUNT(*) AS n FROM {${table}} WHERE ${where} GROUP BY k HAVING n > 1) AS twins`,
  example: "CONCAT(`k`, ' (', `n`, ' times)')",
})

/** One offender, with its number of rows, where there are more of them than `limit`. */
export const many = (table: string, columns: readonly string[], where: string, limit: number): Probe => ({
  needs: { [table]: columns },
  from: `(SELECT COUNT(*) AS n FROM {${table}} WHERE ${where}) AS all_of_them WHERE n > ${limit}`,
  example: `CONCAT('${table}: ', n, ' rows')`,
})

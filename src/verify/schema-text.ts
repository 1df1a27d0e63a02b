import type { Difference } from './difference.ts'

/** Maximum differences in an error; `swapctl verify` shows all. */
const shown = 60

/** By table: what exists and what should. */
export const schemaText = (differences: readonly Difference[]): string => {
  const first = differences.slice(0, shown)
  const tables = [...new Set(first.map(({ where }) => where))]
  const lines = tables.flatMap((table) => [
    `  ${table}`,
    ...first.filter(({ where }) => where === table).map(({ says }) => `    ${says}`),
  ])
  const left = differences.length - first.length
  return [...lines, ...(left > 0 ? [`  and ${left} more: swapctl verify shows them`] : [])].join('\n')
}

import type { Difference } from './difference.ts'

/** How many differences an error shows; `swapctl verify` has them all. */
const shown = 60

/** Table by table, what is there and what should be. */
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

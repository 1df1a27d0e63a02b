import type { Decision } from './decision.ts'

/** Decisions to look at come first; otherwise the order stays. */
export const lookFirst = (decisions: readonly Decision[]): readonly Decision[] =>
  decisions.toSorted((a, b) => Number(b.look === true) - Number(a.look === true))

/** Counts, then by name what an operator should look at, then everything else that was not copied. */
export const summary = (decisions: readonly Decision[], report: string): string => {
  const fates = [...new Set(decisions.map(({ fate }) => fate))]
  const told = fates.map((fate) => `${decisions.filter((one) => one.fate === fate).length} ${fate}`)
  const toLook = decisions.filter(({ look }) => look)
  const gone = decisions.filter(({ fate, look }) => !look && ['unknown', 'dropped'].includes(fate))
  const several = new Set(decisions.map(({ file }) => file)).size > 1
  const line =
    (mark: string) =>
    ({ file, section, option, reason }: Decision) =>
      `${mark}${several ? `${file} ` : ''}[${section}] ${option}: ${reason}`
  const head = `${told.join(', ')}; ${toLook.length} to review (${report})`
  return [head, ...toLook.map(line('LOOK ')), ...gone.map(line(''))].join('\n  ')
}

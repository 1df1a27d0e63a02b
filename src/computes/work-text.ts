import { type Silent, silentText } from '../ask/beside.ts'
import { ownName } from '../hosts/sides.ts'
import { isBusy, type Work } from './work.ts'

const headOf = (work: Work): string => {
  const { host, changes, edits, restart } = work
  const name = ownName(host)
  if (!isBusy(work)) return `${name}: nothing to rewrite`
  return `${name}: ${changes.length} options in ${edits.length} files; restart: ${restart.map(({ agent }) => agent).join(', ') || 'none'}`
}

/** What is done on one compute, option by option as it is written before and after. */
export const workText = (work: Work): string =>
  [
    headOf(work),
    ...work.changes.flatMap(({ file, option, by, from, to, before, after }) => [
      `  ${option} in ${file}, read by ${by.join(', ')}: ${from.join(', ')} becomes ${[...new Set(to.map(({ host }) => host))].join(', ')}`,
      `- ${before}`,
      `+ ${after}`,
    ]),
    ...work.cutting.map(({ agent, cuts }) => `  not restarted without --with-cuts: ${agent} (${cuts})`),
    ...work.byHand.map((text) => `  by hand: ${text}`),
  ].join('\n')

/** Those that gave no answer, and how many are rewritten. */
export const endText = (works: readonly Work[], silent: readonly Silent[]): readonly string[] => [
  ...silent.map((one) => `${silentText(one)}: left for later`),
  `${works.filter(isBusy).length} of ${works.length + silent.length} computes have something to rewrite`,
]

/** What is done on all computes, in one line each, without the values. */
export const worksText = (works: readonly Work[], silent: readonly Silent[]): string =>
  [
    ...works.filter(isBusy).map(headOf),
    ...works.flatMap(({ host, cutting }) =>
      cutting.map(({ agent, cuts }) => `${ownName(host)}: ${agent} is not restarted without --with-cuts: ${cuts}`),
    ),
    ...works.flatMap(({ host, byHand }) => byHand.map((text) => `${ownName(host)}, by hand: ${text}`)),
    ...endText(works, silent),
  ].join('\n')

/** The same for --json, with masked values where they are printed. */
export const shownWork = ({ host, changes, restart, cutting, byHand }: Work) => ({
  name: ownName(host),
  changes,
  restart: restart.map(({ agent, unit }) => ({ agent, unit })),
  cutting,
  byHand,
})

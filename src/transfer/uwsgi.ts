import type { Decision } from './decision.ts'

/** Numbers of processes and threads of an API: chosen by the source's operator, a guess in the package. */
const counted = ['processes', 'threads'] as const

const numberOf = (text: string, option: string): string | undefined =>
  new RegExp(`^[ \\t]*${option}[ \\t]*=[ \\t]*(\\d+)[ \\t]*$`, 'm').exec(text)?.[1]

const put = (text: string, option: string, value: string): string => {
  const line = new RegExp(`^[ \\t]*${option}[ \\t]*=.*$`, 'm')
  return line.test(text)
    ? text.replace(line, `${option} = ${value}`)
    : text.replace(/^\[uwsgi\].*$/m, (head) => `${head}\n${option} = ${value}`)
}

/**
 * The target's uwsgi file with the source's number of workers. Debian's packages of 2025.1 start 8 processes per API
 * (placement 16), and each loads the whole application (lazy-apps): on two cores keystone took 104 s to answer, and 84
 * processes took 10 GB.
 */
export const carryWorkers = (
  path: string,
  source: string,
  target: string,
): { readonly text: string; readonly decisions: readonly Decision[] } => {
  const changes = counted.flatMap((option) => {
    const [from, to] = [numberOf(target, option), numberOf(source, option)]
    return to === undefined || to === from ? [] : [{ option, from, to }]
  })
  return {
    text: changes.reduce((text, { option, to }) => put(text, option, to), target),
    decisions: changes.map(({ option, from, to }) => ({
      file: path,
      section: 'uwsgi',
      option,
      fate: 'kept',
      ...(from === undefined ? {} : { from }),
      to,
      reason: 'as many as on the source',
    })),
  }
}

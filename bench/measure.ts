import { execa } from 'execa'

/** One way of doing a job, and what it took. */
export interface Measured {
  readonly job: string
  readonly way: string
  readonly seconds: number
  /** bytes, of swapctl's own process; programs that it starts on the machines are not its own */
  readonly memory?: number
  /** seconds of this way / seconds of the public tool named `against` */
  readonly ratio?: number
  readonly against?: string
}

export const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const began = performance.now()
  await work()
  return (performance.now() - began) / 1000
}

/** Shell text of this benchmark's own; fails when any part of it does. */
export const sh = (script: string, ...words: readonly string[]) =>
  execa('bash', ['-o', 'pipefail', '-ec', script, 'bench', ...words], { stdout: 'ignore' })

/** The first ways of a job with how they compare to each of the public tools that did the same job. Pure. */
export const withRatios = (all: readonly Measured[]): readonly Measured[] =>
  all.flatMap((one) => {
    if (!one.way.startsWith('swapctl')) return [one]
    const others = all.filter((other) => other.job === one.job && !other.way.startsWith('swapctl'))
    return others.length === 0
      ? [one]
      : others.map((other) => ({ ...one, ratio: one.seconds / other.seconds, against: other.way }))
  })

/** A table for people. Pure. */
export const tableText = (all: readonly Measured[]): string => {
  const rows = all.map((one) => [
    one.job,
    one.way,
    `${one.seconds.toFixed(1)} s`,
    one.memory === undefined ? '' : `${Math.round(one.memory / 2 ** 20)} MiB`,
    one.ratio === undefined ? '' : `${one.ratio.toFixed(2)} x ${one.against}`,
  ])
  const table = [['job', 'way', 'time', 'peak memory', 'ratio'], ...rows]
  const widths = [0, 1, 2, 3].map((column) => Math.max(...table.map((row) => row[column]?.length ?? 0)))
  return table
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

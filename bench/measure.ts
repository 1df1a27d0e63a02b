import { execa } from 'execa'
import { cpuSeconds } from './cpu.ts'
import type { Bench } from './open.ts'

/** One way of doing a job, and its cost. */
export interface Measured {
  readonly job: string
  readonly way: string
  /** absent when a tool is not installed */
  readonly seconds?: number
  /** processor seconds of all programs involved, including the servers; least affected by other load */
  readonly cpu?: number
  /** bytes, of swapctl's own process without the programs it starts on the machines */
  readonly memory?: number
  /** wall seconds and processor seconds relative to the public tool named `against` */
  readonly ratio?: number
  readonly cpuRatio?: number
  readonly against?: string
  /** load average over the last minute at the end: other load slows all ways down, but not equally */
  readonly load?: number
}

export type Job = (bench: Bench) => Promise<readonly Measured[]>

export const timed = async (work: () => Promise<unknown>): Promise<{ seconds: number; cpu: number }> => {
  const before = await cpuSeconds()
  const began = performance.now()
  await work()
  const seconds = (performance.now() - began) / 1000
  return { seconds, cpu: (await cpuSeconds()) - before }
}

/** Runs shell text of the benchmark; fails when any part of it does. */
export const sh = (script: string, ...words: readonly string[]) =>
  execa('bash', ['-o', 'pipefail', '-ec', script, 'bench', ...words], { stdout: 'ignore' })

/** Adds the ratio of a job's first way to each public tool that did the same job. */
export const withRatios = (all: readonly Measured[]): readonly Measured[] =>
  all.flatMap((one) => {
    if (!one.way.startsWith('swapctl')) return [one]
    const others = all.filter((other) => other.job === one.job && !other.way.startsWith('swapctl'))
    const ratio = ({ seconds, cpu }: Measured): Pick<Measured, 'ratio' | 'cpuRatio'> => ({
      ...(one.seconds === undefined || seconds === undefined ? {} : { ratio: one.seconds / seconds }),
      ...(one.cpu === undefined || cpu === undefined ? {} : { cpuRatio: one.cpu / cpu }),
    })
    return others.length === 0 ? [one] : others.map((other) => ({ ...one, ...ratio(other), against: other.way }))
  })

const cell = (number: number | undefined, digits: number, unit = ''): string =>
  number === undefined ? '' : `${number.toFixed(digits)}${unit}`

/** The results as a table. */
export const tableText = (all: readonly Measured[]): string => {
  const rows = all.map((one) => [
    one.job,
    one.way,
    cell(one.seconds, 1, ' s'),
    cell(one.cpu, 1, ' s'),
    cell(one.memory === undefined ? undefined : one.memory / 2 ** 20, 0, ' MiB'),
    cell(one.load, 1),
    one.ratio === undefined ? '' : `${cell(one.ratio, 2)} (cpu ${cell(one.cpuRatio, 2)}) x ${one.against}`,
  ])
  const table = [['job', 'way', 'time', 'cpu', 'peak memory', 'load', 'ratio'], ...rows]
  const widths = table[0]?.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0))) ?? []
  return table
    .map((row) =>
      row
        .map((text, column) => text.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

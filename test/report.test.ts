import { PassThrough } from 'node:stream'
import { stripVTControlCharacters } from 'node:util'
import { expect, test, vi } from 'vitest'
import { createReporter, type Reporter } from '../src/engine/report.ts'
import { SwapError } from '../src/errors.ts'

const step = { id: 'nova/import', title: 'Import nova' }
const other = { id: 'glance/files', title: 'Carry the images' }
const error = new SwapError('target', 'mariadb exited 1:\npassword=hunter2', 'fix it')

/** A reporter's output to a file or pipe. */
const written = (options: { json?: boolean }, use: (reporter: Reporter) => void): string => {
  const sink = new PassThrough() as unknown as NodeJS.WriteStream & PassThrough
  const reporter = createReporter({ stream: sink, ...options })
  use(reporter)
  reporter.close()
  return String((sink as PassThrough).read() ?? '')
}

/** A terminal of 100 columns that knows line feeds and the three cursor movements of Node's terminal streams. */
const terminal = () => {
  const screen: string[] = ['']
  let row = 0
  let column = 0
  const put = (text: string) => {
    for (const [index, part] of stripVTControlCharacters(text).split('\n').entries()) {
      if (index > 0) {
        row += 1
        column = 0
      }
      const line = (screen[row] ?? '').padEnd(column)
      screen[row] = line.slice(0, column) + part + line.slice(column + part.length)
      column += part.length
    }
    return true
  }
  const stream = Object.assign(new PassThrough(), {
    isTTY: true,
    columns: 100,
    rows: 30,
    write: put,
    cursorTo: (to: number) => {
      column = to
      return true
    },
    moveCursor: (_: number, rows: number) => {
      row += rows
      return true
    },
    clearLine: () => {
      screen[row] = ''
      return true
    },
  })
  const lines = () => screen.map((line) => line.trimEnd()).filter(Boolean)
  return { stream: stream as unknown as NodeJS.WriteStream, lines }
}

const usual = (reporter: Reporter): void => {
  reporter.begin(step)
  reporter.begin(other)
  reporter.progress(step, 'nova: 1.2 GiB')
  reporter.end(step, '118 tables, 20413 rows equal', 12.42)
  reporter.fail(other, error)
  reporter.skip({ id: 'heat/config', title: 'Merge heat' }, 'is there already')
  reporter.note('mysql://nova:hunter2@h/nova')
}

test('without a terminal every event is one line', () => {
  expect(written({}, usual).split('\n')).toEqual([
    '  nova/import              Import nova',
    '  glance/files             Carry the images',
    '  nova/import              nova: 1.2 GiB',
    '✔ nova/import              Import nova  12.4 s  118 tables, 20413 rows equal',
    '✖ glance/files             Carry the images  target: mariadb exited 1:',
    '- heat/config              Merge heat  is there already',
    'mysql://nova:[REDACTED]@h/nova',
    '',
  ])
})

test('without a terminal progress is printed now and then, not every time', () => {
  const lines = written({}, (reporter) => {
    for (let turn = 0; turn < 50; turn += 1) reporter.progress(step, `turn ${turn}`)
  })
  expect(lines).toBe('  nova/import              turn 0\n')
})

test('with --json each line is an object without secrets', () => {
  const text = written({ json: true }, usual)
  const lines = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(lines.map(({ event }) => event)).toEqual(['begin', 'begin', 'progress', 'end', 'fail', 'skip', 'note'])
  expect(lines[3]).toMatchObject({ step: 'nova/import', says: '118 tables, 20413 rows equal', seconds: 12.42 })
  expect(text).not.toContain('hunter2')
})

test('on a terminal running steps have one line each, and finished ones stay above', async () => {
  const { stream, lines } = terminal()
  const screen = (wanted: readonly unknown[]) => vi.waitFor(() => expect(lines()).toEqual(wanted), { timeout: 30_000 })
  const reporter = createReporter({ stream })
  reporter.begin(step)
  reporter.begin(other)
  reporter.progress(step, 'nova: 1.2 GiB')
  await screen([
    expect.stringMatching(/^. nova\/import {14}nova: 1\.2 GiB {2}\d+\.\d s$/),
    expect.stringMatching(/^ {2}glance\/files {13}Carry the images {2}\d+\.\d s$/),
  ])
  reporter.end(step, '118 tables, 20413 rows equal', 12.42)
  await screen([
    '✔ nova/import              Import nova  12.4 s  118 tables, 20413 rows equal',
    expect.stringMatching(/^. glance\/files {13}Carry the images {2}\d+\.\d s$/),
  ])
  reporter.note('mysql://nova:hunter2@h/nova')
  reporter.fail(other, error)
  reporter.close()
  expect(lines()).toEqual([
    '✔ nova/import              Import nova  12.4 s  118 tables, 20413 rows equal',
    'mysql://nova:[REDACTED]@h/nova',
    '✖ glance/files             Carry the images  target: mariadb exited 1:',
  ])
})

test('a silent step is reported as still running, less and less often', () => {
  vi.useFakeTimers()
  try {
    const text = written({}, (reporter) => {
      reporter.begin(step)
      reporter.begin(other)
      vi.advanceTimersByTime(8_000)
      reporter.progress(other, 'half of them')
      vi.advanceTimersByTime(5_000)
      reporter.end(other, 'all', 13)
      vi.advanceTimersByTime(90_000)
    })
    expect(text.split('\n').filter((line) => line.includes('still running'))).toEqual([
      '  nova/import              still running, 10.0 s',
      '  nova/import              still running, 30.0 s',
      '  nova/import              still running, 1 min 10 s',
    ])
    const json = written({ json: true }, (reporter) => {
      reporter.begin(step)
      vi.advanceTimersByTime(11_000)
    })
    expect(json).toContain('"text":"still running, 10.0 s"')
    for (const json of [false, true])
      expect(
        written({ json }, (reporter) => {
          reporter.begin(step)
          reporter.skip(step, 'it is there')
          reporter.begin(other)
          reporter.fail(other, error)
          vi.advanceTimersByTime(90_000)
        }),
      ).not.toContain('still running')
  } finally {
    vi.useRealTimers()
  }
})

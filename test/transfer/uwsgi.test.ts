import { expect, test } from 'vitest'
import { carryWorkers } from '../../src/transfer/uwsgi.ts'

const packaged = '[uwsgi]\nmaster = true\nprocesses = 8\nthreads = 32\nenv = A=processes = 9\n'

test("an API gets its old number of workers, and the package's other lines stay", () => {
  const { text, decisions } = carryWorkers('/etc/x', '[uwsgi]\n processes=1 \nthreads = 8\nlisten = 5\n', packaged)
  expect(text).toBe('[uwsgi]\nmaster = true\nprocesses = 1\nthreads = 8\nenv = A=processes = 9\n')
  expect(decisions.map(({ option, from, to }) => [option, from, to])).toEqual([
    ['processes', '8', '1'],
    ['threads', '32', '8'],
  ])
})

test('what the source does not set, or sets alike, stays', () => {
  const { text, decisions } = carryWorkers('/etc/x', '[uwsgi]\nprocesses = 8\n#threads = 2\n', packaged)
  expect([text, decisions]).toEqual([packaged, []])
})

test('an option missing in the packaged file is added', () => {
  expect(carryWorkers('/etc/x', 'threads = 4', '[uwsgi]\nprocesses = 8\n').text).toBe(
    '[uwsgi]\nthreads = 4\nprocesses = 8\n',
  )
})

import { expect, test } from 'vitest'
import type { Entry } from '../../src/engine/journal.ts'
import type { Action } from '../../src/engine/step.ts'
import { refuseFinished, wayBackText } from '../../src/finish/point.ts'

const at = '2026-11-21T01:00:00.000Z'
const begun = (step: string, undo: readonly Action[], phase: 'migrate' | 'finish' = 'migrate'): Entry => ({
  at,
  event: 'begun',
  step,
  phase,
  title: step,
  machines: [],
  undo,
})
const entries: readonly Entry[] = [
  begun('nova/stop', [{ kind: 'exec', on: 'source', argv: ['systemctl', 'unmask', 'nova-conductor.service'] }]),
  { at, event: 'done', step: 'nova/stop' },
  begun('freeze/quiet', []),
  begun('cutover/persist-source', [
    { kind: 'write', on: 'source', path: '/etc/network/interfaces', mode: '0644', content: 'auto eth0\n' },
    { kind: 'sql', on: 'target', statements: ["ALTER USER x IDENTIFIED BY 'y'"], secret: true },
  ]),
]

test('the undo by hand lists every undo, newest first, with the files it writes', () => {
  const text = wayBackText({ entries })
  expect(text.indexOf('## cutover/persist-source')).toBeGreaterThan(0)
  expect(text.indexOf('## nova/stop')).toBeGreaterThan(text.indexOf('auto eth0'))
  expect(text).toContain('source# systemctl unmask nova-conductor.service')
  expect(text).not.toContain('freeze/quiet')
})

test('only a finished swap is refused, with what can be done by hand', () => {
  const state = { state: '/root/swap-state' }
  const point = begun('finish/point', [], 'finish')
  expect(() => refuseFinished({ entries }, state)).not.toThrow()
  expect(() => refuseFinished({ entries: [...entries, point] }, state)).not.toThrow()
  expect(() =>
    refuseFinished({ entries: [...entries, point, { at, event: 'done', step: 'finish/point' }] }, state),
  ).toThrow('this swap was finished at 2026-11-21T01:00:00.000Z')
})

import { expect, test } from 'vitest'
import { type Look, returnOf } from '../../src/cutover/keepers/returns.ts'
import type { Known } from '../../src/cutover/outage/outage.ts'
import { outageText } from '../../src/cutover/outage/outage-text.ts'
import type { Line } from '../../src/cutover/outage/samples.ts'
import { summarise } from '../../src/cutover/outage/summary.ts'

const noon = Date.parse('2026-11-21T12:00:00Z')
const move = { from: noon - 1000, begun: noon, to: noon + 9000 }

/** '41000>5672' is a connection of the compute; `after`: milliseconds after the move. */
const look = (after: number, ...open: readonly string[]): Look => ({
  at: noon + after,
  compute: 'cmp1',
  open: open.map((one) => {
    const [localPort, peerPort] = one.split('>').map(Number)
    return { local: '10.20.0.13', localPort: localPort ?? 0, peer: '10.20.0.10', peerPort: peerPort ?? 0 }
  }),
})

test.each([
  [
    'comes back',
    [look(-9000, '1>5672', '2>5672'), look(100), look(740, '3>5672'), look(9000, '3>5672', '4>5672')],
    [{ name: 'AMQP :5672', before: 2, now: 2, left: 0, first: 0.74, all: 9 }],
  ],
  [
    'hangs half open',
    [look(-9000, '1>5672'), look(5000, '1>5672')],
    [{ name: 'AMQP :5672', before: 1, now: 0, left: 1 }],
  ],
  ['never changes', [look(-9000, '1>5672')], [{ name: 'AMQP :5672', before: 1, now: 0, left: 1 }]],
  [
    'is in part back',
    [look(-9000, '1>5672', '2>5672', '7>8774'), look(1000, '3>5672')],
    [
      { name: 'AMQP :5672', before: 2, now: 1, left: 0, first: 1 },
      { name: ':8774', before: 1, now: 0, left: 0 },
    ],
  ],
  ['had none', [look(-9000), look(1000, '3>5672')], []],
])('a compute whose connection %s', (_, looks, ports) => {
  expect(returnOf('cmp1', looks, [move])).toEqual({ name: 'cmp1', ports })
})

test("is reported with the broker's own count, and with the reason when it was not watched", async () => {
  const known: Known = { refused: {}, moves: [move] }
  const lines: readonly Line[] = [
    { kind: 'begin', at: noon - 9000 },
    { kind: 'sample', name: 'x', at: noon, wire: 'open', wireMs: 1, answer: 'good', ms: 1, says: 'connected' },
    ...[look(-9000, '1>5672'), look(-8000, '2>5672'), look(500), look(1250, '3>5672')].map(
      (one): Line => ({ kind: 'look', ...one }),
    ),
    { kind: 'unseen', compute: 'cmp2', says: 'no route to host' },
    { kind: 'broker', peers: ['10.20.0.13:3', '10.20.0.13:4', '10.20.0.14:5', '::1:6'] },
  ]
  const outage = await summarise(lines, known)
  expect(outage.computes).toEqual([
    {
      name: 'cmp1',
      broker: 2,
      ports: [{ name: 'AMQP :5672', before: 1, now: 1, left: 0, first: 1.25, all: 1.25 }],
    },
    { name: 'cmp2', says: 'no route to host', ports: [] },
  ])
  expect(outageText(outage).split('\n').slice(-2)).toEqual([
    'cmp1: AMQP :5672 back after 1.25 s (goal 5 s), all 1 after 1.25 s; the new broker lists 2',
    'cmp2: not checked: no route to host',
  ])
})

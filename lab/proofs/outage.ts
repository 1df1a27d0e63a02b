import { readFileSync } from 'node:fs'
import type { Outage } from '../../src/cutover/outage/outage.ts'
import type { Place } from '../place.ts'
import { demandNone, type Proof } from '../proof.ts'
import { statePath } from '../settings.ts'

/** Seconds within which a compute's agents must be connected to the new queue. */
const soon = 5

/** swapctl's own measurement of its cutover. A connect of a second or more means that its SYN was lost. */
export const shortMove = (place: Place): Proof => ({
  name: 'around the move of the addresses no connection failed, and the compute was back at the queue at once',
  run: async () => {
    const { move, computes } = JSON.parse(readFileSync(statePath(place, 'outage.json'), 'utf8')) as Outage
    if (move === undefined) throw new Error('the report has no move')
    const queues = computes.map(({ name, ports }) => ({ name, port: ports.find((it) => it.name.startsWith('AMQP')) }))
    demandNone('it was not', [
      ...(move.tries > 100 ? [] : [`only ${move.tries} tries`]),
      ...(move.lost === 0 ? [] : [`${move.lost} probes were lost, the longest gap was ${move.gap} s (${move.worst})`]),
      ...(move.slowestConnect < 1000 ? [] : [`a connect took ${move.slowestConnect} ms`]),
      ...(queues.length > 0 ? [] : ['no compute was looked at']),
      ...queues
        .filter(({ port }) => port?.first === undefined || port.first > soon)
        .map(({ name, port }) => `${name} was back at the queue after ${port?.first ?? '?'} s`),
    ])
    const connects = `slowest connect ${move.slowestConnect} ms, ${move.slow} over 50 ms`
    return `${move.tries} tries, none lost, ${connects}; AMQP of ${queues.map(({ name, port }) => `${name} after ${port?.first} s, all ${port?.before} after ${port?.all} s`).join(', ')}`
  },
})

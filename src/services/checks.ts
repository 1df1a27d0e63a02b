import type { Check } from '../ask/check.ts'
import { barbicanChecks } from './barbican/checks.ts'
import { cinderChecks } from './cinder/checks.ts'
import { heatChecks } from './heat/checks.ts'
import { keystoneChecks } from './keystone/checks.ts'
import { novaChecks } from './nova/checks.ts'

/** Checks of a service's own files and machines; checks of its rows are elsewhere. */
export const serviceChecks: readonly Check[] = [
  ...keystoneChecks,
  ...heatChecks,
  ...cinderChecks,
  ...novaChecks,
  ...barbicanChecks,
]

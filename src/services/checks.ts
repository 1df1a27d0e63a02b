import type { Check } from '../ask/check.ts'
import { cinderChecks } from './cinder/checks.ts'
import { heatChecks } from './heat/checks.ts'
import { keystoneChecks } from './keystone/checks.ts'
import { novaChecks } from './nova/checks.ts'

/** What is asked of one service's own files and machines, beside the rows of its databases. */
export const serviceChecks: readonly Check[] = [...keystoneChecks, ...heatChecks, ...cinderChecks, ...novaChecks]

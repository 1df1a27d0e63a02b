import type { Check } from '../../source/check.ts'
import { brokerChecks } from './broker.ts'
import { encodingChecks } from './encoding.ts'
import { fileChecks } from './files.ts'
import { asCheck } from './host-check.ts'
import { mariadbChecks } from './mariadb.ts'
import { nameChecks } from './names.ts'
import { networkChecks } from './network.ts'
import { packageChecks } from './packages.ts'
import { pathChecks } from './path.ts'
import { settingChecks } from './settings.ts'
import { systemChecks } from './system.ts'
import { tlsChecks } from './tls.ts'
import { unitChecks } from './units.ts'

/** What the machines themselves say: names, network, files, packages, units, certificates and the settings of the servers. */
export const hostChecks: readonly Check[] = [
  ...nameChecks,
  ...networkChecks,
  ...systemChecks,
  ...pathChecks,
  ...fileChecks,
  ...encodingChecks,
  ...settingChecks,
  ...packageChecks,
  ...unitChecks,
  ...tlsChecks,
  ...brokerChecks,
  ...mariadbChecks,
].map(asCheck)

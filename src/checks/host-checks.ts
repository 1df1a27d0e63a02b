import type { Check } from '../ask/check.ts'
import { brokerChecks } from './broker.ts'
import { configPlaceChecks } from './config-places.ts'
import { copiedChecks } from './copied.ts'
import { encodingChecks } from './encoding.ts'
import { fileChecks } from './files.ts'
import { packetFilterChecks } from './firewall.ts'
import { asCheck } from './host-check.ts'
import { importChecks } from './imports.ts'
import { interfaceChecks } from './interfaces.ts'
import { mariadbChecks } from './mariadb.ts'
import { memberChecks } from './members.ts'
import { moduleChecks } from './modules.ts'
import { namedFileChecks } from './named-files.ts'
import { nameChecks } from './names.ts'
import { pathChecks } from './path.ts'
import { portChecks } from './ports.ts'
import { settingChecks } from './settings.ts'
import { systemChecks } from './system.ts'
import { tlsChecks } from './tls.ts'
import { unitChangeChecks } from './unit-changes.ts'

/** The state of the machines themselves: names, network, files, packages, units, certificates and server settings. */
export const hostChecks: readonly Check[] = [
  ...nameChecks,
  ...interfaceChecks,
  ...packetFilterChecks,
  ...portChecks,
  ...systemChecks,
  ...pathChecks,
  ...fileChecks,
  ...encodingChecks,
  ...settingChecks,
  ...importChecks,
  ...copiedChecks,
  ...namedFileChecks,
  ...moduleChecks,
  ...unitChangeChecks,
  ...configPlaceChecks,
  ...tlsChecks,
  ...brokerChecks,
  ...mariadbChecks,
  ...memberChecks,
].map(asCheck)

import type { LvmStorage } from '../services/storage.ts'
import { type ConfFile, get } from './oslo-conf.ts'

/** A backend that keeps its volumes in a group on the controller itself. */
export interface LvmBackend {
  /** the section's name, the part of a host after '@'; 'DEFAULT' before there were several */
  readonly name: string
  readonly group: string
  /** what a row's host says before '#': 'src@lvm' */
  readonly host: string
  /** what exports them: 'tgtadm', 'lioadm', ... */
  readonly helper: string
}

/**
 * Which backends of a service's settings keep their volumes in LVM groups. `hostname` is the machine's; the host options
 * of the file come before it.
 */
export const lvmBackends = (file: ConfFile, hostname: string, storage: LvmStorage): readonly LvmBackend[] => {
  const enabled = (get(file, ...storage.backends) ?? '').split(',').map((name) => name.trim())
  const names = enabled.filter((name) => name !== '')
  const first = (section: string, options: readonly string[]): string | undefined =>
    options.map((key) => get(file, section, key) ?? get(file, storage.common, key)).find((value) => value !== undefined)
  const { driver, group, helper, host } = storage.options
  const value = (section: string, [options, otherwise]: readonly [readonly string[], string]): string =>
    first(section, options) ?? otherwise
  const hostOf = (name: string) => first(name, host) ?? get(file, 'DEFAULT', 'host') ?? hostname
  return (names.length === 0 ? ['DEFAULT'] : names)
    .filter((name) => storage.driver.test(value(name, driver)))
    .map((name) => ({
      name,
      group: value(name, group),
      host: names.length === 0 ? hostOf(name) : `${hostOf(name)}@${name}`,
      helper: value(name, helper),
    }))
}

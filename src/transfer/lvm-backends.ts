import type { LvmStorage } from '../services/storage.ts'
import { type ConfFile, get } from './oslo-conf.ts'

/** A backend that keeps its volumes in a volume group on the controller. */
export interface LvmBackend {
  /** the section's name, which follows '@' in a host; 'DEFAULT' before there were several */
  readonly name: string
  readonly group: string
  /** a row's host before '#': 'src@lvm' */
  readonly host: string
  /** the iSCSI helper: 'tgtadm', 'lioadm', ... */
  readonly helper: string
}

/**
 * The backends in a service's settings that keep volumes in LVM groups. `hostname` is the machine's; the file's host
 * options take precedence.
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

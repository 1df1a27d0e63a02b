import { type ConfFile, get } from './oslo-conf.ts'

/** A backend of cinder's LVM driver: its volumes are on the controller itself. */
export interface LvmBackend {
  /** the section's name, the part of a host after '@'; 'DEFAULT' before there were several */
  readonly name: string
  readonly group: string
  /** what volumes.host says before '#': 'src@lvm' */
  readonly host: string
  /** what exports them: 'tgtadm', 'lioadm', ... */
  readonly helper: string
}

/** As cinder gives them when nobody says otherwise (cinder/volume/manager.py, driver.py, drivers/lvm.py). */
const defaults = {
  volume_driver: 'cinder.volume.drivers.lvm.LVMVolumeDriver',
  volume_group: 'cinder-volumes',
  target_helper: 'tgtadm',
} as const

/**
 * Which backends of cinder.conf keep their volumes in LVM groups (P67). `hostname` is the machine's; host and
 * backend_host of the file come before it. Pure.
 */
export const lvmBackends = (file: ConfFile, hostname: string): readonly LvmBackend[] => {
  const enabled = (get(file, 'DEFAULT', 'enabled_backends') ?? '').split(',').map((name) => name.trim())
  const names = enabled.filter((name) => name !== '')
  const option = (section: string, key: string): string | undefined =>
    get(file, section, key) ?? get(file, 'backend_defaults', key)
  const host = (name: string) => option(name, 'backend_host') ?? get(file, 'DEFAULT', 'host') ?? hostname
  return (names.length === 0 ? ['DEFAULT'] : names)
    .filter((name) => /\.lvm\.\w+$/.test(option(name, 'volume_driver') ?? defaults.volume_driver))
    .map((name) => ({
      name,
      group: option(name, 'volume_group') ?? defaults.volume_group,
      host: names.length === 0 ? host(name) : `${host(name)}@${name}`,
      // Its name until queens was another.
      helper: option(name, 'target_helper') ?? option(name, 'iscsi_helper') ?? defaults.target_helper,
    }))
}

import type { Check, CheckContext } from '../../ask/check.ts'
import { memberIn } from '../../ask/members.ts'
import { settingsAt } from '../../checks/config.ts'
import { asCheck, type HostCheck } from '../../checks/host-check.ts'
import { missingOf } from '../../checks/imports.ts'
import { computes, each, once, texts } from '../../checks/once.ts'
import { membersOf, said } from '../../hosts/sides.ts'
import { get, parse } from '../../transfer/oslo-conf.ts'
import { cinderVolumes } from './volumes.ts'

const carries = ({ survey }: CheckContext, repo: string): boolean =>
  survey.services.some(({ databases }) => databases.some((one) => one.repo === repo))

const tokens = async (context: CheckContext): Promise<readonly string[]> =>
  carries(context, 'cinder')
    ? each(computes(context), async (name) => {
        const sent = (await settingsAt(context, name)).some(
          ({ key, value }) => key === 'send_service_user_token' && /^(true|1|yes|on)$/i.test(value),
        )
        return sent ? [] : [`nova-compute on ${name} sends no service token with its calls`]
      })
    : []

const [, defaultDriver] = cinderVolumes.options.driver

/** The driver of every enabled backend: 'lvm' -> 'cinder.volume.drivers.lvm.LVMVolumeDriver'. */
export const driversOf = (text: string): ReadonlyMap<string, string> => {
  const file = parse(text)
  const names = (get(file, 'DEFAULT', 'enabled_backends') ?? '').split(',').map((name) => name.trim())
  const found = names.flatMap((name): readonly (readonly [string, string])[] => {
    if (name === '') return []
    const driver = get(file, name, 'volume_driver') ?? get(file, 'backend_defaults', 'volume_driver')
    return [[name, driver ?? defaultDriver]]
  })
  return new Map(found)
}

const drivers = async (context: CheckContext): Promise<readonly string[]> => {
  const path = '/etc/cinder/cinder.conf'
  const text = (await once(context, 'source', texts([path])))?.get(path)
  const backends = [...driversOf(text ?? '')].map(([backend, name]) => ({ backend, name }))
  return (await missingOf(context, 'cinder', backends)).map(
    ({ backend, name }) => `the target's cinder has no driver ${name}, which the backend ${backend} uses`,
  )
}

/** Whether cinder's file has no backend sections, so that [DEFAULT] is the only backend, as before newton. */
export const onlyDefaultBackend = (text: string): boolean =>
  (get(parse(text), 'DEFAULT', 'enabled_backends') ?? '').replaceAll(',', '').trim() === ''

const defaultBackend = async (context: CheckContext): Promise<readonly string[]> => {
  const runs = context.survey.services.some(({ running }) => running?.some((unit) => /cinder-volume/.test(unit)))
  const path = '/etc/cinder/cinder.conf'
  const text = runs ? (await once(context, 'source', texts([path])))?.get(path) : undefined
  return text !== undefined && onlyDefaultBackend(text)
    ? [`${path} on the source has no enabled_backends: its cinder-volume serves the backend of [DEFAULT]`]
    : []
}

/** Volumes on the disks of a machine other than the first are not copied. */
const localVolumes = (context: CheckContext): Promise<readonly string[]> =>
  each(membersOf(context.config, 'source').slice(1), async (name) => {
    const runs = memberIn(context.survey, context.config, name).running.some((unit) => /cinder-volume/.test(unit))
    const path = '/etc/cinder/cinder.conf'
    const text = runs ? (await once(context, name, texts([path])))?.get(path) : undefined
    const local = [...driversOf(text ?? '')].filter(([, driver]) => cinderVolumes.driver.test(driver))
    return local.length === 0
      ? []
      : [`${said(name)} serves local volumes: ${local.map(([backend]) => backend).join(', ')}`]
  })

const looks: readonly HostCheck[] = [
  {
    id: 'compute/service-token',
    level: 'warn',
    title: 'Computes send a service token',
    source: 'https://security.openstack.org/ossa/OSSA-2023-003.html',
    why: 'A newer cinder refuses to detach a volume in use (409).',
    remedy:
      'Set [service_user] send_service_user_token = true there, with the login of [keystone_authtoken], and restart nova-compute: otherwise a newer cinder refuses to detach a volume in use (409)',
    look: tokens,
  },
  {
    id: 'cinder/drivers',
    level: 'block',
    title: "The target's cinder has the driver of each backend",
    source: "cinder/cmd/status.py 'Removed Drivers'",
    why: 'cinder-volume would not start that backend, and its volumes could not be used.',
    remedy: 'Before the swap, move its volumes to a backend that the new release supports, or delete the backend',
    look: drivers,
  },
  {
    id: 'cinder/default-backend',
    level: 'block',
    title: 'Each cinder backend has its own section',
    source: 'cinder/cmd/volume.py: since pike cinder-volume exits without enabled_backends',
    why: 'cinder-volume exits without enabled_backends.',
    remedy:
      "On the source: create a section [lvm] with the backend's options of [DEFAULT], volume_driver and volume_backend_name among them, set [DEFAULT] enabled_backends = lvm, restart cinder-volume, then cinder-manage volume update_host --currenthost HOST --newhost HOST@lvm#NAME with the names that cinder service-list and volume_backend_name give, and cinder-manage service remove cinder-volume HOST",
    look: defaultBackend,
  },
  {
    id: 'cinder/first-volumes',
    level: 'block',
    title: 'Only the first machine of the source serves volumes from its own disks',
    source: 'cinder/volume/drivers/lvm.py: volumes are in a volume group of the machine that serves them',
    why: 'swapctl copies volumes from the first machine: those of another would become unusable.',
    remedy:
      'Move these volumes to a backend of the first machine (cinder migrate), or put their machine first in the settings',
    look: localVolumes,
  },
]

/** Settings of cinder and its callers that a newer cinder interprets differently. */
export const cinderSettingChecks: readonly Check[] = looks.map(asCheck)

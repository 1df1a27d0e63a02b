import { serving } from '../services/index.ts'
import type { Disk, Guest, Running } from './guests.ts'

/** Something on a compute that the old controller does not know, or knows differently, and what to do about it. */
export interface Orphan {
  readonly compute: string
  /** 'server 4f1d...', 'iSCSI session iqn...' */
  readonly what: string
  readonly says: string
  readonly remedy: string
}

/** What the old controller's databases say about what was found. */
export interface Known {
  /** instances.host by uuid */
  readonly servers: ReadonlyMap<string, string>
  /** volume ids */
  readonly volumes: ReadonlySet<string>
}

const compute = serving('compute')

const short = (host: string): string => host.split('.')[0] ?? host

const end = (compute: string, { uuid, pid, domain }: Guest): string =>
  domain
    ? `on ${compute}: virsh ${pid === undefined ? '' : `destroy ${uuid}; virsh `}undefine ${uuid}`
    : `on ${compute}: kill ${pid}`

const guestOrphan = (on: Running, guest: Guest, known: Known, made: ReadonlyMap<string, string>): readonly Orphan[] => {
  const host = known.servers.get(guest.uuid)
  const runs = guest.pid === undefined ? 'is defined there but not running' : `runs there (process ${guest.pid})`
  const what = `server ${guest.uuid}${made.has(guest.uuid) ? ` '${made.get(guest.uuid)}'` : ''}`
  const files = `${compute.held?.files}/${guest.uuid}`
  if (host === undefined)
    return [
      {
        compute: on.compute,
        what,
        says: `${runs}, but the old controller has no server with this id: its ${compute.name} will neither list nor stop it`,
        remedy: `If it is not needed: ${end(on.compute, guest)}; rm -r ${files}. To keep its data, copy ${files} first`,
      },
    ]
  if (host === '' || [on.compute, on.hostname].some((one) => short(one) === short(host))) return []
  return [
    {
      compute: on.compute,
      what,
      says: `${runs}, but the old controller has it on ${host}: it moved since`,
      remedy: `Before anything starts it on ${host} (two machines would write its disk): stop it on ${on.compute}, or set instances.host and instances.node of the old controller's ${compute.name} to ${on.hostname}`,
    },
  ]
}

export const volumeOf = (target: string): string | undefined =>
  /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/.exec(target)?.[0]

const diskOrphan = (on: Running, disk: Disk, known: Known, portals: readonly string[]): readonly Orphan[] => {
  const { portal, target } = disk
  const volume = volumeOf(target)
  const logout = `on ${on.compute}: iscsiadm -m node -T ${target} -p ${portal} --logout`
  const orphan = { compute: on.compute, what: `iSCSI session ${target}` }
  if (volume !== undefined && !known.volumes.has(volume))
    return [
      {
        ...orphan,
        says: `is open to ${portal}, but the old controller has no volume ${volume}`,
        remedy: `Stop the server that uses it, then ${logout}`,
      },
    ]
  if (!portals.includes(portal.replace(/:\d+$/, '').replace(/^\[|\]$/g, ''))) return []
  return [
    {
      ...orphan,
      says: `is open to ${portal}, the new controller: writes go to its copy of the volume`,
      remedy: `Stop the server that uses it, ${logout}, start the server again: it then uses the old controller's copy, without the writes since`,
    },
  ]
}

/**
 * Guests and iSCSI sessions that do not match the old controller. `made`: names of servers created since, by id.
 * `portals`: addresses of the new controller that do not move.
 */
export const orphansOf = (
  running: readonly Running[],
  known: Known,
  made: ReadonlyMap<string, string>,
  portals: readonly string[],
): readonly Orphan[] =>
  running.flatMap((on) => [
    ...on.guests.flatMap((guest) => guestOrphan(on, guest, known, made)),
    ...on.disks.flatMap((disk) => diskOrphan(on, disk, known, portals)),
  ])

export interface Orphans {
  readonly found: readonly Orphan[]
  /** how many guests were examined, by compute: 'cmp1: 2' */
  readonly looked: readonly string[]
  /** computes that could not be asked, and why */
  readonly unasked: readonly string[]
}

/** Each orphan with what to do; without any, what was examined. */
export const orphansText = ({ found, looked, unasked }: Orphans): string =>
  [
    ...(found.length === 0
      ? [
          `The old controller knows every guest and disk on the computes (${looked.join('; ') || 'no compute is in the settings'})`,
        ]
      : [`${found.length} on the computes do not match the old controller:`]),
    ...found.map((one) => `  ${one.compute}: ${one.what} ${one.says}\n      ${one.remedy}`),
    ...unasked.map((one) => `  not checked, look there for unmanaged guests: ${one}`),
  ].join('\n')

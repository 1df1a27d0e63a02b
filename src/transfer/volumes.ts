import type { Action } from '../engine/step.ts'
import type { Argv } from '../hosts/host.ts'
import { programText } from '../text/program.ts'

/** A logical volume, as lvs says it. */
export interface Volume {
  readonly group: string
  readonly name: string
  /** bytes */
  readonly size: number
  readonly uuid: string
  /** the thin pool it lives in, or '' */
  readonly pool: string
  /** of a snapshot: the volume it was taken of, or '' */
  readonly origin: string
}

const fields = ['vg_name', 'lv_name', 'lv_size', 'lv_uuid', 'pool_lv', 'origin'] as const

/** Lists the volumes of a group; parse with parseVolumes. Separated columns: LVM before 2.02.158 has no JSON. */
export const listArgv = (group: string): Argv => [
  'lvs',
  '--noheadings',
  '--nosuffix',
  '--units',
  'b',
  '--separator',
  ';',
  '-o',
  fields.join(','),
  group,
]

/** Sizes may come as 1073741824, 1073741824B or 1073741824.00; other lines (warnings) are passed over. */
export const parseVolumes = (stdout: string): readonly Volume[] =>
  stdout.split('\n').flatMap((line) => {
    const [group = '', name = '', size = '', uuid = '', pool = '', origin = ''] = line.trim().split(';')
    const bytes = /^(\d+)(?:[.,]0+)?B?$/.exec(size)?.[1]
    return bytes === undefined ? [] : [{ group, name, size: Number(bytes), uuid, pool, origin }]
  })

/** Every group with its uuid; parse with parseGroups. */
export const groupsArgv: Argv = ['vgs', '--noheadings', '--separator', ';', '-o', 'vg_name,vg_uuid']

/** Name -> uuid. */
export const parseGroups = (stdout: string): ReadonlyMap<string, string> =>
  new Map(
    stdout.split('\n').flatMap((line): readonly (readonly [string, string])[] => {
      const [, name, uuid] = /^\s*([^;\s]+);(\S+)\s*$/.exec(line) ?? []
      return name === undefined || uuid === undefined ? [] : [[name, uuid]]
    }),
  )

/** Bytes free in a group. */
export const freeArgv = (group: string): Argv => [
  'vgs',
  '--noheadings',
  '--nosuffix',
  '--units',
  'b',
  '-o',
  'free',
  group,
]

const uuid = /[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}/i

/** Those whose names hold the id of a live volume or snapshot of cinder: a group may hold other things too. */
export const volumesOf = (volumes: readonly Volume[], ids: readonly string[]): readonly Volume[] => {
  const known = new Set(ids.map((id) => id.toLowerCase()))
  return volumes.filter(({ name }) => known.has(uuid.exec(name)?.[0].toLowerCase() ?? ''))
}

const sendScript = programText('volume-send.sh', import.meta.url)

/**
 * A new thick volume holds what its blocks held before, so every byte is written. Where what is not written reads as
 * zeros (a thin volume once discarded, a file once emptied) holes stay holes. A missing device is an error, and not made a
 * file under /dev.
 */
const receiveScript = programText('volume-receive.sh', import.meta.url)

const device = ({ group, name }: Volume): string => `/dev/${group}/${name}`

/** -Wn -Zn: no questions about signatures of what the blocks held before. */
const create = (volume: Volume, to: string): Argv => {
  const { name, size, pool } = volume
  return pool === ''
    ? ['lvcreate', '-y', '-Wn', '-Zn', '-n', name, '-L', `${size}b`, to]
    : ['lvcreate', '-y', '-n', name, '-V', `${size}b`, '-T', `${to}/${pool}`]
}

/**
 * Makes the volume on the target and fills it. `to` is the target's group; `there`: what of that name is there already,
 * which is filled anew when its size is right, and made anew when it is not. A snapshot arrives as a volume of its own,
 * whole: it reads the same and can be deleted or made a volume of; only revert-to-snapshot is lost.
 */
export const volumeActions = (volume: Volume, to: string, there: Volume | undefined): readonly Action[] => {
  const target: Volume = { ...volume, group: to }
  const right = there !== undefined && there.size >= volume.size
  return [
    ...(there !== undefined && !right
      ? [{ kind: 'exec', on: 'target', argv: ['lvremove', '-f', `${to}/${there.name}`] } as const]
      : []),
    ...(right ? [] : [{ kind: 'exec', on: 'target', argv: create(volume, to) } as const]),
    {
      kind: 'pipe',
      from: { on: 'source', argv: ['bash', '-c', sendScript, 'send', device(volume)] },
      to: {
        on: 'target',
        argv: [
          'bash',
          '-c',
          receiveScript,
          'receive',
          device(target),
          String(volume.size),
          volume.pool === '' ? 'thick' : 'thin',
        ],
      },
      what: `${device(volume)}${volume.origin === '' ? '' : `, a snapshot of ${volume.origin}, copied as a full volume`}`,
      bytes: volume.size,
    },
  ]
}

/** SHA-256 of a volume's first `size` bytes: the target's may be larger, where its group has larger extents. */
export const volumeDigest = (volume: Volume, group: string, size: number): Argv => [
  'bash',
  '-c',
  'set -o pipefail; head --bytes="$2" -- "$1" | sha256sum',
  'digest',
  device({ ...volume, group }),
  String(size),
]

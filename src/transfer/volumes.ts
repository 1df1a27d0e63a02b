import type { Action } from '../engine/step.ts'
import type { Argv } from '../hosts/host.ts'
import { programText } from '../text/program.ts'

/** A logical volume, from lvs. */
export interface Volume {
  readonly group: string
  readonly name: string
  /** bytes */
  readonly size: number
  readonly uuid: string
  /** its thin pool, or '' */
  readonly pool: string
  /** for a snapshot: its origin volume, or '' */
  readonly origin: string
  /** whether `stage` made it and no migrate has proved it yet: nobody else counts on it */
  readonly staged: boolean
}

/** The LVM tag of a volume that `stage` made. */
export const stageMark = 'swapctl_staged'

const fields = ['vg_name', 'lv_name', 'lv_size', 'lv_uuid', 'pool_lv', 'origin', 'lv_tags'] as const

/**
 * Lists the volumes of a group; parse with parseVolumes. Separated columns, because LVM before 2.02.158 has no JSON.
 */
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

/** Sizes may be 1073741824, 1073741824B or 1073741824.00; other lines (warnings) are ignored. */
export const parseVolumes = (stdout: string): readonly Volume[] =>
  stdout.split('\n').flatMap((line) => {
    const [group = '', name = '', size = '', uuid = '', pool = '', origin = '', tags = ''] = line.trim().split(';')
    const bytes = /^(\d+)(?:[.,]0+)?B?$/.exec(size)?.[1]
    const staged = tags.split(',').includes(stageMark)
    return bytes === undefined ? [] : [{ group, name, size: Number(bytes), uuid, pool, origin, staged }]
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

/** Volumes whose names contain the id of a live cinder volume or snapshot: a group may contain other volumes too. */
export const volumesOf = <One extends Pick<Volume, 'name'>>(volumes: readonly One[], ids: readonly string[]) => {
  const known = new Set(ids.map((id) => id.toLowerCase()))
  return volumes.filter(({ name }) => known.has(uuid.exec(name)?.[0].toLowerCase() ?? ''))
}

/** Copies of `stage` whose volume is neither in the source's groups nor in its database. */
export const orphansOf = (
  there: readonly Volume[],
  source: readonly Pick<Volume, 'group' | 'name'>[],
  ids: readonly string[],
): readonly Volume[] => {
  const known = new Set(volumesOf(there, ids))
  const has = ({ group, name }: Volume) => source.some((one) => one.group === group && one.name === name)
  return there.filter((volume) => volume.staged && !known.has(volume) && !has(volume))
}

const sendScript = programText('volume-send.sh', import.meta.url)

/**
 * A new thick volume contains its blocks' old data, so every byte is written. Where unwritten blocks read as zeros (a
 * thin volume after a discard, a file after truncation) holes stay holes. A missing device is an error, rather than
 * becoming a file under /dev.
 */
const receiveScript = programText('volume-receive.sh', import.meta.url)

export const device = ({ group, name }: Pick<Volume, 'group' | 'name'>): string => `/dev/${group}/${name}`

/** For the progress line. */
export const labelOf = (volume: Volume): string =>
  `${device(volume)}${volume.origin === '' ? '' : `, a snapshot of ${volume.origin}, copied as a full volume`}`

/** -Wn -Zn: no prompts about signatures in the blocks' old data. */
export const createArgv = (volume: Volume, to: string, ...more: readonly string[]): Argv => {
  const { name, size, pool } = volume
  return pool === ''
    ? ['lvcreate', '-y', '-Wn', '-Zn', ...more, '-n', name, '-L', `${size}b`, to]
    : ['lvcreate', '-y', ...more, '-n', name, '-V', `${size}b`, '-T', `${to}/${pool}`]
}

/** Lets a staged volume grow as the source's did; what it has stays. */
export const growArgv = ({ name, size }: Volume, to: string): Argv => ['lvextend', '-L', `${size}b`, `${to}/${name}`]

/** Whether the target's volume can take the source's; it may be larger, if its group has larger extents. */
export const isRight = ({ size }: Volume, there: Volume | undefined): boolean =>
  there !== undefined && there.size >= size

/**
 * Creates and fills the volume on the target. `to`: the target's group; `there`: an existing volume of that name,
 * refilled if its size is right, otherwise recreated. A snapshot becomes a full volume of its own: it reads the same
 * and can be deleted or cloned; only revert-to-snapshot is lost.
 */
export const volumeActions = (volume: Volume, to: string, there: Volume | undefined): readonly Action[] => {
  const target: Volume = { ...volume, group: to }
  const right = isRight(volume, there)
  return [
    ...(there !== undefined && !right
      ? [{ kind: 'exec', on: 'target', argv: ['lvremove', '-f', `${to}/${there.name}`] } as const]
      : []),
    ...(right ? [] : [{ kind: 'exec', on: 'target', argv: createArgv(volume, to) } as const]),
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
      what: labelOf(volume),
      bytes: volume.size,
    },
  ]
}

const digestScript = programText('volume-digest.sh', import.meta.url)

/** SHA-256 of a volume's first `size` bytes: the target's may be larger, if its group has larger extents. */
export const volumeDigest = (volume: Volume, group: string, size: number): Argv => [
  'bash',
  '-c',
  digestScript,
  'digest',
  device({ ...volume, group }),
  String(size),
]

import { posix } from 'node:path'
import { lines, type Question } from '../ask/question.ts'
import type { Context } from '../context.ts'
import { hopsDirectory } from '../places.ts'
import { neededHops } from '../target/hop-step.ts'
import { some } from '../text/some.ts'
import type { HostCheck } from './host-check.ts'
import { each, machines, once, sides, texts } from './once.ts'
import { treesOf } from './trees.ts'

export interface Mount {
  readonly path: string
  readonly type: string
  readonly options: readonly string[]
}

/** Parses /proc/mounts; \040 is a space. */
export const mountsOf = (text: string): readonly Mount[] =>
  lines(text).map((line) => {
    const [, path = '', type = '', options = ''] = line.split(' ')
    return { path: path.replaceAll('\\040', ' '), type, options: options.split(',') }
  })

const mounts: Question<readonly Mount[]> = { argv: ['cat', '/proc/self/mounts'], parse: mountsOf }

/** The mount of a path: the longest match, of equal ones the last. */
export const mountOf = (all: readonly Mount[], path: string): Mount | undefined =>
  all
    .filter((one) => one.path === '/' || path === one.path || path.startsWith(`${one.path}/`))
    .reduce<Mount | undefined>((best, one) => (one.path.length >= (best?.path.length ?? 0) ? one : best), undefined)

/** Where packages and servers write on the target. */
const written = ['/', '/etc', '/usr', '/var', '/var/lib', '/var/lib/mysql', '/var/log', '/tmp', hopsDirectory]

const readOnly = async (context: Context): Promise<readonly string[]> => {
  const all = (await once(context, 'target', mounts)) ?? []
  const found = written.map((path) => mountOf(all, path)).filter((mount) => mount?.options.includes('ro') === true)
  return [...new Set(found.map((mount) => `${mount?.path} of the target is read-only`))]
}

const hopsMount = async (context: Context): Promise<readonly string[]> => {
  const all = (await once(context, 'target', mounts)) ?? []
  const paths = [hopsDirectory, ...neededHops(context).map(({ place }) => place.path)]
  const found = paths.map((path) => ({ path, mount: mountOf(all, path) }))
  const barred = found.filter(({ mount }) => mount?.options.includes('noexec') === true)
  return [...new Map(barred.map((one) => [one.mount?.path, one])).values()].map(
    ({ path, mount }) =>
      `${mount?.path} of the target is mounted noexec: the hop environments in ${path} contain programs`,
  )
}

const sysctls = async (context: Context): Promise<readonly string[]> =>
  mountOf((await once(context, 'target', mounts)) ?? [], '/proc/sys/net/ipv4/conf')?.options.includes('ro') === true
    ? ['/proc/sys of the target is read-only: the target would answer for the moving addresses before the cutover']
    : []

const remoteTypes = /^(nfs4?|cifs|smb3|ceph|glusterfs|fuse\.(glusterfs|ceph|sshfs|s3fs))$/

const remoteTrees = async (context: Context): Promise<readonly string[]> => {
  const all = (await once(context, 'source', mounts)) ?? []
  return (await treesOf(context)).flatMap((path) => {
    const mount = mountOf(all, path)
    return mount !== undefined && remoteTypes.test(mount.type)
      ? [`${path} of the source is on ${mount.type} (${mount.path})`]
      : []
  })
}

/** Links below a tree that lead out of it, from `find -printf '%p\t%l\n'`. */
export const leadingOut = (trees: readonly string[], text: string): readonly string[] =>
  lines(text).flatMap((line) => {
    const [path = '', to = ''] = line.split('\t')
    const end = posix.resolve(posix.dirname(path), to)
    const tree = trees.find((one) => path.startsWith(`${one}/`))
    return tree === undefined || end === tree || end.startsWith(`${tree}/`) ? [] : [`${path} -> ${to}`]
  })

const links = async (context: Context): Promise<readonly string[]> => {
  const trees = await treesOf(context)
  if (trees.length === 0) return []
  const found = await once(context, 'source', {
    argv: ['find', ...trees, '-mindepth', '1', '-type', 'l', '-printf', '%p\\t%l\\n'],
    codes: [1],
    parse: (text) => leadingOut(trees, text),
  })
  return found === undefined || found.length === 0 ? [] : [`links that lead out of the directory: ${some(found)}`]
}

const initiator = '/etc/iscsi/initiatorname.iscsi'

/** Groups of machines that have the same value. */
export const sharing = (values: ReadonlyMap<string, string | undefined>): readonly (readonly string[])[] => {
  const groups = new Map<string, string[]>()
  for (const [name, value] of values)
    if (value !== undefined && value !== '') groups.set(value, [...(groups.get(value) ?? []), name])
  return [...groups.values()].filter((names) => names.length > 1)
}

const sameValue = async (context: Context, path: string, value: RegExp): Promise<readonly (readonly string[])[]> => {
  const found = await Promise.all(
    machines(context).map(async (name) => {
      const text = (await once(context, name, texts([path])))?.get(path)
      return [name, value.exec(text ?? '')?.[1]] as const
    }),
  )
  return sharing(new Map(found))
}

/** Free bytes and percentage per mount, from `df -P -B 1`; inodes with -i, where '-' means not counted. */
export const sharesOf = (
  text: string,
): readonly { readonly mount: string; readonly free: number; readonly used: number }[] =>
  lines(text).flatMap((line) => {
    const match = /\s\d+\s+\d+\s+(\d+)\s+(\d+)%\s+(\/.*)$/.exec(line)
    return match === null ? [] : [{ mount: match[3] ?? '', free: Number(match[1]), used: Number(match[2]) }]
  })

const places = ['/', '/var', '/var/lib/mysql', '/var/log', '/tmp'] as const

const full = async (context: Context, side: 'source' | 'target'): Promise<readonly string[]> => {
  const found = await once(context, side, { argv: ['df', '-P', '-B', '1', ...places], codes: [1], parse: sharesOf })
  const short = (found ?? []).filter((one) => one.used >= 97)
  return [...new Set(short.map(({ mount, used }) => `${mount} of the ${side} is ${used} % full`))]
}

export const fileChecks: readonly HostCheck[] = [
  {
    id: 'both/full-disks',
    level: 'block',
    title: 'File systems have free space',
    source: 'MariaDB error 1021; https://www.rabbitmq.com/docs/disk-alarms',
    why: 'MariaDB, RabbitMQ and logging stop on a full disk, and the swap stops halfway.',
    remedy: 'Free space: MariaDB, RabbitMQ and logging stop on a full disk',
    look: (context) => each(sides, (side) => full(context, side)),
  },
  {
    id: 'target/read-only',
    level: 'block',
    title: 'File systems of the target are writable',
    source: 'mount(8), errors=remount-ro',
    why: 'Packages and servers could not write on the target.',
    remedy: 'Check the kernel log for disk errors, then: mount -o remount,rw',
    look: readOnly,
  },
  {
    id: 'target/hops-noexec',
    level: 'block',
    title: 'The file system of the hop environments allows programs to run',
    source: 'mount(8), noexec',
    why: 'The schema tools of the hops could not start.',
    remedy: 'On the target, mount -o remount,exec the file system until the swap is over',
    look: hopsMount,
  },
  {
    id: 'target/sysctl',
    level: 'block',
    title: 'Network settings of the target are writable',
    source: 'systemd-nspawn(1), SYSTEMD_NSPAWN_API_VFS_WRITABLE; kernel documentation, arp_ignore',
    why: 'The target would answer for the moving addresses before the cutover.',
    remedy: 'Give the container a writable /proc/sys/net, or use a separate machine',
    look: sysctls,
  },
  {
    id: 'source/remote-trees',
    level: 'warn',
    title: 'Directories to copy are on local disks',
    source: 'glance_store/_drivers/filesystem.py',
    why: 'The data would be copied although it is shared, or be missing on the target.',
    remedy:
      'Mount the whole share at the same place on the target, writable for root and with the same user and group ids: migrate detects that it is the same and neither copies nor deletes. Without the mount, there must be room for a copy',
    look: remoteTrees,
  },
  {
    id: 'source/links-out-of-trees',
    level: 'block',
    title: 'Directories to copy hold no links that lead out of them',
    source: 'glance_store/_drivers/filesystem.py: a location is a path',
    why: 'Images or other files would be missing on the target.',
    remedy: 'Move the linked files into the directory, or copy them to the same place on the target by hand',
    look: links,
  },
  {
    id: 'both/initiator-name',
    level: 'warn',
    title: 'Each machine has its own iSCSI initiator name',
    source: 'RFC 7143, 4.2.7: a name is one node',
    why: 'Two machines would share sessions and could write to the same volume.',
    remedy: `Set a unique name in ${initiator} on each machine (iscsi-iname makes one) and restart open-iscsi`,
    look: async (context) =>
      (await sameValue(context, initiator, /^InitiatorName=(\S+)/m)).map(
        (names) => `${names.join(' and ')} have the same InitiatorName`,
      ),
  },
  {
    id: 'both/machine-id',
    level: 'warn',
    title: 'Each machine has its own machine-id',
    source: 'machine-id(5): two machines with one id look like a single one to DHCP and to the journal',
    why: 'DHCP would give cloned machines the same address.',
    remedy: 'On the cloned machine: rm /etc/machine-id, systemd-machine-id-setup, reboot',
    look: async (context) =>
      (await sameValue(context, '/etc/machine-id', /^([0-9a-f]{32})$/m)).map(
        (names) => `${names.join(' and ')} have the same machine-id`,
      ),
  },
]

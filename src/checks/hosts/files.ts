import { posix } from 'node:path'
import type { Context } from '../../context.ts'
import { lines, type Question } from '../../source/question.ts'
import { hopsDirectory } from '../../target/places.ts'
import type { HostCheck } from './host-check.ts'
import { each, machines, once, sides, some, texts } from './once.ts'

export interface Mount {
  readonly path: string
  readonly type: string
  readonly options: readonly string[]
}

/** /proc/mounts; \040 is a space. Pure. */
export const mountsOf = (text: string): readonly Mount[] =>
  lines(text).map((line) => {
    const [, path = '', type = '', options = ''] = line.split(' ')
    return { path: path.replaceAll('\\040', ' '), type, options: options.split(',') }
  })

const mounts: Question<readonly Mount[]> = { argv: ['cat', '/proc/self/mounts'], parse: mountsOf }

/** The mount that holds a path: the last of the longest. Pure. */
export const mountOf = (all: readonly Mount[], path: string): Mount | undefined =>
  all
    .filter((one) => one.path === '/' || path === one.path || path.startsWith(`${one.path}/`))
    .reduce<Mount | undefined>((best, one) => (one.path.length >= (best?.path.length ?? 0) ? one : best), undefined)

/** Where packages and servers write on the target. */
const written = ['/', '/etc', '/usr', '/var', '/var/lib', '/var/lib/mysql', '/var/log', '/tmp', hopsDirectory]

const readOnly = async (context: Context): Promise<readonly string[]> => {
  const all = (await once(context, 'target', mounts)) ?? []
  const found = written.map((path) => mountOf(all, path)).filter((mount) => mount?.options.includes('ro') === true)
  return [...new Set(found.map((mount) => `${mount?.path} of the target can only be read`))]
}

const hopsMount = async (context: Context): Promise<readonly string[]> => {
  const mount = mountOf((await once(context, 'target', mounts)) ?? [], hopsDirectory)
  return mount?.options.includes('noexec') === true
    ? [`${mount.path} of the target is mounted noexec: the hop environments in ${hopsDirectory} hold programs`]
    : []
}

const sysctls = async (context: Context): Promise<readonly string[]> =>
  mountOf((await once(context, 'target', mounts)) ?? [], '/proc/sys/net/ipv4/conf')?.options.includes('ro') === true
    ? ['/proc/sys of the target can only be read: addresses cannot be held there without answering for them']
    : []

const remoteTypes = /^(nfs4?|cifs|smb3|ceph|glusterfs|fuse\.(glusterfs|ceph|sshfs|s3fs))$/

const treesOf = ({ recipes }: Context): readonly string[] =>
  recipes.flatMap((recipe) => recipe.trees.map(({ path }) => path))

const remoteTrees = async (context: Context): Promise<readonly string[]> => {
  const all = (await once(context, 'source', mounts)) ?? []
  return treesOf(context).flatMap((path) => {
    const mount = mountOf(all, path)
    return mount !== undefined && remoteTypes.test(mount.type)
      ? [`${path} of the source is on ${mount.type} (${mount.path}): it would be copied onto the target's own disk`]
      : []
  })
}

/** Links below a tree that lead out of it: `find -printf '%p\t%l\n'`. Pure. */
export const leadingOut = (trees: readonly string[], text: string): readonly string[] =>
  lines(text).flatMap((line) => {
    const [path = '', to = ''] = line.split('\t')
    const end = posix.resolve(posix.dirname(path), to)
    const tree = trees.find((one) => path.startsWith(`${one}/`))
    return tree === undefined || end === tree || end.startsWith(`${tree}/`) ? [] : [`${path} -> ${to}`]
  })

const links = async (context: Context): Promise<readonly string[]> => {
  const trees = treesOf(context)
  if (trees.length === 0) return []
  const found = await once(context, 'source', {
    argv: ['find', ...trees, '-mindepth', '1', '-type', 'l', '-printf', '%p\\t%l\\n'],
    codes: [1],
    parse: (text) => leadingOut(trees, text),
  })
  return found === undefined || found.length === 0
    ? []
    : [`files that are only links to somewhere else: ${some(found)}`]
}

const initiator = '/etc/iscsi/initiatorname.iscsi'

/** Machines that have the same value, each group once. Pure. */
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

/** Free bytes and percentage by mount, `df -P -B 1`; inodes with -i, '-' where a file system does not count them. Pure. */
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

/** File systems, and files that make a machine what it is. */
export const fileChecks: readonly HostCheck[] = [
  {
    id: 'both/full-disks',
    level: 'block',
    title: 'File systems that are full',
    source: 'known failure P102: refused above 97 %',
    remedy: 'Make room: MariaDB, RabbitMQ and the logs stop when there is none',
    look: (context) => each(sides, (side) => full(context, side)),
  },
  {
    id: 'target/read-only',
    level: 'block',
    title: 'File systems that can be written',
    source: 'mount(8), errors=remount-ro',
    remedy: 'Read the kernel log for errors of the disk, then: mount -o remount,rw',
    look: readOnly,
  },
  {
    id: 'target/hops-noexec',
    level: 'block',
    title: 'Programs of the hop environments can run',
    source: 'mount(8), noexec',
    remedy: 'mount -o remount,exec it on the target until the swap is over',
    look: hopsMount,
  },
  {
    id: 'target/sysctl',
    level: 'block',
    title: "The target's network settings can be changed",
    source: 'systemd-nspawn(1), SYSTEMD_NSPAWN_API_VFS_WRITABLE; kernel documentation, arp_ignore',
    remedy: 'Give the container a writable /proc/sys/net, or take a machine of its own',
    look: sysctls,
  },
  {
    id: 'source/remote-trees',
    level: 'warn',
    title: 'State on shared storage',
    source: 'known failure P68',
    remedy:
      'Mount the same share on the target (same uid and gid) instead of copying, or see that there is room for the copy',
    look: remoteTrees,
  },
  {
    id: 'source/links-out-of-trees',
    level: 'block',
    title: 'Trees that are copied are whole',
    source: 'known failure P68: image active, download 404',
    remedy: 'Move what they lead to into the tree, or copy it to the same place on the target by hand',
    look: links,
  },
  {
    id: 'both/initiator-name',
    level: 'warn',
    title: 'Names of iSCSI initiators',
    source: 'RFC 7143, 4.2.7: a name is one node; known failure P60',
    remedy: `Give each machine its own in ${initiator} (iscsi-iname makes one) and restart open-iscsi`,
    look: async (context) =>
      (await sameValue(context, initiator, /^InitiatorName=(\S+)/m)).map(
        (names) => `${names.join(' and ')} have the same InitiatorName`,
      ),
  },
  {
    id: 'both/machine-id',
    level: 'warn',
    title: 'Machines that were cloned',
    source: 'machine-id(5): the same one makes two machines one to DHCP and to the journal',
    remedy: 'On the cloned one: rm /etc/machine-id, systemd-machine-id-setup, reboot',
    look: async (context) =>
      (await sameValue(context, '/etc/machine-id', /^([0-9a-f]{32})$/m)).map(
        (names) => `${names.join(' and ')} have the same machine-id`,
      ),
  },
]

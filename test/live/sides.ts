import { chmod, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import type { Argv, Command, Host, HostName } from '../../src/hosts/host.ts'
import { localHost } from '../../src/hosts/local.ts'

/** A machine for tests of files: this one, with some directories of its own (a mount namespace), including /dev. */
export interface Side {
  readonly host: Host
  /** runs shell text on it; throws when it fails */
  sh(script: string): Promise<string>
  stop(): Promise<void>
}

const stand = fileURLToPath(new URL('../../lab/stand-ins/lvm', import.meta.url))

/** LVM's commands, from the lab's stand-in for machines without device-mapper. */
const makeCommands = async (): Promise<string> => {
  const directory = await mkdtemp(join(tmpdir(), 'swapctl-side-'))
  await chmod(directory, 0o755)
  await mkdir(join(directory, 'bin'))
  for (const name of ['lvm', 'lvs', 'vgs', 'lvcreate', 'lvremove', 'lvextend', 'lvchange'])
    await symlink(stand, join(directory, 'bin', name))
  return directory
}

/**
 * `own`: directories that are empty at first and visible to this side only; `through`: the host for everything else.
 */
export const startSide = async (name: HostName, own: readonly string[], through: Host = localHost()): Promise<Side> => {
  const directory = await makeCommands()
  const script = [
    'set -e',
    'mount -t tmpfs tmpfs /dev',
    'for n in "null 1 3" "zero 1 5" "urandom 1 9"; do set -- $n; mknod -m 666 /dev/$1 c $2 $3; done; ln -s /proc/self/fd /dev/fd',
    ...own.map((path) => `mkdir -p ${path} && mount -t tmpfs tmpfs ${path}`),
    'echo ready',
    'exec sleep infinity',
  ].join('\n')
  const holder = execa('unshare', ['--mount', '--propagation', 'private', 'sh', '-c', script])
  holder.catch(() => {})
  await new Promise<void>((resolve, reject) => {
    holder.stdout.once('data', () => resolve())
    holder.once('exit', () => reject(new Error(`no mount namespace for ${name}`)))
  })
  const at = ({ argv, ...rest }: Command): Command => ({
    ...rest,
    argv: [
      'nsenter',
      `--mount=/proc/${holder.pid}/ns/mnt`,
      'env',
      `PATH=${directory}/bin:${process.env['PATH']}`,
      ...argv,
    ] as Argv,
  })
  const host: Host = { ...through, name, run: (c) => through.run(at(c)), spawn: (c) => through.spawn(at(c)) }
  const sh = async (text: string) => {
    const { code, stdout, stderr } = await host.run({ argv: ['bash', '-ec', text] })
    if (code !== 0) throw new Error(`${text}: ${stderr}`)
    return stdout.trim()
  }
  const stop = async () => {
    holder.kill('SIGKILL')
    await holder.catch(() => {})
    await rm(directory, { recursive: true, force: true })
  }
  return { host, sh, stop }
}

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { execa } from 'execa'
import { shell } from '../../src/hosts/host.ts'

/** A login of such a machine: its password, and lines of sudoers. */
export interface Account {
  readonly password?: string
  readonly sudoers?: readonly string[]
}

/** This machine, with an /etc of its own (a mount namespace): accounts and sudoers that are gone with it. */
export interface Accounts {
  /** words that run a program there */
  readonly through: readonly string[]
  /** runs shell text there as root */
  sh(script: string): Promise<string>
  stop(): Promise<void>
}

const ownEtc = [
  'set -e',
  'own=$(mktemp -d); mount -t tmpfs tmpfs "$own"; mkdir "$own/new" "$own/work"',
  'mount -t overlay -o "lowerdir=/etc,upperdir=$own/new,workdir=$own/work" overlay /etc',
  'umount -l "$own"; rmdir "$own"',
  'for each in /run/sudo /var/lib/sudo; do mkdir -p "$each"; mount -t tmpfs -o mode=0711 tmpfs "$each"; done',
  // A wrong password is answered at once.
  'sed -i "s/pam_unix.so/pam_unix.so nodelay/" /etc/pam.d/common-auth',
  'echo ready; exec sleep infinity',
].join('\n')

const made = (name: string, { password, sudoers = [] }: Account): readonly string[] => [
  `useradd --no-create-home --home-dir / --shell /bin/bash ${name}`,
  // Without PAM sshd lets no account in that is locked; '*' is none.
  password === undefined ? `usermod -p '*' ${name}` : `${shell(['echo', `${name}:${password}`])} | chpasswd`,
  `${shell(['printf', '%s\\n', ...sudoers])} > /etc/sudoers.d/${name}`,
  `chmod 440 /etc/sudoers.d/${name}; visudo -cq`,
]

export const startAccounts = async (accounts: Readonly<Record<string, Account>>): Promise<Accounts> => {
  if (!existsSync('/usr/bin/sudo')) throw new Error('needs sudo: lab/requirements.sh installs it')
  const holder = spawn('unshare', ['--mount', '--propagation', 'private', 'sh', '-c', ownEtc], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await Promise.race([
    once(holder.stdout, 'data'),
    once(holder, 'exit').then(() => Promise.reject(new Error('no mount namespace'))),
  ])
  const through = ['nsenter', `--mount=/proc/${holder.pid}/ns/mnt`, '--'] as const
  const sh = async (script: string) => (await execa('nsenter', [...through.slice(1), 'sh', '-ec', script])).stdout
  const stop = async () => {
    holder.kill('SIGKILL')
    if (holder.exitCode === null && holder.signalCode === null) await once(holder, 'exit')
  }
  const all = Object.entries(accounts).flatMap(([name, account]) => made(name, account))
  await sh(all.join('\n')).catch((error: unknown) => stop().then(() => Promise.reject(error)))
  return { through, sh, stop }
}

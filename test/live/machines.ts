import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Machine } from '../../src/config.ts'

const policy = '/usr/sbin/policy-rc.d'

/** Installs the programs that live tests need, without starting services. */
export const install = (programs: Readonly<Record<string, string>>): void => {
  const missing = Object.entries(programs).filter(([program]) => !existsSync(program))
  if (missing.length > 0) installPackages(missing.map(([, name]) => name))
}

/** With apt; nothing is started. */
export const installPackages = (names: readonly string[]): void => {
  if (process.getuid?.() !== 0) throw new Error(`needs ${names.join(', ')}: install them, or run as root`)
  const ours = !existsSync(policy)
  if (ours) writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 })
  try {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
    // Another installation may be running on this machine.
    const apt = ['-qq', '-o', 'DPkg::Lock::Timeout=1200']
    execFileSync('apt-get', [...apt, 'update'], { env, stdio: 'ignore' })
    execFileSync('apt-get', [...apt, 'install', '-y', '--no-install-recommends', ...names], { env, stdio: 'ignore' })
  } finally {
    if (ours) rmSync(policy)
  }
}

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer()
    server.on('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })

const until = async (what: string, ready: () => boolean | Promise<boolean>): Promise<void> => {
  for (let attempt = 0; attempt < 300; attempt += 1) {
    if (await ready()) return
    await sleep(100)
  }
  throw new Error(`${what} did not come up in 30 s`)
}

const ended = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve()
    else child.once('exit', () => resolve())
  })

/** Makes a key pair; returns the fingerprint. `more`: further words of ssh-keygen. */
export const keygen = (path: string, type: string, passphrase = '', ...more: readonly string[]): string => {
  execFileSync('ssh-keygen', ['-q', '-t', type, '-N', passphrase, ...more, '-f', path])
  return execFileSync('ssh-keygen', ['-lf', `${path}.pub`], { encoding: 'utf8' }).split(' ')[1] ?? ''
}

export interface Sshd {
  readonly directory: string
  /** how to reach it, with its ed25519 key pinned */
  readonly machine: Machine
  readonly fingerprints: { readonly ed25519: string; readonly rsa: string }
  stop(): Promise<void>
}

export interface SshdOptions {
  /** further lines of its configuration */
  readonly settings?: readonly string[]
  /** further variables of the programs it runs */
  readonly environment?: Readonly<Record<string, string>>
  /** what it is started with: words of `nsenter` */
  readonly through?: readonly string[]
}

/** Starts an ssh server on a free loopback port. */
export const startSshd = async ({ settings = [], environment = {}, through = [] }: SshdOptions = {}): Promise<Sshd> => {
  install({ '/usr/sbin/sshd': 'openssh-server' })
  if (process.getuid?.() !== 0) throw new Error('the live tests need root: their sshd logs root in')
  const directory = await mkdtemp(join(tmpdir(), 'sshd-'))
  // sshd reads the keys of a login as that login.
  chmodSync(directory, 0o755)
  const path = (name: string) => join(directory, name)
  mkdirSync('/run/sshd', { recursive: true })
  const fingerprints = { ed25519: keygen(path('host_ed25519'), 'ed25519'), rsa: keygen(path('host_rsa'), 'rsa') }
  keygen(path('user'), 'ed25519')
  const port = await freePort()
  const lines = [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${path('host_ed25519')}`,
    `HostKey ${path('host_rsa')}`,
    `AuthorizedKeysFile ${path('user.pub')}`,
    'PermitRootLogin prohibit-password',
    'UsePAM no',
    'StrictModes no',
    'PidFile none',
    // This machine's shell start files must have no effect on the tests.
    `SetEnv ${Object.entries({ HOME: directory, SWAPCTL_RUN: directory, ...environment })
      .map(([name, value]) => `${name}=${value}`)
      .join(' ')}`,
    ...settings,
  ]
  writeFileSync(path('config'), `${lines.join('\n')}\n`)
  const [program, ...words] = [...through, '/usr/sbin/sshd', '-D', '-e', '-f', path('config')] as const
  const child = spawn(program as string, words, { stdio: 'ignore' })
  const listening = () => execFileSync('ss', ['-Hltn', `sport = :${port}`], { encoding: 'utf8' }) !== ''
  await until('sshd', () => child.exitCode === null && listening())
  return {
    directory,
    fingerprints,
    machine: {
      name: 'source',
      host: '127.0.0.1',
      port,
      user: 'root',
      key: path('user'),
      hostKey: fingerprints.ed25519,
    },
    stop: async () => {
      child.kill('SIGTERM')
      await ended(child)
      rmSync(directory, { recursive: true })
    },
  }
}

export interface Mariadb {
  readonly directory: string
  readonly socket: string
  stop(): Promise<void>
}

/** A database server with an empty data directory, reached only through its socket; root logs in as on Debian. */
export const startMariadb = async (): Promise<Mariadb> => {
  install({ '/usr/sbin/mariadbd': 'mariadb-server' })
  const directory = await mkdtemp(join(tmpdir(), 'mariadb-'))
  const socket = join(directory, 'mysqld.sock')
  const common = ['--no-defaults', `--datadir=${join(directory, 'data')}`, '--user=root']
  execFileSync('mariadb-install-db', [...common, '--auth-root-authentication-method=socket', '--skip-test-db'], {
    stdio: 'ignore',
  })
  const child = spawn('/usr/sbin/mariadbd', [...common, `--socket=${socket}`, '--skip-networking'], { stdio: 'ignore' })
  await until('mariadbd', () => {
    if (child.exitCode !== null) throw new Error(`mariadbd ended with ${child.exitCode}`)
    return existsSync(socket)
  })
  return {
    directory,
    socket,
    stop: async () => {
      child.kill('SIGTERM')
      await ended(child)
      rmSync(directory, { recursive: true })
    },
  }
}

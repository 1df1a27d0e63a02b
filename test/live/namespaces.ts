import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { execa } from 'execa'
import type { Host, HostName } from '../../src/hosts/host.ts'

/** A program that runs until it ends or the network is closed. */
export interface Program {
  /** resolves at its first output */
  readonly said: Promise<void>
  readonly ended: Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }>
  kill(): void
}

/**
 * A machine with its own network, /etc, /run, /sys and files in /var/lib, on a bridge with the others. Its programs are
 * this machine's.
 */
export interface Box {
  readonly name: string
  /** prefix that runs a program in it */
  readonly enter: readonly string[]
  /** runs a program in it; a non-zero exit code is returned */
  run(argv: readonly string[], stdin?: string): Promise<{ code: number; stdout: string; stderr: string }>
  /** runs a program in it and returns its output; throws when it fails */
  ask(...argv: readonly string[]): Promise<string>
  start(...argv: readonly string[]): Program
  host(name: HostName): Host
}

export interface Net {
  /** `ownProcesses`: it sees its own processes only, as a machine does */
  box(name: string, addresses: readonly string[], ownProcesses?: boolean): Promise<Box>
  close(): Promise<void>
}

const sh = (script: string, ...words: readonly string[]) => execa('sh', ['-ec', script, 'net', ...words])

/**
 * A namespace has no systemd to keep timers. This stand-in starts its program when the test says so rather than when
 * the time is over: /run/fire holds the seconds left. What it starts is real.
 */
const standIn = `#!/bin/sh
while case $1 in --*) true ;; *) false ;; esac; do shift; done
setsid sh -c 'for turn in $(seq 36000); do test ! -e /run/fire || break; sleep 0.1; done
sleep "$(cat /run/fire)"; exec "$@"' timer "$@" </dev/null >/dev/null 2>&1 &
`

/** Prepares a box before anything runs in it. The remaining program keeps it alive. */
const setUp = `mount --make-rprivate /
cp -a /etc "$1/etc"
rm -rf "$1/etc/network" "$1/etc/systemd/network" "$1/etc/systemd/system/multi-user.target.wants"
mkdir -p "$1/etc/network/interfaces.d" "$1/etc/systemd/network"
mount --bind "$1/etc" /etc
mkdir "$1/lib"
mount --bind /var/lib "$1/lib"
mount -t tmpfs tmpfs /var/lib
for place in "$1"/lib/*; do
  case \${place##*/} in swapctl*) ;; *) ln -s "$place" /var/lib/ ;; esac
done
mount -t tmpfs tmpfs /run
mount -t sysfs -o ro sysfs /sys
printf %s "$2" > "$1/systemd-run"
chmod 755 "$1/systemd-run"
mount --bind "$1/systemd-run" /usr/bin/systemd-run
ip link set lo up
echo ready
exec sleep infinity`

/** SHLVL: bash with a socket as input would read ~/.bashrc unless it believes to be nested. */
const env = { LC_ALL: 'C', PATH: '/usr/sbin:/usr/bin:/sbin:/bin', SHLVL: '2' }

interface Started extends Program {
  readonly pid: number
}

const launch = ([program = '', ...words]: readonly string[]): Started => {
  const child = execa(program, words, { reject: false, env })
  const ended = child.then(({ exitCode, stdout, stderr }) => ({ code: exitCode ?? 255, stdout, stderr }))
  const said = new Promise<void>((resolve, reject) => {
    child.stdout.once('data', () => resolve())
    ended.then(({ code, stderr }) => reject(new Error(`${words.join(' ')} ended with ${code}: ${stderr}`)), reject)
  })
  said.catch(() => {})
  return { pid: child.pid ?? 0, said, ended, kill: () => child.kill('SIGKILL') }
}

/** Namespaces of a killed test run. */
const leftovers = `for space in $(ip netns list | cut -d' ' -f1); do
  case $space in "$1"-[0-9]*-*) ;; *) continue ;; esac
  pid=\${space#"$1"-}; pid=\${pid%%-*}
  test -d "/proc/$pid" || ip netns del "$space"
done`

/** A program started by a timer is no child of this process, but it is in the box's own namespace. */
const endTimers = async (name: string): Promise<void> => {
  for (let turn = 0; turn < 20; turn += 1) {
    const { stdout } = await execa('ip', ['netns', 'pids', name], { reject: false })
    const pids = stdout.split('\n').filter(Boolean)
    if (pids.length === 0) return
    await execa('kill', ['-9', ...pids], { reject: false })
    await sleep(50)
  }
}

/** A bridge in its own namespace: test addresses never exist in this machine's network. */
export const openNet = async (prefix: string): Promise<Net> => {
  const directory = await mkdtemp(join(tmpdir(), `${prefix}-`))
  const started: Started[] = []
  const spaces: string[] = []
  await sh(leftovers, prefix)
  const space = async (name: string): Promise<string> => {
    const full = `${prefix}-${process.pid}-${name}`
    await sh('ip netns del "$1" 2>/dev/null || true; ip netns add "$1"', full)
    spaces.push(full)
    return full
  }
  const bridge = await space('net')
  await sh('ip -n "$1" link add switch0 type bridge; ip -n "$1" link set switch0 up', bridge)

  const box = async (name: string, addresses: readonly string[], ownProcesses = false): Promise<Box> => {
    const own = await space(name)
    const home = join(directory, name)
    await sh(
      `mkdir "$4"; ip -n "$2" link del "port-$3" 2>/dev/null || true
       ip -n "$2" link add "port-$3" type veth peer name eth0 netns "$1"
       ip -n "$2" link set "port-$3" master switch0 up; ip -n "$1" link set eth0 up`,
      own,
      bridge,
      name,
      home,
    )
    const holder = launch([
      'nsenter',
      `--net=/run/netns/${own}`,
      'unshare',
      '--mount',
      ...(ownProcesses ? ['--pid', '--fork', '--kill-child', '--mount-proc'] : []),
      'sh',
      '-ec',
      setUp,
      'box',
      home,
      standIn,
    ])
    started.push(holder)
    await holder.said
    const processes = ownProcesses ? [`--pid=/proc/${holder.pid}/ns/pid_for_children`] : []
    const enter = ['--target', String(holder.pid), '--mount', '--net', ...processes, '--']
    const run: Box['run'] = async (argv, stdin = '') => {
      const result = await execa('nsenter', [...enter, ...argv], {
        input: stdin,
        reject: false,
        env,
        stripFinalNewline: false,
      })
      return { code: result.exitCode ?? 255, stdout: result.stdout, stderr: result.stderr }
    }
    const ask: Box['ask'] = async (...argv) => {
      const { code, stdout, stderr } = await run(argv)
      if (code !== 0) throw new Error(`${name}: ${argv.join(' ')}: ${stderr}`)
      return stdout
    }
    for (const address of addresses)
      await ask('ip', 'addr', 'add', address, 'dev', 'eth0', ...(address.includes(':') ? ['nodad'] : ['brd', '+']))
    const start: Box['start'] = (...argv) => {
      const program = launch(['nsenter', ...enter, ...argv])
      started.push(program)
      return program
    }
    const missing = (): never => {
      throw new Error('not in this test')
    }
    const host: Box['host'] = (as) => ({
      name: as,
      run: ({ argv, stdin }) => run(argv, stdin),
      spawn: missing,
      socket: missing,
      close: async () => {},
    })
    return { name, enter: ['nsenter', ...enter], run, ask, start, host }
  }
  const close = async (): Promise<void> => {
    for (const program of started.toReversed()) program.kill()
    await Promise.all(started.map((program) => program.ended))
    for (const name of spaces) await endTimers(name)
    for (const name of spaces) await sh('ip netns del "$1" 2>/dev/null || true', name)
    await rm(directory, { recursive: true, force: true })
  }
  return { box, close }
}

/** A server that sends its name to everyone who connects, on every address of the box. */
const speaker = `
import socket, sys
server = socket.create_server(('::', int(sys.argv[1])), family=socket.AF_INET6, dualstack_ipv6=True, backlog=200)
print('listening', flush=True)
kept = []
while True:
    client, _ = server.accept()
    try:
        client.sendall(sys.argv[2].encode() + b'\\n')
    except OSError:
        continue  # gone again before it was its turn
    kept.append(client)
    kept[:] = kept[-500:]
`

export const speak = (box: Box, port: number, says: string): Promise<void> =>
  box.start('python3', '-c', speaker, String(port), says).said

/** Connects every few milliseconds until told to stop; counts who answered and how slowly. */
const caller = `
import json, socket, sys, time, os
address, port, stop = sys.argv[1], int(sys.argv[2]), sys.argv[3]
answers, failed, cut, slowest = {}, [], [], 0
while not os.path.exists(stop):
    began = time.time()
    try:
        with socket.create_connection((address, port), 3) as wire:
            try:
                said = wire.recv(20).decode().strip()
                answers[said] = answers.get(said, 0) + 1
            except OSError as error:
                cut.append(str(error))
    except OSError as error:
        failed.append(str(error))
    slowest = max(slowest, time.time() - began)
    time.sleep(0.003)
print(json.dumps({'answers': answers, 'failed': failed, 'cut': cut, 'slowest': slowest * 1000}))
`

export interface Calls {
  readonly answers: Readonly<Record<string, number>>
  /** connections that could not be opened */
  readonly failed: readonly string[]
  /** those that were open but not yet answered when the address moved: no machine can carry them over */
  readonly cut: readonly string[]
  /** milliseconds */
  readonly slowest: number
}

/** Calls an address from a box until `end` is called. */
export const call = async (box: Box, address: string, port: number): Promise<{ end(): Promise<Calls> }> => {
  const directory = await mkdtemp(join(tmpdir(), 'call-'))
  const stop = join(directory, 'stop')
  const child = box.start('python3', '-c', caller, address, String(port), stop)
  return {
    end: async () => {
      await writeFile(stop, '')
      const { stdout } = await child.ended
      await rm(directory, { recursive: true })
      return JSON.parse(stdout) as Calls
    },
  }
}

import { hostname } from '../ask/facts.ts'
import { ask, askMaybe, lines, type Question } from '../ask/question.ts'
import type { Host } from '../hosts/host.ts'

export interface Guest {
  readonly uuid: string
  /** QEMU's pid; undefined: defined in libvirt but not running */
  readonly pid?: number
  /** libvirt knows it */
  readonly domain: boolean
}

/** A disk of the compute's iSCSI initiator. */
export interface Disk {
  /** '10.30.0.12:3260' */
  readonly portal: string
  readonly target: string
}

/** What is running on a compute, whatever any controller says. */
export interface Running {
  readonly compute: string
  readonly hostname: string
  readonly guests: readonly Guest[]
  readonly disks: readonly Disk[]
}

const uuid = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}'

/** `ps -o pid,args` of QEMU processes, with or without libvirt: each command line has the uuid. */
export const parseProcesses = (text: string): readonly Guest[] =>
  lines(text).flatMap((line) => {
    const [, pid, program = ''] = /^\s*(\d+)\s+(\S+)/.exec(line) ?? []
    const found = new RegExp(`\\s-uuid\\s(${uuid})\\b`).exec(line)?.[1]
    if (pid === undefined || found === undefined || !/(^|\/)(qemu|kvm)[^/]*$/.test(program)) return []
    return [{ uuid: found, pid: Number(pid), domain: false }]
  })

/** `virsh list --all --uuid`: one per line. */
export const parseDomains = (text: string): readonly string[] =>
  lines(text)
    .map((line) => line.trim())
    .filter((line) => new RegExp(`^${uuid}$`).test(line))

/** `iscsiadm -m session`: 'tcp: [1] 10.30.0.12:3260,1 iqn.2010-10.org.openstack:volume-4f1d... (non-flash)'. */
export const parseDisks = (text: string): readonly Disk[] =>
  lines(text).flatMap((line) => {
    const [, portal, target] = /^\w+: \[\d+\] (\S+),-?\d+ (\S+)/.exec(line) ?? []
    return portal === undefined || target === undefined ? [] : [{ portal, target }]
  })

const processes: Question<readonly Guest[]> = { argv: ['ps', '-ww', '-e', '-o', 'pid=,args='], parse: parseProcesses }
const domains: Question<readonly string[]> = {
  argv: ['virsh', '--connect', 'qemu:///system', '--readonly', 'list', '--all', '--uuid'],
  parse: parseDomains,
}
const disks: Question<readonly Disk[]> = { argv: ['iscsiadm', '-m', 'session'], parse: parseDisks }

/** Asks a compute for its guests and disks; without libvirt or open-iscsi there are none. */
export const askRunning = async (host: Host, compute: string): Promise<Running> => {
  const [name, found, defined, held] = await Promise.all([
    ask(host, hostname),
    ask(host, processes),
    askMaybe(host, domains),
    askMaybe(host, disks),
  ])
  const known = new Set(defined ?? [])
  const idle = [...known].filter((one) => !found.some((guest) => guest.uuid === one))
  return {
    compute,
    hostname: name,
    guests: [
      ...found.map((guest) => ({ ...guest, domain: known.has(guest.uuid) })),
      ...idle.map((one) => ({ uuid: one, domain: true })),
    ],
    disks: held ?? [],
  }
}

import type { Machine } from '../config.ts'

/** An address as it stands before a port. */
export const bracketed = (host: string): string => (host.includes(':') ? `[${host}]` : host)

/** '10.0.0.11:22', '[fd00::12]:22' */
export const atHost = ({ host, port }: Pick<Machine, 'host' | 'port'>): string => `${bracketed(host)}:${port}`

/** 'source (root@10.0.0.11:22)', 'target (root@[fd00::12]:22 through bastion)' */
export const place = (machine: Machine): string => {
  const { name, user, jump = [] } = machine
  const through = jump.length === 0 ? '' : ` through ${jump.map((hop) => hop.name).join(', ')}`
  return `${name} (${user}@${atHost(machine)}${through})`
}

/** The words of ssh that reach a machine: '-J adm@bastion:22 -p 22 root@10.0.0.11'. */
export const jumpWords = ({ user, host, port, jump = [] }: Machine): string => {
  const hops = jump.map((hop) => `${hop.user}@${atHost(hop)}`).join(',')
  return `${hops === '' ? '' : `-J ${hops} `}-p ${port} ${user}@${host}`
}

import type { Host } from '../hosts/host.ts'
import type { Broker } from '../survey.ts'
import { ask, lines, type Question } from './question.ts'

export interface Queue {
  readonly vhost: string
  readonly name: string
  readonly messages: number
}

/** With -q rabbitmqctl prints only the answer, from 3.0 to 4.x; the parsers skip table headings. */
const vhosts: Question<readonly string[]> = {
  argv: ['rabbitmqctl', '-q', 'list_vhosts', 'name'],
  parse: (text) => lines(text).filter((line) => line !== 'name' && !/\.\.\.$/.test(line)),
}

const queuesOf = (vhost: string): Question<readonly Queue[]> => ({
  argv: ['rabbitmqctl', '-q', 'list_queues', '-p', vhost, 'name', 'messages'],
  parse: (text) =>
    lines(text)
      .map((line) => line.split('\t'))
      .filter(([, messages]) => /^\d+$/.test(messages ?? ''))
      .map(([name = '', messages]) => ({ vhost, name, messages: Number(messages) })),
})

/** Every queue of every vhost with its number of messages. */
export const askQueues = async (host: Host): Promise<readonly Queue[]> => {
  const names = await ask(host, vhosts)
  return (await Promise.all(names.map((name) => ask(host, queuesOf(name))))).flat()
}

type Row = Readonly<Record<string, unknown>>

/** What a broker stores besides queues, including password hashes. */
export interface Definitions {
  readonly users: readonly Row[]
  readonly vhosts: readonly Row[]
  readonly permissions: readonly Row[]
  readonly topic_permissions: readonly Row[]
  readonly policies: readonly Row[]
}

/** The broker's definitions as its own tool exports them (RabbitMQ 3.8.2 and later), without queues. */
export const definitions: Question<Definitions> = {
  argv: ['rabbitmqctl', '-q', 'export_definitions', '-', '--format', 'json'],
  parse: (text) => definitionsOf(JSON.parse(text.slice(text.indexOf('{'))) as Record<string, unknown>),
}

const definitionsOf = (all: Record<string, unknown>): Definitions => {
  const rows = (key: string): readonly Row[] => (Array.isArray(all[key]) ? (all[key] as Row[]) : [])
  return {
    users: rows('users'),
    vhosts: rows('vhosts'),
    permissions: rows('permissions'),
    topic_permissions: rows('topic_permissions'),
    policies: rows('policies'),
  }
}

/**
 * The cluster as this node sees it; a single node is a cluster of one. Undefined: no JSON output (before RabbitMQ 3.8).
 */
export const broker: Question<Broker | undefined> = {
  argv: ['rabbitmqctl', '-q', 'cluster_status', '--formatter', 'json'],
  parse: (text) => (text.includes('{') ? brokerOf(JSON.parse(text.slice(text.indexOf('{')))) : undefined),
}

/** `disk_nodes`, `ram_nodes`, `running_nodes`: names; `partitions`: the nodes that each node has lost. */
export const brokerOf = (status: Readonly<Record<string, unknown>>): Broker => {
  const names = (key: string): readonly string[] => (Array.isArray(status[key]) ? (status[key] as string[]) : [])
  const lost = Object.values((status['partitions'] ?? {}) as Readonly<Record<string, readonly string[]>>).flat()
  return {
    nodes: [...new Set([...names('disk_nodes'), ...names('ram_nodes'), ...names('running_nodes')])],
    running: names('running_nodes'),
    partitioned: [...new Set(lost)],
  }
}

import type { Cloud } from './cloud.ts'
import { inside } from './machines.ts'
import { type Pinger, type PingOptions, startPinger } from './pinger.ts'
import { labScript } from './place.ts'

/** Two neutron ports of one network on the compute node, each in a namespace of its own there. */
export interface Path {
  /** begins to ping the second from the first */
  ping(options?: PingOptions): Pinger
  remove(cloud: Cloud): Promise<void>
}

interface Port {
  readonly id: string
  readonly mac_address: string
  readonly status: string
  readonly fixed_ips: readonly { readonly ip_address: string }[]
}

const names = ['ping-1', 'ping-2'] as const
type Name = (typeof names)[number]

const makePort = async (cloud: Cloud, network: string, name: Name): Promise<Port> => {
  const port = {
    network_id: network,
    name,
    'binding:host_id': 'cmp1',
    device_owner: 'compute:ping',
    // Neither security groups nor anti-spoofing stand between a ping and its answer: the path is what is looked at.
    port_security_enabled: false,
  }
  const { status, body } = await cloud.call('POST', 'network', '/v2.0/ports', { port })
  if (status !== 201) throw new Error(`neutron made no port: ${status} ${body.slice(0, 200)}`)
  return (JSON.parse(body) as { port: Port }).port
}

/** As a hypervisor plugs a guest in: the agent finds the port by its iface-id, and wires it. */
const plug = `set -e
name=$1 id=$2 mac=$3 address=$4
ovs-vsctl --may-exist add-port br-int "$name" -- set Interface "$name" type=internal \\
  external_ids:iface-id="$id" external_ids:iface-status=active external_ids:attached-mac="$mac"
ip netns add "$name"
ip link set "$name" address "$mac"
ip link set "$name" netns "$name"
ip -n "$name" link set lo up
ip -n "$name" link set "$name" mtu 1450 up
ip -n "$name" addr add "$address/24" dev "$name"`

const unplug = `for name; do
  ovs-vsctl --if-exists del-port br-int "$name"
  ip netns del "$name" 2>/dev/null || true
done`

const wired = async (cloud: Cloud, { id }: Port): Promise<void> => {
  for (let tries = 0; tries < 60; tries++) {
    const { port } = (await cloud.get('network', `/v2.0/ports/${id}`)) as unknown as { port: Port }
    if (port.status === 'ACTIVE') return
    await new Promise((wake) => setTimeout(wake, 1000))
  }
  throw new Error(`the agent of cmp1 has not wired port ${id} in 60 s`)
}

/** Makes both ports on a network, and plugs them in. What an earlier run left on the compute node is unplugged first. */
export const layPath = async (cloud: Cloud, network: string): Promise<Path> => {
  await inside('compute', ['sh', '-c', unplug, 'unplug', ...names])
  const ports = await Promise.all(names.map((name) => makePort(cloud, network, name)))
  const addressOf = (port: Port | undefined): string => port?.fixed_ips[0]?.ip_address ?? ''
  for (const [index, name] of names.entries()) {
    const port = ports[index] as Port
    await inside('compute', ['sh', '-c', plug, 'plug', name, port.id, port.mac_address, addressOf(port)])
  }
  await Promise.all(ports.map((port) => wired(cloud, port)))
  return {
    ping: (options) =>
      startPinger(
        ['bash', labScript, 'exec', 'compute', 'ip', 'netns', 'exec', names[0]],
        addressOf(ports[1]),
        options,
      ),
    remove: async (now) => {
      await inside('compute', ['sh', '-c', unplug, 'unplug', ...names])
      for (const { id } of ports) await now.call('DELETE', 'network', `/v2.0/ports/${id}`)
    },
  }
}

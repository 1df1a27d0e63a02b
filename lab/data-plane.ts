import type { Cloud } from './cloud.ts'
import { inside } from './machines.ts'
import { type Pinged, type Pinger, startPinger } from './pinger.ts'
import { labScript } from './place.ts'
import { demandNone, type Proof } from './proof.ts'

/** A port on a tenant network, wired by the compute node's agent, with a network namespace behind it. */
interface Wired {
  readonly namespace: string
  readonly address: string
}

interface Port {
  readonly id: string
  readonly mac_address: string
  readonly fixed_ips: readonly { readonly ip_address: string }[]
}

/** Plugs like nova, but into a namespace instead of a guest: a ping there sees what a guest would see. */
const plug = `name=$1 port=$2 mac=$3 address=$4
ovs-vsctl --may-exist add-port br-int "$name" -- set Interface "$name" type=internal "mac=\\"$mac\\"" \
  "external_ids:iface-id=$port" "external_ids:attached-mac=\\"$mac\\"" external_ids:iface-status=active
ip netns add "$name"
ip link set "$name" netns "$name"
ip -n "$name" addr add "$address/24" dev "$name"
ip -n "$name" link set "$name" mtu 1400 up`

const wire = async (cloud: Cloud, network: string, name: string): Promise<Wired> => {
  const body = {
    port: { network_id: network, name, device_owner: 'compute:lab', device_id: name, 'binding:host_id': 'cmp1' },
  }
  const answer = await cloud.call('POST', 'network', '/v2.0/ports', body)
  if (answer.status !== 201) throw new Error(`neutron answered ${answer.status}: ${answer.body.slice(0, 300)}`)
  const { port } = JSON.parse(answer.body) as { port: Port }
  const address = port.fixed_ips[0]?.ip_address ?? 'no address'
  await inside('compute', ['sh', '-ec', plug, 'plug', name, port.id, port.mac_address, address])
  return { namespace: name, address }
}

/** neutron marks a port as active some time after its first packet went through. */
const reported = async (cloud: Cloud, name: string): Promise<void> => {
  for (let tries = 0; tries < 60; tries++) {
    const { ports } = (await cloud.get('network', `/v2.0/ports?name=${name}`)) as { ports: { status: string }[] }
    if (ports.length > 0 && ports.every(({ status }) => status === 'ACTIVE')) return
    await new Promise((wake) => setTimeout(wake, 1000))
  }
  throw new Error(`the agent has not reported ${name} as wired after a minute`)
}

/** Creates two ports on the compute node. From then on they belong to the cloud like its users' other ports. */
export const wirePorts = async (cloud: Cloud, network: string): Promise<readonly [Wired, Wired]> => {
  const ports = [await wire(cloud, network, 'ping-a'), await wire(cloud, network, 'ping-b')] as const
  for (const { namespace } of ports) await reported(cloud, namespace)
  return ports
}

/** Pings one port from the other, inside the compute node. */
export const pingPorts = ([from, to]: readonly [Wired, Wired]): Pinger =>
  startPinger(['bash', labScript, 'exec', 'compute', 'ip', 'netns', 'exec', from.namespace], to.address)

const pingedText = ({ sent, lost, gap, seconds }: Pinged): string =>
  `${sent} pings in ${seconds.toFixed(0)} s, ${lost} lost, the longest gap ${gap.toFixed(2)} s`

/** Proves that traffic between servers was not interrupted. */
export const nothingLost = (pinger: Pinger): Proof => ({
  name: 'between two ports on the compute node no ping was lost',
  run: async () => {
    const seen = await pinger.stop()
    demandNone('pings were lost', seen.lost === 0 && seen.sent > 100 ? [] : [pingedText(seen)])
    return pingedText(seen)
  },
})

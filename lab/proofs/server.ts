import type { Cloud } from '../cloud.ts'
import { inside, linesOf } from '../machines.ts'
import { demandNone, type Proof } from '../proof.ts'

interface Server {
  readonly id: string
  readonly name: string
  readonly status: string
  readonly flavor: { readonly id: string }
  readonly image: { readonly id: string } | ''
  readonly fault?: { readonly message: string }
  readonly 'OS-EXT-SRV-ATTR:host': string
  readonly 'OS-EXT-SRV-ATTR:instance_name': string
}

const sleep = (seconds: number): Promise<void> => new Promise((wake) => setTimeout(wake, seconds * 1000))

/** A server on this host, whose image, flavor and network a new one can use. */
const askModel = async (cloud: Cloud, host: string) => {
  const { servers } = (await cloud.get('compute', '/servers/detail?all_tenants=1')) as { servers: Server[] }
  const model = servers.find((it) => it['OS-EXT-SRV-ATTR:host'] === host && it.status === 'ACTIVE' && it.image !== '')
  if (model === undefined || model.image === '') throw new Error(`no server of an image is ACTIVE on ${host}`)
  const { interfaceAttachments } = (await cloud.get('compute', `/servers/${model.id}/os-interface`)) as {
    interfaceAttachments: { net_id: string }[]
  }
  return { flavor: model.flavor.id, image: model.image.id, network: interfaceAttachments[0]?.net_id }
}

const askServer = async (cloud: Cloud, id: string): Promise<Server | undefined> => {
  const { status, body } = await cloud.call('GET', 'compute', `/servers/${id}`)
  if (status === 404) return undefined
  if (status !== 200) throw new Error(`the server's page answered ${status}: ${body.slice(0, 200)}`)
  return (JSON.parse(body) as { server: Server }).server
}

const create = async (cloud: Cloud, name: string, host: string): Promise<string> => {
  const model = await askModel(cloud, host)
  const answer = await cloud.call('POST', 'compute', '/servers', {
    server: {
      name,
      flavorRef: model.flavor,
      imageRef: model.image,
      networks: model.network === undefined ? [] : [{ uuid: model.network }],
      availability_zone: `nova:${host}`,
    },
  })
  if (answer.status !== 202) throw new Error(`server create answered ${answer.status}: ${answer.body.slice(0, 300)}`)
  return (JSON.parse(answer.body) as { server: Server }).server.id
}

const waitActive = async (cloud: Cloud, id: string, limit: number): Promise<Server> => {
  const until = Date.now() + limit * 1000
  for (;;) {
    const server = await askServer(cloud, id)
    if (server?.status === 'ACTIVE') return server
    if (server === undefined || server.status === 'ERROR')
      throw new Error(`the new server is ${server?.status ?? 'gone'}: ${server?.fault?.message ?? 'no fault is told'}`)
    if (Date.now() > until) throw new Error(`the new server is ${server.status} after ${limit} s`)
    await sleep(1)
  }
}

/** Deletes a server that a proof created; a plain DELETE would soft-delete it in a cloud configured so. */
const remove = async (cloud: Cloud, id: string): Promise<void> => {
  await cloud.call('POST', 'compute', `/servers/${id}/action`, { forceDelete: null })
  for (let tries = 0; tries < 90; tries++) {
    const server = await askServer(cloud, id)
    if (server === undefined || server.status === 'DELETED') return
    await sleep(1)
  }
  throw new Error('the new server was not deleted after 90 s')
}

/** Creates a server and leaves it running, as a user would. Resolves with its id once its guest runs. */
export const leaveServer = async (cloud: Cloud, name: string, host: string, limit = 1200): Promise<string> => {
  const id = await create(cloud, name, host)
  await waitActive(cloud, id, limit)
  return id
}

/** What an operator is told to do about a guest that the cloud does not know. */
export const endGuest = async (id: string): Promise<void> => {
  await inside('compute', ['virsh', 'destroy', id])
  await inside('compute', ['virsh', 'undefine', id])
}

/** A new server on this compute node becomes ACTIVE, and libvirt runs its guest there. */
export const newServer = (cloud: () => Promise<Cloud>, host: string, limit = 1200): Proof => ({
  name: `a new server becomes ACTIVE on ${host}, the old compute node`,
  run: async () => {
    const api = await cloud()
    const began = performance.now()
    const id = await create(api, `after-${Date.now()}`, host)
    const server = await waitActive(api, id, limit)
    const seconds = (performance.now() - began) / 1000
    const domain = server['OS-EXT-SRV-ATTR:instance_name']
    const running = linesOf(await inside('compute', ['virsh', 'list', '--name'])).map((line) => line.trim())
    demandNone('the new server runs elsewhere', server['OS-EXT-SRV-ATTR:host'] === host ? [] : [JSON.stringify(server)])
    demandNone('libvirt does not run it', running.includes(domain) ? [] : [`${domain} is not among ${running}`])
    await remove(api, id)
    return `ACTIVE after ${seconds.toFixed(1)} s, ${domain} in virsh list (${running.length} guests)`
  },
})

interface Service {
  readonly binary: string
  readonly host: string
  readonly state: string
  readonly status: string
}

const askDown = async (cloud: Cloud): Promise<{ up: readonly string[]; down: readonly string[] }> => {
  const { services } = (await cloud.get('compute', '/os-services?binary=nova-compute')) as { services: Service[] }
  const { agents } = (await cloud.get('network', '/v2.0/agents')) as {
    agents: { binary: string; host: string; alive: boolean }[]
  }
  const all = [
    ...services.map(({ binary, host, state }) => ({ name: `${binary}@${host}`, up: state === 'up' })),
    ...agents.map(({ binary, host, alive }) => ({ name: `${binary}@${host}`, up: alive })),
  ]
  const names = (up: boolean) => all.filter((it) => it.up === up).map((it) => it.name)
  return { up: names(true), down: names(false) }
}

/** Every nova-compute and network agent reports, the same ones as before. */
export const computesUp = (cloud: () => Promise<Cloud>, before: readonly string[], limit = 1200): Proof => ({
  name: 'compute services and network agents report as up',
  run: async () => {
    const began = performance.now()
    for (;;) {
      const { up, down } = await askDown(await cloud())
      const missing = before.filter((name) => !up.includes(name))
      const seconds = (performance.now() - began) / 1000
      if (missing.length === 0 && down.length === 0) return `${up.join(', ')} after ${seconds.toFixed(1)} s`
      if (seconds > limit) demandNone(`not up after ${limit} s`, [...missing, ...down])
      await sleep(2)
    }
  },
})

export const askUp = async (cloud: Cloud): Promise<readonly string[]> => (await askDown(cloud)).up

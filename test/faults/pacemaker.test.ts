import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Cloud, openCloud } from './cloud.ts'
import { until } from './disturb.ts'
import { type Light, openLight } from './light.ts'
import { takePicture } from './picture.ts'

// pacemaker sets the source's address: a cluster of one as installed, with one resource.
let cloud: Cloud
let light: Light

const has = async (): Promise<boolean> =>
  (await light.sh('source', 'ip -o addr show dev eth0')).includes(` ${light.vip}/24 `)

/** The resources in the cluster's configuration, without its counters. */
const resources = () => light.sh('source', 'cibadmin --query --scope resources')

const handToPacemaker = async (): Promise<void> => {
  await light.sh(
    'source',
    `sed -i '/^Address=${light.vip}/d' /etc/systemd/network/10-eth0.network && networkctl reload
systemctl enable --quiet corosync pacemaker && systemctl start corosync pacemaker`,
  )
  const online = async () => (await light.attempt('source', ['crm_mon', '-1'])).stdout.includes('Online:')
  await until('the cluster is up', online)
  await until('the network has let go of the address', async () => !(await has()))
  await light.sh(
    'source',
    `crm_attribute --type crm_config --name stonith-enabled --update false
crm_attribute --type crm_config --name no-quorum-policy --update ignore
cibadmin --create --scope resources --xml-text '<primitive id="vip" class="ocf" provider="heartbeat" type="IPaddr2"><instance_attributes id="vip-a"><nvpair id="vip-ip" name="ip" value="${light.vip}"/><nvpair id="vip-mask" name="cidr_netmask" value="24"/><nvpair id="vip-nic" name="nic" value="eth0"/></instance_attributes><operations><op id="vip-m" name="monitor" interval="2s"/></operations></primitive>'`,
  )
  await until('pacemaker has set the address', has)
}

beforeAll(async () => {
  light = await openLight('pacemaker')
  cloud = await openCloud(light)
  await handToPacemaker()
})
afterAll(() => cloud?.close())

test('pacemaker leaves the address to the cutover, also after a boot, and has it again after the revert', async () => {
  const served = await takePicture(light, 'source')
  const before = await resources()
  await cloud.done('prepare')
  await cloud.done('migrate')
  await cloud.done('cutover', '--yes')
  expect(await has()).toBe(false)
  await light.powerOff('source')
  await light.boot('source')
  await until('the cluster is up', async () => (await resources()).includes('is-managed'))
  expect(await has()).toBe(false)
  expect(await cloud.done('verify')).toContain('No differences')

  expect(await cloud.done('revert', '--yes')).toContain('The old cloud is back')
  expect(await resources()).toBe(before)
  expect(await takePicture(light, 'source')).toEqual(served)
  // pacemaker manages the address again.
  await light.sh('source', `ip addr del ${light.vip}/24 dev eth0`)
  await until('pacemaker has set the address', has)
})

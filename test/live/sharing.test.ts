import { expect, test } from 'vitest'
import { askSharing } from '../../src/cutover/keepers/manager.ts'
import { put } from './controllers.ts'
import { openNet } from './namespaces.ts'

test('interfaces configured by the same .network file are distinguished from others', async () => {
  const net = await openNet('swapshare')
  try {
    const box = await net.box('target', [])
    const file = '/etc/systemd/network/e.network'
    const index = async (name: string) => (await box.ask('cat', `/sys/class/net/${name}/ifindex`)).trim()
    const link = async (name: string, by: string) =>
      put(box, `/run/systemd/netif/links/${await index(name)}`, `ADMIN_STATE=configured\nNETWORK_FILE=${by}\n`)
    expect(await askSharing(box.host('target'), file, 'eth0')).toEqual([])
    await link('eth0', file)
    await link('lo', `${file}.other`)
    expect(await askSharing(box.host('target'), file, 'eth0')).toEqual([])
    await link('lo', file.replace('/etc/', '/usr/lib/'))
    expect(await askSharing(box.host('target'), file, 'eth0')).toEqual(['lo'])
  } finally {
    await net.close()
  }
})

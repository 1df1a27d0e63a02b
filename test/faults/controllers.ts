import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { until } from './disturb.ts'
import type { Light, LightName } from './light.ts'

/** Installs the source's service with its settings and keys on another controller. */
export const standUp = async (light: Light, machine: LightName): Promise<void> => {
  const from = (path: string) => join(light.root('source'), path)
  const to = (path: string) => join(light.root(machine), path)
  await cp(from('srv/stand-ins'), to('srv/stand-ins'), { recursive: true })
  await light.sh(machine, 'DEBIAN_FRONTEND=noninteractive dpkg -i /srv/stand-ins/{keystone,memcached}_*.deb >/dev/null')
  for (const path of ['etc/keystone', 'root/openrc'])
    await cp(from(path), to(path), { recursive: true, force: true, preserveTimestamps: true })
  await light.sh(machine, 'chown -R keystone: /etc/keystone/*-keys && systemctl restart keystone memcached')
}

const vrrp = (vip: string, state: string, priority: number) => `vrrp_script healthy {
  script "/usr/bin/test ! -e /run/unhealthy"
  interval 1
}
vrrp_instance api {
  state ${state}
  interface eth0
  virtual_router_id 51
  priority ${priority}
  advert_int 1
  authentication {
    auth_type PASS
    auth_pass vrrp-key
  }
  virtual_ipaddress {
    ${vip}/24
  }
  track_script {
    healthy
  }
}
`

/** Whether a machine has the moving address on its interface. */
export const has = async (light: Light, machine: LightName): Promise<boolean> =>
  (await light.sh(machine, 'ip -o addr show dev eth0')).includes(` ${light.vip}/24 `)

/** Removes the address from the source's network configuration and gives it to keepalived, the first as its master. */
export const handToKeepalived = async (light: Light, controllers: readonly LightName[]): Promise<void> => {
  await light.sh(
    'source',
    `sed -i '/^Address=${light.vip}/d' /etc/systemd/network/10-eth0.network && networkctl reload`,
  )
  await until('the network has let go of the address', async () => !(await has(light, 'source')))
  for (const [index, machine] of controllers.entries()) {
    const text = vrrp(light.vip, index === 0 ? 'MASTER' : 'BACKUP', 150 - 50 * index)
    const write = `install -m 600 /dev/stdin /etc/keepalived/keepalived.conf <<'END'\n${text}END\nsystemctl restart keepalived`
    await light.sh(machine, write)
    if (index === 0) await until('the master has it', () => has(light, 'source'))
  }
}

/** The machines' host names, which the members of the Galera cluster know each other by. */
const nodes = ['src', 'ctl2', 'ctl3']

const galera = (address: string): string => `[mysqld]
binlog_format = ROW
innodb_autoinc_lock_mode = 2
wsrep_on = ON
wsrep_provider = /usr/lib/galera/libgalera_smm.so
wsrep_provider_options = "gcache.size=16M"
wsrep_cluster_name = light
wsrep_cluster_address = gcomm://${nodes.join(',')}
wsrep_node_address = ${address}
wsrep_sst_method = rsync
`

/** Makes one Galera cluster of the controllers' MariaDBs; the rows of the first stay. */
export const joinGalera = async (light: Light, controllers: readonly LightName[]): Promise<void> => {
  const join = async (machine: LightName, start: string): Promise<void> => {
    const write = `cat >/etc/mysql/mariadb.conf.d/95-galera.cnf <<'END'\n${galera(light.address(machine))}END`
    await light.sh(machine, `${write}\nsystemctl stop mariadb\n${start}`, { limit: 240 })
  }
  const [first, ...others] = controllers as readonly [LightName, ...LightName[]]
  await join(first, 'galera_new_cluster')
  for (const other of others) await join(other, 'systemctl start mariadb')
}

/** How a member sees its cluster: 'UUID 3 Synced'. */
export const clusterOn = async (light: Light, machine: LightName): Promise<string> => {
  const names = ['wsrep_cluster_state_uuid', 'wsrep_cluster_size', 'wsrep_local_state_comment']
  const value = (name: string) =>
    `(SELECT variable_value FROM information_schema.global_status WHERE variable_name = '${name}')`
  const { stdout } = await light.attempt(machine, [
    'mysql',
    '-BNe',
    `SELECT CONCAT_WS(' ', ${names.map(value).join(', ')})`,
  ])
  return stdout.trim()
}

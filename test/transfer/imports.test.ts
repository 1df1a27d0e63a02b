import { expect, test } from 'vitest'
import { onlyDefaultBackend } from '../../src/services/cinder/checks-settings.ts'
import { importsOf } from '../../src/transfer/imports.ts'

const of = (project: string, text: string) =>
  importsOf(`/etc/${project}/${project}.conf`, project, text, '2025.1').map(
    ({ section, option, group = '', name }) => `[${section}] ${option}: ${group} ${name}`,
  )

test.each([
  ['neutron', '[quotas]\nquota_driver = neutron.db.quota_db.DbQuotaDriver\n', []],
  ['neutron', '[quotas]\nquota_driver = own.quota.Driver\n', ['[quotas] quota_driver:  own.quota.Driver']],
  [
    'neutron',
    '[DEFAULT]\nservice_plugins = router,neutron_lbaas.services.loadbalancer.plugin.LoadBalancerPluginv2,vpnaas\n',
    ['router', 'vpnaas'].map((name) => `[DEFAULT] service_plugins: neutron.service_plugins ${name}`),
  ],
  [
    'neutron',
    '[DEFAULT]\ncore_plugin = neutron.plugins.openvswitch.ovs_neutron_plugin.OVSNeutronPluginV2\n',
    ['[DEFAULT] core_plugin: neutron.core_plugins neutron.plugins.openvswitch.ovs_neutron_plugin.OVSNeutronPluginV2'],
  ],
  [
    'cinder',
    '[DEFAULT]\nvolume_manager = own.Manager\nvolume_api_class = own.API\nbackup_driver = cinder.backup.drivers.swift\n',
    [
      '[DEFAULT] volume_manager:  own.Manager',
      '[DEFAULT] volume_api_class:  own.API',
      '[DEFAULT] backup_driver:  cinder.backup.drivers.swift.SwiftBackupDriver',
    ],
  ],
  // a method has the group of its name; its plugin is the one named by its option
  [
    'keystone',
    '[auth]\nmethods = password,oidc\npassword = keystone.auth.plugins.password.Password\noidc = keystone.auth.plugins.mapped.Mapped\n[identity]\ndriver = keystone.identity.backends.ldap.Identity\n',
    [
      '[auth] methods: keystone.auth.password default',
      '[auth] methods: keystone.auth.oidc mapped',
      '[identity] driver: keystone.identity ldap',
    ],
  ],
  // gone with its reader, or read by computes
  ['nova', '[DEFAULT]\nnetwork_manager = nova.network.manager.FlatDHCPManager\nscheduler_driver = a.B\n', []],
  ['nova', '[DEFAULT]\ncompute_driver = libvirt.LibvirtDriver\ncompute_manager = nova.compute.manager.X\n', []],
  [
    'nova',
    '[oslo_messaging_notifications]\ndriver = messagingv2\n',
    ['[oslo_messaging_notifications] driver: oslo.messaging.notify.drivers messagingv2'],
  ],
])('%s %j', (project, text, wanted) => {
  expect(of(project, text)).toEqual(wanted)
})

test.each([
  ['[DEFAULT]\nvolume_group = cinder-volumes\niscsi_helper = tgtadm\n', true],
  ['', true],
  ['[DEFAULT]\nenabled_backends =\n', true],
  ['[DEFAULT]\nenabled_backends = lvm\n', false],
])('no backend but that of [DEFAULT]: %j', (text, wanted) => expect(onlyDefaultBackend(text)).toBe(wanted))

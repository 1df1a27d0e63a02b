import type { ValueRule } from '../../services/options.ts'

/** Drivers of notifications. */
export const notificationValues: readonly ValueRule[] = [
  {
    project: '*',
    section: 'oslo_messaging_notifications',
    options: 'driver',
    since: 'juno',
    replace: [
      [/^\w+\.openstack\.common\.notifier\.rpc_notifier2$/, 'messagingv2'],
      [/^\w+\.openstack\.common\.notifier\.rpc_notifier$/, 'messaging'],
      [/^\w+\.openstack\.common\.notifier\.log_notifier$/, 'log'],
      [/^\w+\.openstack\.common\.notifier\.no_op_notifier$/, 'noop'],
    ],
    reason: 'the incubated notifiers became drivers of oslo.messaging in juno',
  },
]

import type { Gone, Move } from '../../services/options.ts'

/**
 * What the metadata of a recent release no longer tells about old names. All of it applies only where the target does not
 * know the old name itself (live or as an alias) and, for `moves`, does know the new one: so no release is compared, and
 * each line holds for every pair of releases.
 * Source of a line, where it names none: the option definitions of the release tags between Havana and 2026.1.
 */

/** Of every service's file; what is one service's own stands in its folder. */
export const commonMoves: readonly Move[] = [
  ['*', 'DEFAULT|DATABASE|sql', 'sql_connection', 'database', 'connection', 'renamed in grizzly; alias gone in 2024.1'],
  ['*', 'sql', 'connection', 'database', 'connection', 'renamed in havana; alias gone in 2024.1'],
  ['*', 'DEFAULT|DATABASE|sql', 'sql_idle_timeout', 'database', 'connection_recycle_time', 'alias gone in xena'],
  ['*', 'database|sql', 'idle_timeout', 'database', 'connection_recycle_time', 'renamed in queens; alias gone in xena'],
  ['*', 'DEFAULT', 'notification_driver', 'oslo_messaging_notifications', 'driver', 'renamed in mitaka'],
  ['*', 'DEFAULT', 'notification_topics', 'oslo_messaging_notifications', 'topics', 'renamed in mitaka'],
  ['*', 'DEFAULT', 'notification_transport_url', 'oslo_messaging_notifications', 'transport_url', 'renamed in mitaka'],
  ['*', 'DEFAULT', 'policy_file', 'oslo_policy', 'policy_file', 'alias gone in oslo.policy 4.5 (2025.1)'],
  ['*', 'DEFAULT', 'policy_dirs', 'oslo_policy', 'policy_dirs', 'alias gone in oslo.policy 4.5 (2025.1)'],
  [
    '*',
    'DEFAULT',
    'policy_default_rule',
    'oslo_policy',
    'policy_default_rule',
    'alias gone in oslo.policy 4.5 (2025.1)',
  ],
  ['*', 'DEFAULT', 'lock_path', 'oslo_concurrency', 'lock_path', 'renamed in kilo'],
  [
    '*',
    'DEFAULT|oslo_messaging_rabbit',
    'rabbit_durable_queues',
    'oslo_messaging_rabbit',
    'amqp_durable_queues',
    'gone in stein',
  ],
  ['*', 'DEFAULT', 'amqp_durable_queues', 'oslo_messaging_rabbit', 'amqp_durable_queues', 'moved in kilo'],
  ['*', 'DEFAULT', 'rabbit_ha_queues', 'oslo_messaging_rabbit', 'rabbit_ha_queues', 'moved in kilo'],
  ['*', 'DEFAULT', 'rabbit_retry_interval', 'oslo_messaging_rabbit', 'rabbit_retry_interval', 'moved in kilo'],
  ['*', 'DEFAULT', 'rabbit_retry_backoff', 'oslo_messaging_rabbit', 'rabbit_retry_backoff', 'moved in kilo'],
  ['*', 'DEFAULT|oslo_messaging_rabbit', 'rabbit_use_ssl', 'oslo_messaging_rabbit', 'ssl', 'renamed in pike'],
  [
    '*',
    'DEFAULT|oslo_messaging_rabbit',
    'kombu_ssl_version',
    'oslo_messaging_rabbit',
    'ssl_version',
    'renamed in pike',
  ],
  [
    '*',
    'DEFAULT|oslo_messaging_rabbit',
    'kombu_ssl_keyfile',
    'oslo_messaging_rabbit',
    'ssl_key_file',
    'renamed in pike',
  ],
  [
    '*',
    'DEFAULT|oslo_messaging_rabbit',
    'kombu_ssl_certfile',
    'oslo_messaging_rabbit',
    'ssl_cert_file',
    'renamed in pike',
  ],
  [
    '*',
    'DEFAULT|oslo_messaging_rabbit',
    'kombu_ssl_ca_certs',
    'oslo_messaging_rabbit',
    'ssl_ca_file',
    'renamed in pike',
  ],
  ['*', '*', 'auth_plugin', '*', 'auth_type', 'renamed in mitaka'],
  ['*', 'keymgr|key_manager', 'api_class', 'key_manager', 'backend', 'renamed in ocata'],
  ['*', 'keymgr', 'fixed_key', 'key_manager', 'fixed_key', 'moved in ocata'],
]

export const commonGone: readonly Gone[] = [
  ['*', 'DEFAULT', 'rpc_backend', 'gone in stein: the scheme of transport_url replaces it'],
  ['*', 'DEFAULT', 'verbose', 'gone in pike: INFO is the level without debug'],
  ['*', 'DEFAULT', 'use_syslog_rfc_format', 'gone in mitaka: always on'],
  ['*', 'database', 'min_pool_size', 'gone in train: it had no effect'],
  ['*', 'database', 'mysql_enable_ndb', 'gone in 2023.2', 'look'],
  ['*', 'database', 'use_tpool', 'gone in 2024.1'],
]

/** Options whose value is the packages' own business: the target's file or default stands, whatever the source says. */
export const packaged: readonly string[] = [
  ...['api_paste_config', 'config_file', 'rootwrap_config', 'root_helper', 'root_helper_daemon', 'helper_command'],
  ...['pybasedir', 'bindir', 'lock_path', 'policy_dirs', 'policy_file', 'filters_path', 'sso_callback_template'],
]

/** Active lines of a packaged file that stay when the source says nothing: where the packages put things. */
export const places: readonly string[] = [...packaged, 'log_file', 'log_dir', 'state_path', 'template_file']

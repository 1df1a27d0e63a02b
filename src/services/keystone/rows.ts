import type { Probe } from '../../releases/blocker.ts'
import { many, type RowCheck, rows, twins } from '../row-check.ts'

/** What every keystone since rocky substitutes between %( or $( and )s. */
const substitutions = ['tenant_id', 'project_id', 'user_id', 'compute_host', 'public_endpoint'] as const
/** What it substituted up to 2023.2, from its own options. */
const boundTo = ['public_port', 'admin_port', 'public_bind_host', 'admin_bind_host'] as const

const like = (name: string): string => name.replaceAll('_', '\\\\_')

/** Endpoints with anything else than these substitutions: a % or $( that remains without them is an error. */
const malformed = (allowed: readonly string[]): Probe => {
  const left = ["'%%'", ...allowed.flatMap((name) => [`'%(${name})s'`, `'$(${name})s'`])].reduce(
    (sql, text) => `REPLACE(${sql}, ${text}, '')`,
    '`url`',
  )
  return rows(
    'endpoint',
    ['id', 'url', 'enabled'],
    `\`enabled\` = 1 AND (LOCATE('%', ${left}) > 0 OR LOCATE('$(', ${left}) > 0)`,
    "CONCAT(`id`, ' ', `url`)",
  )
}

export const keystoneRows: readonly RowCheck[] = [
  {
    id: 'keystone/token-rows',
    level: 'warn',
    title: 'The database holds few tokens',
    repo: 'keystone',
    rows: 'table holds too many tokens to copy',
    asks: [many('token', ['id'], 'TRUE', 100_000)],
    remedy: 'On the old controller run keystone-manage token_flush',
    source: 'keystone/cmd/cli.py TokenFlush',
    why: 'Copying them prolongs the freeze.',
  },
  {
    id: 'keystone/null-domain',
    level: 'block',
    title: 'Every user has a domain',
    repo: 'keystone',
    rows: 'users have no domain',
    asks: [rows('user', ['id', 'domain_id'], '`domain_id` IS NULL', '`id`')],
    remedy: "Set the domain: UPDATE user SET domain_id = 'default' WHERE domain_id IS NULL",
    source: 'keystone 014_contract_add_domain_id_to_user_table.py',
    why: 'A migration makes domain_id NOT NULL and fails on these rows.',
  },
  {
    id: 'keystone/service-role',
    level: 'warn',
    title: "The role 'service' exists",
    repo: 'keystone',
    rows: "role 'service' is missing: newer releases require it for calls between services",
    asks: [
      {
        needs: { role: ['id', 'name'] },
        from: "(SELECT COUNT(*) AS n FROM {role} WHERE `name` = 'service') AS found WHERE n = 0",
        example: "'service'",
      },
    ],
    remedy: 'Run openstack role create service, and openstack role add it for each service user in the service project',
    source: 'keystonemiddleware release note service-token-roles-required-default-true',
    why: "Newer services refuse each other's calls (401), for instance when a volume is detached.",
  },
  {
    id: 'keystone/old-endpoints',
    level: 'warn',
    title: 'No endpoint names port 35357 or the API v2.0',
    repo: 'keystone',
    rows: 'enabled endpoints name the admin port 35357 or the identity API v2.0',
    asks: [
      rows(
        'endpoint',
        ['id', 'url', 'enabled'],
        "`enabled` = 1 AND (`url` LIKE '%:35357%' OR `url` LIKE '%/v2.0' AND `url` LIKE '%:5000%')",
        '`url`',
      ),
    ],
    remedy: 'Set port 5000 and /v3: openstack endpoint set --url URL ID',
    source: 'keystone release note removed-as-of-queens (v2.0)',
    why: 'Clients and services would call an API that no longer exists.',
  },
  {
    id: 'keystone/endpoint-substitutions',
    level: 'block',
    title: 'keystone can expand the URL of every endpoint',
    repo: 'keystone',
    rows: 'enabled endpoints hold a % or a $(name)s that keystone does not replace',
    asks: [malformed([...substitutions, ...boundTo])],
    remedy: 'Write the real URL: openstack endpoint set --url URL ID; write a plain % as %%',
    source: 'keystone/common/utils.py WHITELISTED_PROPERTIES; keystone/catalog/core.py format_url',
    why: 'The catalog would leave the endpoint out (Malformed endpoint).',
  },
  {
    id: 'keystone/endpoint-ports',
    level: 'block',
    title: 'No endpoint uses a substitution that keystone has removed',
    repo: 'keystone',
    since: 'caracal',
    rows: `enabled endpoints hold a substitution (${boundTo.join(', ')}) that keystone has removed`,
    asks: [
      rows(
        'endpoint',
        ['id', 'url', 'enabled'],
        `\`enabled\` = 1 AND (${boundTo.map((name) => `\`url\` LIKE '%\\%(${like(name)})s%' OR \`url\` LIKE '%$(${like(name)})s%'`).join(' OR ')})`,
        "CONCAT(`id`, ' ', `url`)",
      ),
    ],
    remedy:
      'Write the port or address from keystone.conf of the source ([DEFAULT] or [eventlet_server]; 5000 and 35357 otherwise): openstack endpoint set --url URL ID',
    source: 'keystone/common/utils.py WHITELISTED_PROPERTIES, shortened in 2024.1 (keystone 25)',
    why: 'The catalog of the target would leave the endpoint out (Malformed endpoint).',
  },
  {
    id: 'keystone/duplicate-endpoints',
    level: 'warn',
    title: 'No endpoint exists twice',
    repo: 'keystone',
    rows: 'services have more than one enabled endpoint of the same interface and region',
    asks: [
      twins(
        'endpoint',
        ['service_id', 'interface', 'region_id', 'enabled'],
        "CONCAT_WS(' ', `service_id`, `interface`, `region_id`)",
        '`enabled` = 1',
      ),
    ],
    remedy: 'Disable the wrong ones: openstack endpoint set --disable ID',
    source: 'keystoneauth1/access/service_catalog.py',
    why: 'A client may use either of the two.',
  },
  {
    id: 'keystone/endpoints-without-region',
    level: 'warn',
    title: 'Every endpoint has a region',
    source:
      'keystoneauth1/access/service_catalog.py: a service with a configured region does not find an endpoint without one',
    why: 'A service with a configured region does not find the endpoint.',
    repo: 'keystone',
    rows: 'enabled endpoints have no region',
    asks: [rows('endpoint', ['id', 'url', 'region_id', 'enabled'], '`enabled` = 1 AND `region_id` IS NULL', '`url`')],
    remedy: 'Set the region: openstack endpoint set --region REGION ID',
  },
]

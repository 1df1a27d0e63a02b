import { absent, joined, many, type RowCheck, rows, twins } from './row-check.ts'

export const otherRows: readonly RowCheck[] = [
  {
    id: 'glance/stuck-images',
    level: 'block',
    title: 'Images stuck in a transition',
    repo: 'glance',
    rows: 'images have been in transition for more than an hour',
    asks: [
      rows(
        'images',
        ['id', 'status', 'deleted'],
        "`deleted` = 0 AND `status` IN ('saving', 'uploading', 'importing') AND COALESCE(`updated_at`, `created_at`) < UTC_TIMESTAMP() - INTERVAL 1 HOUR",
        "CONCAT(`id`, ' ', `status`)",
      ),
    ],
    remedy: 'Delete them and upload them again',
    source: 'glance/domain/__init__.py; known failure P51',
  },
  {
    id: 'glance/images-elsewhere',
    level: 'block',
    title: 'Images in files that are not carried over',
    repo: 'glance',
    rows: 'images are in files outside of /var/lib/glance/images',
    asks: [
      rows(
        'image_locations',
        ['image_id', 'value', 'deleted'],
        "`deleted` = 0 AND `value` LIKE 'file://%' AND `value` NOT LIKE 'file:///var/lib/glance/images/%'",
        "CONCAT(`image_id`, ' at ', `value`)",
      ),
    ],
    remedy:
      'Move the files there and correct image_locations, or have them on shared storage that the target mounts too',
    source: 'glance_store/_drivers/filesystem.py filesystem_store_datadir; known failure P68',
  },
  {
    id: 'glance/images-nowhere',
    level: 'warn',
    title: 'Images without data',
    repo: 'glance',
    rows: 'active images have no location',
    asks: [
      {
        needs: { images: ['id', 'status', 'deleted'], image_locations: ['image_id', 'deleted'] },
        from:
          '{images} i LEFT JOIN {image_locations} l ON l.`image_id` = i.`id` AND l.`deleted` = 0' +
          " WHERE i.`deleted` = 0 AND i.`status` = 'active' AND i.`size` > 0 AND l.`id` IS NULL",
        example: 'i.`id`',
      },
    ],
    remedy: 'They cannot be downloaded, before as after: delete or upload them again',
    source: 'glance/location.py; known failure P68',
  },
  {
    id: 'keystone/token-rows',
    level: 'warn',
    title: 'Expired tokens in the database',
    repo: 'keystone',
    rows: 'table holds more tokens than are worth carrying',
    asks: [many('token', ['id'], 'TRUE', 100_000)],
    remedy: 'On the old controller: keystone-manage token_flush. The freeze lasts as long as they take',
    source: 'keystone/cmd/cli.py TokenFlush; known failure P17',
  },
  {
    id: 'keystone/null-domain',
    level: 'block',
    title: 'Users without a domain',
    repo: 'keystone',
    rows: 'users have no domain',
    asks: [rows('user', ['id', 'domain_id'], '`domain_id` IS NULL', '`id`')],
    remedy: "Give them one: UPDATE user SET domain_id = 'default' WHERE domain_id IS NULL",
    source: 'keystone 014_contract_add_domain_id_to_user_table.py; known failure P26',
  },
  {
    id: 'keystone/service-role',
    level: 'warn',
    title: "The role 'service'",
    repo: 'keystone',
    rows: "role is missing: 'service', which the newer services demand of each other",
    asks: [
      {
        needs: { role: ['id', 'name'] },
        from: "(SELECT COUNT(*) AS n FROM {role} WHERE `name` = 'service') AS found WHERE n = 0",
        example: "'service'",
      },
    ],
    remedy: 'openstack role create service, and openstack role add it for each service user in the service project',
    source: 'keystonemiddleware release note service-token-roles-required-default-true; known failure P48',
  },
  {
    id: 'keystone/old-endpoints',
    level: 'warn',
    title: 'Endpoints of interfaces that are gone',
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
    remedy: 'Point them at port 5000 and /v3: openstack endpoint set --url URL ID',
    source: 'keystone release note removed-as-of-queens (v2.0); known failure P100',
  },
  {
    id: 'keystone/duplicate-endpoints',
    level: 'warn',
    title: 'Endpoints given twice',
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
    remedy: 'Clients take either: disable the wrong ones (openstack endpoint set --disable ID)',
    source: 'keystoneauth1/access/service_catalog.py; known failure P77',
  },
  {
    id: 'heat/stuck-stacks',
    level: 'block',
    title: 'Stacks stuck in a transition',
    repo: 'heat',
    rows: 'stacks have been in progress for more than a day',
    asks: [
      rows(
        'stack',
        ['id', 'status', 'deleted_at'],
        "`deleted_at` IS NULL AND `status` = 'IN_PROGRESS' AND COALESCE(`updated_at`, `created_at`) < UTC_TIMESTAMP() - INTERVAL 1 DAY",
        "CONCAT(`id`, ' ', `action`, ' ', `status`)",
      ),
    ],
    remedy: 'openstack stack cancel ID, or set it to FAILED: heat-manage reset_stack_status ID',
    source: 'heat/engine/stack.py; known failure P51',
  },
  {
    id: 'heat/deleted-stacks',
    level: 'warn',
    title: 'Deleted stacks that were never purged',
    repo: 'heat',
    rows: 'table holds more deleted rows than are worth carrying',
    asks: [many('stack', ['id', 'deleted_at'], '`deleted_at` IS NOT NULL', 50_000)],
    remedy: 'On the old controller: heat-manage purge_deleted 30',
    source: 'heat/cmd/manage.py purge_deleted; known failure P17',
  },
  {
    id: 'nova/deleted-servers',
    level: 'warn',
    title: 'Deleted servers that were never archived',
    repo: 'nova',
    rows: 'table holds more deleted rows than are worth carrying',
    asks: [many('instances', ['uuid', 'deleted'], '`deleted` <> 0', 100_000)],
    remedy: 'On the old controller: nova-manage db archive_deleted_rows --until-complete --purge',
    source: 'nova/cmd/manage.py archive_deleted_rows; known failure P17',
  },
  {
    id: 'cinder/deleted-volumes',
    level: 'warn',
    title: 'Deleted volumes that were never purged',
    repo: 'cinder',
    rows: 'table holds more deleted rows than are worth carrying',
    asks: [many('volumes', ['id', 'deleted'], '`deleted` <> 0', 100_000)],
    remedy: 'On the old controller: cinder-manage db purge 30',
    source: 'cinder/cmd/manage.py db purge; known failure P17',
  },
  {
    id: 'placement/orphan-allocations',
    level: 'warn',
    title: 'Allocations of servers that are gone',
    repo: 'placement',
    rows: 'consumers hold resources, and nova has no such server',
    asks: [
      joined(
        { allocations: ['consumer_id'], 'nova.instances': ['uuid', 'deleted'], 'nova.migrations': ['uuid'] },
        '(SELECT DISTINCT `consumer_id` AS c FROM {allocations}) held' +
          ` WHERE ${absent('c', '`uuid`', '{nova.instances} WHERE `deleted` = 0')} AND ${absent('c', '`uuid`', '{nova.migrations}')}`,
        'c',
      ),
    ],

    remedy: 'Room on the hypervisors is lost: nova-manage placement audit --delete',
    source: 'nova/cmd/manage.py placement audit; known failure P45',
  },
]

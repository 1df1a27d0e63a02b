import { at, heads, type Repo } from '../../releases/repo.ts'

const removed =
  'sqlalchemy-migrate was removed (release note remove-sqlalchemy-migrate-907c200314884d81), xena stamps alembic first'

/** nova/db/sqlalchemy/migrate_repo, since xena nova/db/main: the databases of the cells, including cell0. */
export const novaRepo: Repo = {
  name: 'nova',
  migrate: { nova: '' },
  // mysql_charset of nova/db/main/models.py; keys of extra specs that differ in case (216_havana)
  collations: {
    latin1_swedish_ci: ['allocations', 'inventories', 'resource_provider_aggregates', 'resource_providers'],
    utf8_bin: ['instance_type_extra_specs', 'shadow_instance_type_extra_specs'],
  },
  ends: {
    grizzly: at(161),
    havana: at(216),
    // 2014.1.x ends at 234
    icehouse: at(233, 234),
    juno: at(254),
    kilo: at(280),
    liberty: at(302),
    mitaka: at(319),
    newton: at(334),
    ocata: at(347),
    pike: at(362),
    queens: at(378),
    rocky: at(390),
    stein: at(391),
    train: at(402),
    ussuri: at(407),
    victoria: at(412),
    wallaby: at(417),
    xena: heads(['8f2f1571d55b']),
    yoga: heads(['16f1fbcab42b']),
    zed: heads(['ccb0fa1a2252']),
    antelope: heads(['960aac0e09ea']),
    bobcat: heads(['1acf2c98e646']),
    caracal: heads(['13863f4e1612']),
    dalmatian: heads(['13863f4e1612']),
    epoxy: heads(['2903cd72dc14']),
    flamingo: heads(['2903cd72dc14']),
    gazpacho: heads(['2903cd72dc14']),
  },
  floors: [
    { code: 'grizzly', oldest: 'any', because: 'its first migration is 133, folsom' },
    { code: 'icehouse', oldest: 'havana', because: 'its first migration is 216' },
    { code: 'wallaby', oldest: 'train', because: 'its first migration is 402' },
    { code: 'bobcat', oldest: 'xena', because: removed },
  ],
  // cell0 is created empty by hand; the first sync after `cell_v2 map_cell0` creates its tables
  mayBeEmpty: true,
}

/** nova/db/sqlalchemy/api_migrations, since xena nova/db/api. Exists since kilo, needed since newton. */
export const novaApiRepo: Repo = {
  name: 'nova_api',
  migrate: { nova_api: '' },
  // mysql_charset of nova/db/api/models.py: the tables from which placement was split
  collations: {
    latin1_swedish_ci: [
      'allocations',
      'consumers',
      'inventories',
      'placement_aggregates',
      'projects',
      'resource_classes',
      'resource_provider_aggregates',
      'resource_provider_traits',
      'resource_providers',
      'traits',
      'users',
    ],
  },
  ends: {
    kilo: at(2),
    liberty: at(3),
    mitaka: at(7),
    // 14.x ends at 22, 15.x at 31, 16.x at 45
    newton: at(20, 22),
    ocata: at(30, 31),
    pike: at(44, 45),
    queens: at(52),
    rocky: at(61),
    stein: at(62),
    train: at(67),
    ussuri: at(72),
    victoria: at(77),
    wallaby: at(82),
    xena: heads(['d67eeaabee36']),
    yoga: heads(['b30f573d3377']),
    zed: heads(['b30f573d3377']),
    antelope: heads(['b30f573d3377']),
    bobcat: heads(['cdeec0c85668']),
    caracal: heads(['cdeec0c85668']),
    dalmatian: heads(['cdeec0c85668']),
    epoxy: heads(['cdeec0c85668']),
    flamingo: heads(['cdeec0c85668']),
    gazpacho: heads(['cdeec0c85668']),
  },
  floors: [
    { code: 'kilo', oldest: 'any', because: 'its first migration is 001' },
    { code: 'wallaby', oldest: 'train', because: 'its first migration is 067' },
    { code: 'bobcat', oldest: 'xena', because: removed },
  ],
  mayBeEmpty: true,
}

import { at, type End, heads, type Repo } from '../../releases/repo.ts'

/** Newton to Xena: the legacy repository stays at 109; expand, data_migrate and contract move together. */
const steps = (low: number, high: number = low): End => ({ ...at(109), parts: [low, high] })

/** keystone/common/sql: migrate_repo, expand_repo, data_migration_repo, contract_repo, legacy_migrations, migrations. */
export const keystoneRepo: Repo = {
  name: 'keystone',
  migrate: {
    keystone: '',
    keystone_expand: 'expand',
    keystone_data_migrate: 'data_migrate',
    keystone_contract: 'contract',
  },
  ends: {
    grizzly: at(22),
    // 2013.2.x ends at 36
    havana: at(34, 36),
    icehouse: at(44),
    juno: at(55),
    kilo: at(67),
    liberty: at(75),
    // 9.x ends at 97
    mitaka: at(96, 97),
    newton: steps(4),
    ocata: steps(16),
    pike: steps(24),
    queens: steps(44),
    rocky: steps(52),
    stein: steps(61),
    train: steps(71),
    // 79 came with point releases of ussuri, victoria and wallaby
    ussuri: steps(78, 79),
    victoria: steps(78, 79),
    wallaby: steps(78, 79),
    xena: steps(79),
    // contains the alembic scripts, but upgrades.py does not use them before zed; the repository that ends at 109 is
    // gone
    yoga: { parts: [79, 79] },
    zed: heads(['29e87d24a316', 'e25ffa003242']),
    antelope: heads(['29e87d24a316', 'e25ffa003242']),
    bobcat: heads(['11c3b243b4cb', 'c88cdce8f248']),
    caracal: heads(['47147121', 'c88cdce8f248']),
    dalmatian: heads(['47147121', 'c88cdce8f248']),
    epoxy: heads(['47147121', 'c88cdce8f248']),
    flamingo: heads(['c88cdce8f248', 'e8725d6fa226']),
    gazpacho: heads(['742c857f1dfb', 'c88cdce8f248']),
  },
  floors: [
    { code: 'grizzly', oldest: 'any', because: 'its first migration is 001' },
    { code: 'juno', oldest: 'havana', because: 'its first migration is 034' },
    {
      code: 'kilo',
      oldest: 'icehouse',
      because: 'its first migration is 044 (seen: "schema file with version 35 doesn\'t exist")',
    },
    { code: 'mitaka', oldest: 'kilo', because: 'its first migration is 067' },
    { code: 'yoga', oldest: 'ussuri', because: 'its first migrations are 073 of expand, data_migrate and contract' },
    {
      code: 'bobcat',
      oldest: 'zed',
      because:
        'sqlalchemy-migrate was removed (release note remove-sqlalchemy-migrate-a4fa47685c7e28c6), zed stamps alembic first',
    },
  ],
}

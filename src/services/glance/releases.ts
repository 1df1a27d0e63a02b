import { at, heads, type Repo } from '../../releases/repo.ts'

/** Contract depends on expand, so alembic usually keeps only the contract row. */
const pair = (release: string) =>
  heads([`${release.replace('#', 'contract')}`], [release.replace('#', 'contract'), release.replace('#', 'expand')])

/** glance/db/sqlalchemy: migrate_repo, alembic_migrations. */
export const glanceRepo: Repo = {
  name: 'glance',
  migrate: { 'Glance Migrations': '' },
  ends: {
    grizzly: at(22),
    havana: at(29),
    icehouse: at(34),
    juno: at(36),
    kilo: at(41),
    liberty: at(42),
    mitaka: at(44),
    newton: at(44),
    // an offline sync of ocata and pike ends at the monolithic revision; queens renames it in place
    ocata: heads(['ocata01'], ['ocata_contract01'], ['ocata_contract01', 'ocata_expand01']),
    pike: heads(['pike01'], ['pike_contract01'], ['pike_contract01', 'pike_expand01']),
    queens: pair('queens_#01'),
    rocky: pair('rocky_#02'),
    stein: pair('rocky_#02'),
    train: pair('train_#01'),
    ussuri: pair('ussuri_#01'),
    victoria: pair('ussuri_#01'),
    wallaby: pair('wallaby_#01'),
    xena: pair('wallaby_#01'),
    yoga: pair('wallaby_#01'),
    zed: pair('wallaby_#01'),
    antelope: pair('2023_1_#01'),
    bobcat: pair('2023_1_#01'),
    caracal: pair('2024_1_#01'),
    dalmatian: pair('2024_1_#01'),
    epoxy: pair('2024_1_#01'),
    flamingo: pair('2024_1_#01'),
    gazpacho: pair('2024_1_#01'),
  },
  floors: [
    { code: 'grizzly', oldest: 'any', because: 'its first migration is 001' },
    {
      code: 'ocata',
      oldest: 'liberty',
      because:
        'place_database_under_alembic_control refuses less than 42 (seen: "Please upgrade to Liberty release first")',
    },
    {
      code: 'xena',
      oldest: 'ocata',
      because: 'sqlalchemy-migrate was removed (release note drop-support-for-sqlalchemy-migrate-4bcbe7b200697586)',
    },
  ],
}

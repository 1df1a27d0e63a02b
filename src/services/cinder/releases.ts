import { at, heads, type Repo } from '../../releases/repo.ts'

/** cinder/db/sqlalchemy/migrate_repo, since xena cinder/db/migrations. Its notes "db-schema-from-*" are off by one release. */
export const cinderRepo: Repo = {
  name: 'cinder',
  migrate: { cinder: '' },
  ends: {
    grizzly: at(9),
    // 2013.2.x ends at 21
    havana: at(20, 21),
    icehouse: at(22),
    juno: at(26),
    kilo: at(41),
    liberty: at(60),
    mitaka: at(72),
    newton: at(79),
    ocata: at(96),
    pike: at(105),
    queens: at(117),
    rocky: at(123),
    stein: at(128),
    train: at(132),
    ussuri: at(136),
    victoria: at(140),
    wallaby: at(141),
    xena: heads(['921e1a36b076']),
    yoga: heads(['921e1a36b076']),
    zed: heads(['c92a3e68beed']),
    antelope: heads(['daa98075b90d']),
    bobcat: heads(['89aa6f9639f9']),
    caracal: heads(['9c74c1c6971f']),
    dalmatian: heads(['9c74c1c6971f']),
    epoxy: heads(['9c74c1c6971f']),
    flamingo: heads(['9c74c1c6971f']),
    gazpacho: heads(['9c74c1c6971f']),
  },
  floors: [
    { code: 'grizzly', oldest: 'any', because: 'its first migration is 001' },
    {
      code: 'newton',
      oldest: 'liberty',
      because: 'its first migration is 046 (seen on kilo: "version 42 doesn\'t exist")',
    },
    {
      code: 'ocata',
      oldest: 'mitaka',
      because: 'its first migration is 061 (seen on liberty: "table already exists")',
    },
    { code: 'pike', oldest: 'newton', because: 'its first migration is 073 (seen on mitaka: "table already exists")' },
    {
      code: 'queens',
      oldest: 'ocata',
      because: 'its first migration is 085 (seen on mitaka: "version 73 doesn\'t exist")',
    },
    { code: 'stein', oldest: 'pike', because: 'its first migration is 097' },
    {
      code: 'train',
      oldest: 'rocky',
      because: 'its first migration is 123 (seen on queens: "version 118 doesn\'t exist")',
    },
    { code: 'xena', oldest: 'ussuri', because: 'its first migration is 135' },
    {
      code: 'bobcat',
      oldest: 'xena',
      because:
        'sqlalchemy-migrate was removed (release note remove-sqlalchemy-migrate-c62b541fd5f4ab10), xena stamps alembic first',
    },
  ],
}

import { heads, type Repo } from '../../releases/repo.ts'

/** barbican/model/migration/alembic_migrations: alembic from the beginning. */
export const barbicanRepo: Repo = {
  name: 'barbican',
  migrate: {},
  ends: {
    icehouse: heads(['1a0c2cdafb38']),
    juno: heads(['254495565185']),
    kilo: heads(['30dba269cc64']),
    liberty: heads(['4ecde3a3a72a']),
    mitaka: heads(['d2780d5aa510']),
    newton: heads(['39cf2e645cba']),
    ocata: heads(['39cf2e645cba']),
    pike: heads(['39cf2e645cba']),
    queens: heads(['39cf2e645cba']),
    rocky: heads(['39cf2e645cba']),
    stein: heads(['39cf2e645cba']),
    train: heads(['39cf2e645cba']),
    ussuri: heads(['0f8c192a061f']),
    victoria: heads(['0f8c192a061f']),
    wallaby: heads(['0f8c192a061f']),
    xena: heads(['0f8c192a061f']),
    yoga: heads(['0f8c192a061f']),
    zed: heads(['8c74e2d7f1ff']),
    antelope: heads(['8c74e2d7f1ff']),
    bobcat: heads(['8c74e2d7f1ff']),
    caracal: heads(['8c74e2d7f1ff']),
    dalmatian: heads(['8c74e2d7f1ff']),
    epoxy: heads(['8c74e2d7f1ff']),
    flamingo: heads(['8c74e2d7f1ff']),
    gazpacho: heads(['8c74e2d7f1ff']),
  },
  floors: [
    { code: 'icehouse', oldest: 'any', because: 'its history is whole' },
    {
      code: 'victoria',
      oldest: 'newton',
      because: 'its first migration is 39cf2e645cba, which makes all tables (39cf2e645cba_ocata_rebase.py)',
    },
  ],
}

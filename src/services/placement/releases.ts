import { heads, type Repo } from '../../releases/repo.ts'

/** placement/db/sqlalchemy/alembic: alembic from its first release, in its own database since stein. */
export const placementRepo: Repo = {
  name: 'placement',
  migrate: {},
  ends: {
    stein: heads(['b4ed3a175331']),
    train: heads(['b5c396305c25']),
    ussuri: heads(['b5c396305c25']),
    victoria: heads(['b5c396305c25']),
    wallaby: heads(['b5c396305c25']),
    xena: heads(['422ece571366']),
    yoga: heads(['422ece571366']),
    zed: heads(['422ece571366']),
    antelope: heads(['422ece571366']),
    bobcat: heads(['a082b8bb98d0']),
    caracal: heads(['a082b8bb98d0']),
    dalmatian: heads(['a082b8bb98d0']),
    epoxy: heads(['a082b8bb98d0']),
    flamingo: heads(['a082b8bb98d0']),
    gazpacho: heads(['a082b8bb98d0']),
  },
  floors: [{ code: 'stein', oldest: 'any', because: 'its history is whole' }],
  mayBeEmpty: true,
}

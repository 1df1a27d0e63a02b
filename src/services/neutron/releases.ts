import { heads, type Repo } from '../../releases/repo.ts'

/** Since newton the contract branch has not changed; the expand branch identifies the release. */
const expand = (head: string) => heads(['5c85685d616d', head])

/** neutron/db/migration/alembic_migrations: one branch up to kilo, then expand and contract. */
export const neutronRepo: Repo = {
  name: 'neutron',
  migrate: {},
  ends: {
    // the database of 'quantum'
    grizzly: heads(['grizzly']),
    havana: heads(['havana']),
    icehouse: heads(['icehouse']),
    juno: heads(['juno']),
    kilo: heads(['kilo']),
    liberty: heads(['34af2b5c5a59', '4af11ca47297']),
    // contract depends on expand, so alembic merges the two into one row
    mitaka: heads(['4ffceebfcdc'], ['0e66c5227a8a', '4ffceebfcdc']),
    newton: expand('5cd92597d11d'),
    ocata: expand('a9c43481023c'),
    pike: expand('7d32f979895f'),
    queens: expand('594422d373ee'),
    rocky: expand('867d39095bf4'),
    stein: expand('9bfad3f1e780'),
    train: expand('c613d0b82681'),
    ussuri: expand('d8bdf05313f4'),
    victoria: expand('I38991de2b4'),
    wallaby: expand('6135a7bd4425'),
    xena: expand('1bb3393de75d'),
    yoga: expand('34cf8b009713'),
    zed: expand('5881373af7f5'),
    antelope: expand('fc153938cdc1'),
    bobcat: expand('89c58a70ceba'),
    caracal: expand('0e6eff810791'),
    dalmatian: expand('5bcb7b31ec7d'),
    epoxy: expand('ad80a9f07c5c'),
    flamingo: expand('d553edeb540f'),
    gazpacho: expand('b1bca967e19d'),
  },
  floors: [
    { code: 'grizzly', oldest: 'any', because: 'its root revision is folsom' },
    { code: 'juno', oldest: 'havana', because: 'its root revision is havana' },
    {
      code: 'liberty',
      oldest: 'juno',
      because: "its root revision is juno (seen: \"Can't locate revision identified by 'icehouse'\")",
    },
    { code: 'mitaka', oldest: 'kilo', because: 'its root revision is kilo' },
  ],
  // without neutron-db-manage havana's neutron-server created its tables itself (create_all)
  unversioned: { release: 'havana', has: ['networks', 'extradhcpopts'], lacks: ['floatingips.status'] },
}

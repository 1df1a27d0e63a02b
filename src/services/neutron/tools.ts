import type { Argv } from '../../hosts/host.ts'
import type { Tools } from '../tools.ts'

const call = (...words: readonly string[]): Argv => [
  'neutron-db-manage',
  '--config-file',
  '/etc/neutron/neutron.conf',
  '--config-file',
  '/etc/neutron/plugins/ml2/ml2_conf.ini',
  ...words,
]

/** Sets a database's revision without migrating it. */
export const stamp = (revision: string): Argv => call('stamp', revision)

const upgrade = (to: 'head' | 'heads'): Argv => call('upgrade', to)

/** neutron/db/migration/cli.py. Grizzly's tool belonged to quantum, and no database is ever upgraded to grizzly. */
export const neutronTools: readonly Tools[] = [
  {
    from: 'havana',
    // alembic before 0.7 does not know 'heads'
    sync: [{ argv: upgrade('head') }],
    // its list of migrations depends on the plugins, which it imports by class: the alias 'ml2' does not exist yet
    settings: {
      DEFAULT: {
        core_plugin: 'neutron.plugins.ml2.plugin.Ml2Plugin',
        service_plugins: 'neutron.services.l3_router.l3_router_plugin.L3RouterPlugin',
      },
    },
  },
  { from: 'juno', settings: {} },
  // two branches: expand and contract
  { from: 'liberty', sync: [{ argv: upgrade('heads') }] },
]

import { block, type Check, type CheckContext, warn } from '../../ask/check.ts'
import { askMaybe } from '../../ask/question.ts'
import { askSealed } from '../../ask/sealed.ts'
import { askThings } from '../../hops/revision.ts'
import { withDatabase } from '../../hosts/db.ts'
import { name } from '../../text/sql.ts'
import { type ConfFile, getAll, parse, sections } from '../../transfer/oslo-conf.ts'
import { barbicanRecipe } from './recipe.ts'

const path = '/etc/barbican/barbican.conf'

/** Stores besides barbican's own tables: the class of their plugin, its name in settings, and what they need. */
const stores: readonly (readonly [type: string, plugin: string, needs: string])[] = [
  [
    'P11CryptoPlugin',
    'p11_crypto',
    'the PKCS#11 library of [p11_crypto_plugin], its token and login, and the keys of mkek_label and hmac_label',
  ],
  ['VaultSecretStore', 'vault_plugin', 'a way to the vault of [vault_plugin], its CA, and the AppRole or token'],
  ['KMIPSecretStore', 'kmip_plugin', 'a way to the server of [kmip_plugin], and the certificate and key for it'],
  ['DogtagKRAPlugin', 'dogtag_crypto', 'a way to the server of [dogtag_plugin], its NSS database and PEM file'],
]

const databaseOf = ({ survey }: CheckContext): string | undefined =>
  survey.services.flatMap(({ databases }) => databases).find(({ repo }) => repo === 'barbican')?.name

/** Classes of the plugins that hold secrets; tables and columns as every release has them. */
const usedPlugins = (context: CheckContext, database: string): Promise<readonly string[]> =>
  withDatabase(context.hosts('source'), { readOnly: true }, async (db) => {
    const things = await askThings(db, database, ['kek_data', 'secret_store_metadata'])
    const queries = [
      ...(things.has('kek_data.plugin_name')
        ? [`SELECT plugin_name AS plugin FROM ${name(database, 'kek_data')} WHERE deleted = 0`]
        : []),
      ...(things.has('secret_store_metadata.value')
        ? [
            `SELECT value AS plugin FROM ${name(database, 'secret_store_metadata')} WHERE deleted = 0 AND \`key\` = 'plugin_name'`,
          ]
        : []),
    ]
    if (queries.length === 0) return []
    return (await db.rows<{ plugin: string }>(queries.join(' UNION '))).map(({ plugin }) => plugin)
  })

const chosen = (file: ConfFile): readonly string[] =>
  [
    ...getAll(file, 'secretstore', 'enabled_secretstore_plugins'),
    ...getAll(file, 'crypto', 'enabled_crypto_plugins'),
    ...sections(file)
      .filter((section) => section.startsWith('secretstore:'))
      .flatMap((section) => ['secret_store_plugin', 'crypto_plugin'].flatMap((key) => getAll(file, section, key))),
  ].map((word) => word.trim())

const secretStore: Check['ask'] = async (context) => {
  const database = databaseOf(context)
  if (database === undefined) return []
  const text = await askMaybe(context.hosts('source'), { argv: ['cat', path], parse: (all) => all })
  const [rows, words] = [await usedPlugins(context, database), text === undefined ? [] : chosen(parse(text, path))]
  return stores
    .filter(([type, plugin]) => words.includes(plugin) || rows.some((row) => row.endsWith(`.${type}`)))
    .map(([, plugin, needs]) =>
      block(
        `secrets are in a store that is not in barbican's database: ${plugin}`,
        `The target needs ${needs}. Set it up there, try it with barbican of the target, and accept this`,
      ),
    )
}

const key: Check['ask'] = async (context) => {
  const database = databaseOf(context)
  if (database === undefined) return []
  const { sealed } = barbicanRecipe
  const found = await askSealed(context.hosts('source'), barbicanRecipe, sealed, database)
  if (found === undefined)
    return [
      warn(
        `barbican's code is not on the source, so nobody has tried whether its ${sealed.key} reads the secrets`,
        'Read a secret of each project there: openstack secret get --payload HREF',
      ),
    ]
  const { closed } = found
  return closed.length === 0
    ? []
    : [
        block(
          `${closed.length} of ${closed.length + found.opened} projects' keys cannot be read with ${sealed.key}: ${closed
            .slice(0, 3)
            .map(([id, why]) => `${id} (${why})`)
            .join(', ')}`,
          'Nobody can read the secrets of these projects, on either side. Look for the key elsewhere (other nodes, backups) and restore it; accept this only if the key is lost for good',
        ),
      ]
}

/** Where barbican keeps its secrets, and the key that opens them. */
export const barbicanChecks: readonly Check[] = [
  {
    id: 'barbican/secret-store',
    level: 'block',
    title: "Secrets are in barbican's own database",
    source: 'barbican/plugin/interface/secret_store.py and barbican/plugin/crypto/manager.py: the plugins by name',
    why: 'No secret can be read on the target.',
    remedy: 'Set up the same store for the target, try it, and accept this.',
    ask: secretStore,
  },
  {
    id: 'barbican/key',
    level: 'block',
    title: 'The key in the settings reads the secrets of every project',
    source: 'barbican/plugin/crypto/simple_crypto.py',
    why: 'Nobody could read these secrets.',
    remedy: 'Restore the lost key in [simple_crypto_plugin] kek.',
    ask: key,
  },
]

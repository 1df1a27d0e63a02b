import { programText } from '../../text/program.ts'
import type { Sealed } from '../sealed.ts'

/** A project's key, which the key of the settings encrypts, and one of the secrets that it encrypts. */
const query = `SELECT k.id, p.external_id AS project, k.plugin_name, k.kek_label, k.algorithm, k.bit_length, k.mode,
  k.plugin_meta, e.cypher_text AS secret, e.kek_meta_extended AS extended
  FROM {kek_data} k JOIN {projects} p ON p.id = k.project_id
  LEFT JOIN {encrypted_data} e ON e.id = (SELECT MIN(x.id) FROM {encrypted_data} x WHERE x.kek_id = k.id AND x.deleted = 0)
  WHERE k.deleted = 0 AND k.bind_completed = 1 AND k.plugin_name LIKE '%.SimpleCryptoPlugin' ORDER BY k.id`

export const barbicanSealed: Sealed = {
  what: "projects' keys",
  repo: 'barbican',
  sql: query,
  program: programText('opens.py', import.meta.url),
  key: 'kek of [simple_crypto_plugin] in /etc/barbican/barbican.conf',
}

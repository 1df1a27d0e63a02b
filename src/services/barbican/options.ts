import { releaseNamed } from '../../releases/release.ts'
import type { Addition, OptionRules } from '../options.ts'
import { barbicanDefaults } from './defaults.ts'
import { barbicanGoneOptions } from './gone-options.ts'
import { barbicanKnownOptions } from './known-options.ts'

/** nova/keymgr/__init__.py and cinder/keymgr/__init__.py at ocata; castellan/key_manager/__init__.py since. */
export const fixedKey = (project: string): Addition => ({
  project,
  since: releaseNamed('pike').index,
  before: releaseNamed('pike').index,
  beside: ['key_manager', 'fixed_key'],
  unless: ['key_manager', 'backend'],
  section: 'key_manager',
  set: { backend: `${project}.keymgr.conf_key_mgr.ConfKeyManager` },
  reason: 'the default was this through ocata and is barbican since pike, which has no key of the encrypted volumes',
  look: true,
})

/** The key manager of this project's name, which became a castellan driver. */
export const barbicanOf = (project: string) => ({
  project: '*',
  section: 'key_manager',
  options: 'backend',
  since: 'queens',
  replace: [[new RegExp(`^${project}\\.(keymgr|key_manager)\\.barbican\\.\\w+$`), 'barbican']] as const,
  reason: "barbican is castellan's since ocata, and named",
})

/** Old options of barbican. Sources: barbican/common/config.py and barbican/plugin at each tag. */
export const barbicanOptions: OptionRules = {
  known: barbicanKnownOptions,
  defaults: barbicanDefaults,
  removed: barbicanGoneOptions,
  moves: [
    ['barbican', 'DEFAULT', 'sql_pool_size', 'database', 'max_pool_size', 'renamed in 2024.1'],
    ['barbican', 'DEFAULT', 'sql_pool_max_overflow', 'database', 'max_overflow', 'renamed in 2024.1'],
    ['barbican', 'p11_crypto_plugin', 'token_label', 'p11_crypto_plugin', 'token_labels', 'a list since 2023.2'],
  ],
  // its module is not in Debian, so the generator cannot list them
  open: ['kmip_plugin'],
  // one per store, when there are several
  sections: [{ named: /^secretstore:/, like: [] }],
  gone: [
    [
      'barbican',
      'certificate|certificate_event|snakeoil_ca_plugin|symantec_plugin|dogtag_plugin',
      [
        'namespace enabled_certificate_plugins enabled_certificate_event_plugins ca_cert_path ca_cert_key_path',
        'ca_cert_chain_path ca_cert_pkcs7_path subca_cert_key_directory url username password',
        'auto_approved_profiles ca_expiration_time plugin_working_dir simple_cmc_profile',
      ].join(' '),
      'certificate orders are gone since pike, what was left of them since 2024.1',
    ],
  ],
}

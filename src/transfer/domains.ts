import type { Extra } from './needs.ts'
import { type ConfFile, get, sections } from './oslo-conf.ts'

const reason =
  'the identity API v3 looks names up in a domain; v2.0, now removed, had no domains and its users and projects are in Default'

/**
 * The domains missing from a login by name, for every section with a keystoneauth plugin. Without any, the plugins
 * password and token used API v2.0 (keystoneauth1/identity/generic/base.py, _do_create_plugin), which no release since
 * queens has.
 */
export const withDomains = (file: ConfFile): readonly Extra[] =>
  sections(file).flatMap((section) => {
    const has = (...names: readonly string[]): boolean => names.some((name) => get(file, section, name) !== undefined)
    const kind = get(file, section, 'auth_type')
    if (kind !== 'password' && kind !== 'token') return []
    if (has('default_domain_id', 'default_domain_name')) return []
    const user = has('username', 'user_name') && !has('user_id', 'user_domain_id', 'user_domain_name')
    const project =
      has('project_name', 'tenant_name') &&
      !has(
        'project_id',
        'tenant_id',
        'project_domain_id',
        'project_domain_name',
        'system_scope',
        'domain_id',
        'domain_name',
      )
    return [...(user ? ['user_domain_name'] : []), ...(project ? ['project_domain_name'] : [])].map((option) => ({
      ...{ section, option, value: 'Default', reason },
    }))
  })

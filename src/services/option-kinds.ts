import type { Changed, GoneDefault, Made } from './options.ts'

/** The password plugin's options, from those of identity API v2; missing names are left out. */
export const passwordPlugin = (
  section: string,
  url: string | undefined,
  from: Readonly<Record<string, string | undefined>>,
): readonly Made[] =>
  Object.entries({
    auth_type: 'password',
    auth_url: url,
    ...from,
    user_domain_name: 'Default',
    project_domain_name: 'Default',
  }).flatMap(([name, value]) => (value === undefined ? [] : [{ section, name, value }]))

/** http://host:35357/v2.0 -> http://host:35357/v3. The port depends on the target's release: see values-identity. */
export const identityV3 = (url: string): string => `${url.replace(/\/(v2\.0|v3)?\/*$/, '')}/v3`

/** Defaults of one section's options that are gone. */
export const goneDefaultsOf = (
  project: string,
  section: string,
  values: Readonly<Record<string, string>>,
): readonly GoneDefault[] => Object.entries(values).map(([name, value]) => ({ project, section, name, value }))

/** A rule's `change`: adds this scheme to servers without one. */
export const withScheme =
  (scheme: string) =>
  (value: string): Changed | undefined => {
    const words = value.split(',').map((word) => word.trim())
    const now = words.map((word) => (word === '' || word.includes('://') ? word : `${scheme}://${word}`))
    return now.join() === words.join() ? undefined : { value: now.join(',') }
  }

/** Options of a section with its own login: the password plugin's, and those for reaching the identity API. */
export const loginOptions: readonly string[] = [
  ...['auth_type', 'auth_section', 'auth_url', 'username', 'user_id', 'password', 'project_name', 'project_id'],
  ...['user_domain_name', 'user_domain_id', 'project_domain_name', 'project_domain_id', 'system_scope'],
  ...['region_name', 'cafile', 'certfile', 'keyfile', 'insecure'],
]

import { releaseNamed } from '../../releases/release.ts'

/** Options that a release needs and an older source may not have. */
export interface Addition {
  readonly project: string
  /** index of the first target release that needs it */
  readonly since: number
  /** not added when the source gives this option itself */
  readonly unless: readonly [section: string, option: string]
  readonly section: string
  readonly set: Readonly<Record<string, string>>
  /** options of another section taken over as they are, where they are set */
  readonly copy?: { readonly from: string; readonly options: readonly string[] }
  readonly reason: string
}

const login = ['auth_type', 'auth_section', 'auth_url', 'username', 'user_id', 'password', 'project_name', 'project_id']
const domains = ['user_domain_name', 'user_domain_id', 'project_domain_name', 'project_domain_id', 'system_scope']
const transport = ['region_name', 'cafile', 'certfile', 'keyfile', 'insecure']

export const additions: readonly Addition[] = [
  {
    project: 'nova',
    since: releaseNamed('antelope').index,
    unless: ['service_user', 'send_service_user_token'],
    section: 'service_user',
    set: { send_service_user_token: 'true' },
    copy: { from: 'keystone_authtoken', options: [...login, ...domains, ...transport] },
    reason:
      'since OSSA-2023-003 cinder detaches a volume in use only for a service token; every nova-compute needs the same section',
  },
  {
    project: 'cinder',
    since: releaseNamed('antelope').index,
    unless: ['keystone_authtoken', 'service_token_roles'],
    section: 'keystone_authtoken',
    set: { service_token_roles: 'service,admin' },
    reason:
      "nova's user of an older cloud has the role admin, not service: accepted until the service users have been given the role service",
  },
]

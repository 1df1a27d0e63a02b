import type { Repo, RepoName } from '../repo.ts'
import { cinder } from './cinder.ts'
import { glance } from './glance.ts'
import { heat } from './heat.ts'
import { keystone } from './keystone.ts'
import { neutron } from './neutron.ts'
import { nova, novaApi } from './nova.ts'
import { placement } from './placement.ts'

export const repos: Readonly<Record<RepoName, Repo>> = {
  keystone,
  glance,
  nova,
  nova_api: novaApi,
  placement,
  neutron,
  cinder,
  heat,
}

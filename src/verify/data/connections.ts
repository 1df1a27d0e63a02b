import type { Database } from '../../services/recipe.ts'

/** The section of its service's config file in which a schema tool finds the `connection` to a database. */
export const sections: Readonly<Record<Database['repo'], string>> = {
  keystone: 'database',
  glance: 'database',
  // nova/conf/database.py
  nova: 'database',
  nova_api: 'api_database',
  // placement/conf/database.py, since stein
  placement: 'placement_database',
  neutron: 'database',
  cinder: 'database',
  heat: 'database',
}

import type { Listed } from '../listing.ts'

const mine = (
  table: string,
  columns: readonly string[],
): Pick<Listed, 'repo' | 'from' | 'columns' | 'id' | 'mark'> => ({
  repo: 'barbican',
  from: `$.${table} t JOIN $.projects p ON p.id = t.project_id`,
  columns: ['project_id', 'deleted', ...columns],
  id: 't.id',
  mark: 't.updated_at',
})

/** The API lists only what is of the admin's own project. A secret that has expired is not listed. */
export const barbicanListed: readonly Listed[] = [
  {
    what: 'secrets',
    ...mine('secrets', ['secret_type']),
    where: 't.deleted = 0 AND p.external_id = @project AND (t.expiration IS NULL OR t.expiration > UTC_TIMESTAMP())',
    members: {
      name: 't.name',
      status: 't.status',
      secret_type: 't.secret_type',
      algorithm: 't.algorithm',
      bit_length: { sql: 't.bit_length', as: 'number' },
      mode: 't.mode',
    },
  },
  {
    what: 'secret containers',
    ...mine('containers', ['type']),
    where: 't.deleted = 0 AND p.external_id = @project',
    members: { name: 't.name', status: 't.status', type: 't.type' },
  },
  {
    what: 'secret orders',
    ...mine('orders', ['type']),
    where: 't.deleted = 0 AND p.external_id = @project',
    members: { type: 't.type', status: 't.status' },
  },
]

import type { Definitions } from '../ask/facts-rabbitmq.ts'

type Row = Readonly<Record<string, unknown>>

const pick = (row: Row, keys: readonly string[]): Row =>
  Object.fromEntries(keys.filter((key) => row[key] !== undefined).map((key) => [key, row[key]]))

/** Keys of classic mirrored queues, which RabbitMQ 4.0 removed; it refuses a policy that has them. */
const mirroring = /^ha-/

/**
 * What the target's broker gets from the source's: users with password hashes, vhosts, permissions and policies.
 * Queues, exchanges and bindings are left out, because services declare their own. `dropped` names the policies that
 * lost mirroring; one with nothing else is left out.
 */
export const reduce = (all: Definitions): { readonly kept: Definitions; readonly dropped: readonly string[] } => {
  const policies = all.policies.map((row) => ({ row, definition: withoutMirroring(row['definition']) }))
  return {
    kept: {
      users: all.users.map((row) => pick(row, ['name', 'password_hash', 'hashing_algorithm', 'tags'])),
      vhosts: all.vhosts.map((row) => pick(row, ['name'])),
      permissions: all.permissions.map((row) => pick(row, ['user', 'vhost', 'configure', 'write', 'read'])),
      topic_permissions: all.topic_permissions.map((row) => pick(row, ['user', 'vhost', 'exchange', 'write', 'read'])),
      policies: policies
        .filter(({ definition }) => Object.keys(definition).length > 0)
        .map(({ row, definition }) => ({
          ...pick(row, ['vhost', 'name', 'pattern', 'apply-to', 'priority']),
          definition,
        })),
    },
    dropped: policies
      .filter(({ row, definition }) => Object.keys(row['definition'] ?? {}).length > Object.keys(definition).length)
      .map(({ row }) => `${String(row['name'])} of vhost ${String(row['vhost'])}`),
  }
}

const withoutMirroring = (definition: unknown): Row =>
  Object.fromEntries(Object.entries((definition ?? {}) as Row).filter(([key]) => !mirroring.test(key)))

const word = (row: Row): string => JSON.stringify(Object.entries({ ...row, tags: tagsOf(row) }).sort())

/** Tags are a string up to RabbitMQ 3.8 and a list later. */
const tagsOf = (row: Row): string => [row['tags'] ?? []].flat().filter(Boolean).map(String).sort().join(',')

/** What the source's broker has and the target's does not, and for users also the reverse; names only, never hashes. */
export const differences = (wanted: Definitions, found: Definitions): readonly string[] => {
  const kinds = ['users', 'vhosts', 'permissions', 'topic_permissions', 'policies'] as const
  const missing = kinds.flatMap((kind) => {
    const there = new Set(found[kind].map(word))
    return wanted[kind]
      .filter((row) => !there.has(word(row)))
      .map(
        (row) =>
          `${kind}: ${String(row['name'] ?? `${String(row['user'])} on ${String(row['vhost'])}`)} is missing or different`,
      )
  })
  return [...missing, ...extraUsers(wanted, found).map((user) => `users: ${user} is not on the source`)]
}

/** Users of the target that the source does not have, such as 'guest' of a new installation. */
export const extraUsers = (wanted: Definitions, found: Definitions): readonly string[] =>
  found.users.map((row) => String(row['name'])).filter((user) => !wanted.users.some((row) => row['name'] === user))

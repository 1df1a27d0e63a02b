import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { definitions } from '../../src/ask/facts-rabbitmq.ts'
import { differences, extraUsers, reduce } from '../../src/target/rabbitmq-definitions.ts'

const file = join(import.meta.dirname, '../fixtures/facts/rabbitmq-definitions-3.8.json')
const exported = definitions.parse(readFileSync(file, 'utf8'))
const { kept, dropped } = reduce(exported)

test('users keep their password hashes, vhosts and permissions are copied, queues are not', () => {
  expect(kept.users).toContainEqual({
    name: 'openstack',
    password_hash: 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA1',
    hashing_algorithm: 'rabbit_password_hashing_sha256',
    tags: '',
  })
  expect(kept.vhosts).toEqual([{ name: 'heat' }, { name: '/' }])
  expect(kept.permissions).toHaveLength(2)
  expect(Object.keys(kept)).not.toContain('queues')
})

test('mirroring, which RabbitMQ 4 refuses, is removed from policies and named', () => {
  expect(kept.policies).toEqual([
    {
      vhost: '/',
      name: 'ttl',
      pattern: '.*',
      'apply-to': 'queues',
      priority: 1,
      definition: { 'message-ttl': 600000 },
    },
  ])
  expect(dropped).toEqual(['ha-all of vhost /', 'ttl of vhost /'])
})

test('a user with another hash is a difference, another form of an empty tag list is not', () => {
  const sameInLists = { ...kept, users: kept.users.map((user) => ({ ...user, tags: [] })) }
  expect(differences(kept, sameInLists)).toEqual([])
  const other = { ...kept, users: kept.users.map((user) => ({ ...user, password_hash: 'BBBB' })) }
  expect(differences(kept, other)).toEqual([
    'users: heat is missing or different',
    'users: openstack is missing or different',
  ])
})

test('missing permissions are named by user and vhost, and extra users are found', () => {
  expect(differences(kept, { ...kept, permissions: [] })).toEqual([
    'permissions: heat on heat is missing or different',
    'permissions: openstack on / is missing or different',
  ])
  const guest = { ...kept, users: [...kept.users, { name: 'guest' }] }
  expect(extraUsers(kept, guest)).toEqual(['guest'])
  expect(differences(kept, guest)).toEqual(['users: guest is not on the source'])
})

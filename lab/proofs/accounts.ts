import { type Account, type Cloud, enter, login } from '../cloud.ts'
import type { Facts } from '../facts.ts'
import { demandNone, type Proof } from '../proof.ts'

/** The token from before the freeze is valid: every service in the catalog accepts it. */
export const tokenStillGood = (cloud: Cloud): Proof => ({
  name: 'the admin token issued before the freeze still works',
  run: async () => {
    const asked: readonly (readonly [string, string])[] = [
      ['identity', '/v3/auth/projects'],
      ['image', '/v2/images'],
      ['compute', '/flavors'],
      ['network', '/v2.0/networks'],
      ['volumev3', '/types'],
      ['orchestration', '/stacks'],
    ]
    const refused: string[] = []
    for (const [type, path] of asked) {
      const { status } = await cloud.call('GET', type, path)
      if (status !== 200) refused.push(`${type} answered ${status}`)
    }
    demandNone('the old token is refused', refused)
    return asked.map(([type]) => `${type} 200`).join(', ')
  },
})

/** Passwords and an application credential still work, because their hashes were copied unchanged. */
export const accountsStillGood = (url: string, facts: Facts): Proof => ({
  name: "users' passwords and an application credential from before still log in",
  run: async () => {
    const projects = { Zoë: 'проект-δ', bob: 'marketing' } as Readonly<Record<string, string>>
    for (const [user, { password }] of Object.entries(facts.users))
      await login({ url, user, password, project: projects[user] ?? '' })
    const { id, secret } = facts.application_credential
    await enter(url, { identity: { methods: ['application_credential'], application_credential: { id, secret } } })
    return `${Object.keys(facts.users).join(', ')}, application credential ${id.slice(0, 8)}`
  },
})

/** The stack with its outputs: the random word in them is stored encrypted in heat's database. */
export const askStack = async (admin: Account, facts: Facts): Promise<string> => {
  const cloud = await login({ ...admin, project: 'проект-δ' })
  const { stacks } = (await cloud.get('orchestration', '/stacks')) as { stacks: { id: string; stack_name: string }[] }
  const parts: unknown[] = []
  for (const { id, stack_name: name } of stacks) {
    const { stack } = (await cloud.get('orchestration', `/stacks/${name}/${id}`)) as { stack: Record<string, unknown> }
    const path = `/stacks/${name}/${id}/resources`
    const { resources } = (await cloud.get('orchestration', path)) as { resources: Record<string, unknown>[] }
    parts.push([id, name, stack['stack_status'], stack['outputs'], stack['parameters']])
    for (const one of resources.toSorted((a, b) => (String(a['resource_name']) < String(b['resource_name']) ? -1 : 1)))
      parts.push([one['resource_name'], one['resource_type'], one['physical_resource_id'], one['resource_status']])
  }
  if (!stacks.some(({ id }) => id === facts.stack)) throw new Error(`stack ${facts.stack} is not listed`)
  return JSON.stringify(parts)
}

export const sameStack = (admin: Account, facts: Facts, before: string): Proof => ({
  name: 'the stack, its resources and its decrypted outputs are the same',
  run: async () => {
    const after = await askStack(admin, facts)
    demandNone('stacks differ', after === before ? [] : [`${before}\n      became\n      ${after}`])
    return `${after.length} characters equal`
  },
})

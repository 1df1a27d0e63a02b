import { type Check, warn } from '../ask/check.ts'
import type { Context } from '../context.ts'
import { nothing, type Step } from '../engine/step.ts'
import { SwapError } from '../errors.ts'
import { withDatabase } from '../hosts/db.ts'
import { type Account, askAccounts } from '../transfer/accounts.ts'
import {
  accountName,
  askDefined,
  carried,
  compareAccounts,
  ghosts,
  grantRemarks,
  grantsAction,
  type HostMap,
} from '../transfer/grants.ts'
import { type Made, madeOf, withMade } from './made.ts'

type Needs = Pick<Context, 'config' | 'survey' | 'hosts' | 'recipes'>

const databases = ({ survey }: Needs): readonly string[] =>
  survey.services.flatMap((service) => service.databases.map((one) => one.name))

const newOnes = (context: Needs): readonly Made[] => context.recipes.flatMap((recipe) => madeOf(context, recipe))

/** The source's accounts, with rights in databases that are new on the way; or the target's accounts. */
const accountsOf = (context: Needs, side: 'source' | 'target'): Promise<readonly Account[]> => {
  const made = newOnes(context)
  const all = [...databases(context), ...(side === 'target' ? made.map(({ name }) => name) : [])]
  return withDatabase(context.hosts(side), { readOnly: true }, async (db) => {
    const found = await askAccounts(db, all, [context.survey[side].hostname])
    return side === 'source' ? withMade(found, made) : found
  })
}

/** An account bound to an address or name of the old controller is bound to the new one's instead. */
const accountHosts = ({ config, survey }: Pick<Context, 'config' | 'survey'>): HostMap => ({
  [survey.source.hostname]: survey.target.hostname,
  ...Object.fromEntries(config.counterparts.map((pair) => [pair.source, pair.target])),
})

export const accountsStep = (context: Context): Step => {
  const hosts = accountHosts(context)
  return {
    id: 'mariadb/accounts',
    phase: 'prepare',
    title: "Create the services' database accounts with the source's password hashes and rights",
    after: ['mariadb/databases'],
    changes: ['target'],
    run: async () => [grantsAction(await accountsOf(context, 'source'), hosts)],
    undo: nothing,
    proof: async () => {
      const [source, target] = [await accountsOf(context, 'source'), await accountsOf(context, 'target')]
      const wrong = compareAccounts(source, target, hosts)
      if (wrong.length > 0) throw new SwapError('target, MariaDB', wrong.join('\n  '), 'Run the same command again')
      const made = carried(source).map(accountName)
      return `${made.length} accounts with the same password hashes: ${made.join(', ')}`
    },
  }
}

/** Accounts that cannot be created as they are, and trigger owners that will not exist. */
export const accounts: Check['ask'] = async (context) => {
  const found = await accountsOf(context, 'source')
  const defined = await withDatabase(context.hosts('source'), { readOnly: true }, (db) =>
    askDefined(db, databases(context)),
  )
  const hosts = accountHosts(context)
  const remarks = grantRemarks(found).map((says) => warn(says, 'Check that no service needs it'))
  const there = carried(found).map(({ user, host }) => accountName({ user, host: hosts[host] ?? host }))
  const orphans = [...ghosts(defined, [...there, 'root@localhost'])].map(([definer, owned]) =>
    warn(
      `${owned.join(', ')} on the source run as ${definer}, an account that the target will not have`,
      'On the source, before migrate: save the output of SHOW CREATE for each and drop them. On the target they would fail when used (error 1449), and the schema proof refuses objects that no release creates. After the swap, create them again under an existing account',
    ),
  )
  return [...remarks, ...orphans]
}

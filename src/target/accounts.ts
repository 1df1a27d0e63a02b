import type { Context } from '../context.ts'
import { nothing, type Step } from '../engine/step.ts'
import { SwapError } from '../errors.ts'
import { withDatabase } from '../hosts/db.ts'
import { type Check, warn } from '../source/check.ts'
import { type Account, askAccounts } from '../transfer/accounts.ts'
import {
  accountName,
  askDefiners,
  compareAccounts,
  grantRemarks,
  grantsAction,
  type HostMap,
  missingDefiners,
} from '../transfer/grants.ts'

type Needs = Pick<Context, 'config' | 'survey' | 'hosts'>

const databases = ({ survey }: Needs): readonly string[] =>
  survey.services.flatMap((service) => service.databases.map((one) => one.name))

const accountsOf = (context: Needs, side: 'source' | 'target'): Promise<readonly Account[]> =>
  withDatabase(context.hosts(side), { readOnly: true }, (db) =>
    askAccounts(db, databases(context), [context.survey[side].hostname]),
  )

/** An account tied to an address or name of the old controller is tied to the new one's instead. */
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
    run: async () => [grantsAction(await accountsOf(context, 'source'), hosts)],
    undo: nothing,
    proof: async () => {
      const [source, target] = [await accountsOf(context, 'source'), await accountsOf(context, 'target')]
      const wrong = compareAccounts(source, target, hosts)
      if (wrong.length > 0) throw new SwapError('target, MariaDB', wrong.join('\n  '), 'Run the same command again')
      return `${source.length} accounts with the same password hashes: ${source.map(accountName).join(', ')}`
    },
  }
}

/** Accounts that cannot be made as they are, and owners of triggers that nobody will be. */
export const accounts: Check['ask'] = async (context) => {
  const found = await accountsOf(context, 'source')
  const definers = await withDatabase(context.hosts('source'), { readOnly: true }, (db) =>
    askDefiners(db, databases(context)),
  )
  const remarks = grantRemarks(found).map((says) => warn(says, 'See that no service needs it'))
  const orphans = missingDefiners(definers, [...found.map(accountName), 'root@localhost']).map((definer) =>
    warn(
      `triggers, views or routines of the source belong to ${definer}, an account that the target will not have`,
      `Create it on the target after prepare, or they fail when they are used (error 1449)`,
    ),
  )
  return [...remarks, ...orphans]
}

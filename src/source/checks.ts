import type { Context } from '../context.ts'
import type { Finding } from '../step.ts'
import { addressChecks } from '../target/address-checks.ts'
import { targetChecks } from '../target/checks.ts'
import { askChecks, type Check } from './check.ts'
import { sourceChecks } from './source-checks.ts'

/** Everything `prepare` asks before it changes anything. A new check is one more line in one of these lists. */
export const checks: readonly Check[] = [...sourceChecks, ...addressChecks, ...targetChecks]

/** All findings at once. `recreate`: the target's databases of an earlier cloud may be dropped. */
export const runChecks = (context: Context, options: { readonly recreate: boolean }): Promise<readonly Finding[]> =>
  askChecks(checks, { ...context, recreate: options.recreate })

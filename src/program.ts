import { Command, InvalidArgumentError } from 'commander'
import pkg from '../package.json' with { type: 'json' }
import type { CheckCommandOptions } from './commands/check.ts'
import type { CutoverCommandOptions } from './commands/cutover.ts'
import type { FinishOptions } from './commands/finish.ts'
import type { InitOptions } from './commands/init.ts'
import type { MigrateOptions } from './commands/migrate.ts'
import type { PlanOptions } from './commands/plan.ts'
import type { PrepareOptions } from './commands/prepare.ts'
import type { RevertOptions } from './commands/revert.ts'
import type { Options } from './commands/session.ts'
import type { VerifyOptions } from './commands/verify.ts'
import { defaultBudget, leastBudget, mostBudget } from './config.ts'

const seconds = (text: string): number => {
  if (!/^\d{1,5}$/.test(text)) throw new InvalidArgumentError('a number of seconds is wanted')
  return Number(text)
}

const budget = (text: string): number => {
  const value = seconds(text)
  if (value < leastBudget || value > mostBudget)
    throw new InvalidArgumentError(`a number of seconds from ${leastBudget} to ${mostBudget} is wanted`)
  return value
}

const count = (text: string): number => {
  if (!/^\d{1,2}$/.test(text)) throw new InvalidArgumentError('a number from 0 to 99 is wanted')
  return Number(text)
}

const list = (value: string, before: readonly string[]): readonly string[] => [...before, value]

/** What an operator can type. Each command's code is loaded when it is typed. */
export const program = new Command('swapctl')
  .description('Replaces an OpenStack controller by one of a newer release, and goes back.')
  .version(pkg.version)
  .option('-c, --config <file>', 'settings of the swap', 'swapctl.ini')
  .option('--json', 'results as JSON on standard output')
  .showHelpAfterError('(swapctl --help lists the commands)')
  .exitOverride()

const command = (name: string, text: string): Command => program.command(name).description(text).exitOverride()

const dryRun = ['--dry-run', 'show the exact commands, SQL and files, and change nothing'] as const
const yes = ['--yes', 'do not ask for the word'] as const

command('init', 'write commented settings by asking the hosts')
  .requiredOption('--source <user@host>', 'the old controller, by an address of its own that does not move')
  .requiredOption('--target <user@host>', 'the new controller')
  .option('--compute <name=user@host>', 'a compute node; may be given again', list, [])
  .option('--release <name>', 'the release to arrive at', 'epoxy')
  .option('--key <file>', 'ssh private key', '~/.ssh/id_ed25519')
  .option(...dryRun)
  .action(async (_, self: Command) => (await import('./commands/init.ts')).init(self.optsWithGlobals<InitOptions>()))

command('check', 'ask both sides everything that could stand in the way, and change nothing')
  .option('--list', 'only name the checks, each with the rule it comes from')
  .option('--accept <id>', 'go on although this check finds something; may be given again', list, [])
  .option('--reason <text>', 'why what --accept names may be: written into the journal')
  .option('--recreate', 'take databases of an earlier cloud on the target for granted')
  .action(async (_, self: Command) =>
    (await import('./commands/check.ts')).check(self.optsWithGlobals<CheckCommandOptions>()),
  )

command('prepare', 'check both sides, back the source up, stand the target up; the source keeps serving')
  .option('--recreate', 'drop databases of an earlier cloud on the target')
  .option(...dryRun)
  .action(async (_, self: Command) =>
    (await import('./commands/prepare.ts')).prepare(self.optsWithGlobals<PrepareOptions>()),
  )

command('migrate', 'freeze the source and carry its services over; nobody sees the target yet')
  .option('--service <name>', 'only this service; may be given again', list, [])
  .option('--accept-in-flight', 'freeze although operations are under way')
  .option('--patience <seconds>', 'how long operations under way are given to end', seconds, 60)
  .option(...dryRun)
  .action(async (_, self: Command) =>
    (await import('./commands/migrate.ts')).migrate(self.optsWithGlobals<MigrateOptions>()),
  )

command('cutover', 'move the addresses to the target; the outage of each API is measured')
  .option(
    '--budget <seconds>',
    `what is not confirmed after so long goes back by itself (default: [cutover] budget, or ${defaultBudget})`,
    budget,
  )
  .option('--retries <count>', 'how often to try again after the addresses went back', count, 0)
  .option('--postpone-file <file>', 'as long as it is there, wait in front of the move with everything ready')
  .option('--panic-file <file>', 'when it appears before the confirmation, go back at once')
  .option(...yes)
  .option(...dryRun)
  .action(async (_, self: Command) =>
    (await import('./commands/cutover.ts')).cutover(self.optsWithGlobals<CutoverCommandOptions>()),
  )

command(
  'verify',
  'prove what can be proved by now: rows, schemas, references, lists, the source; exit 1 when anything differs',
)
  .option('--service <name>', 'only this service; may be given again', list, [])
  .action(async (_, self: Command) =>
    (await import('./commands/verify.ts')).verify(self.optsWithGlobals<VerifyOptions>()),
  )

command('revert', 'bring the old cloud back, from wherever the swap stands')
  .option(...yes)
  .option(...dryRun)
  .option('--without-list', 'go back although the target cannot be asked what it has accepted since the cutover')
  .action(async (_, self: Command) =>
    (await import('./commands/revert.ts')).revert(self.optsWithGlobals<RevertOptions>()),
  )

command('finish', 'end the way back: say what swapctl leaves on the new controller, and remove it')
  .option('--remove-backup', "remove the backup of the old controller's databases and settings as well")
  .option(...yes)
  .option(...dryRun)
  .action(async (_, self: Command) =>
    (await import('./commands/finish.ts')).finish(self.optsWithGlobals<FinishOptions>()),
  )

command('plan', 'print the whole swap as the exact commands, SQL and files')
  .option('--runbook', 'as Markdown for a person to follow')
  .action(async (_, self: Command) => (await import('./commands/plan.ts')).plan(self.optsWithGlobals<PlanOptions>()))

command('status', 'where the swap stands, which address is where, what to type next').action(async (_, self: Command) =>
  (await import('./commands/status.ts')).status(self.optsWithGlobals<Options>()),
)

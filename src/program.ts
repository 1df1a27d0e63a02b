import { Command, InvalidArgumentError } from 'commander'
import pkg from '../package.json' with { type: 'json' }
import type { CheckCommandOptions } from './commands/check.ts'
import type { RetargetOptions } from './commands/computes-retarget.ts'
import type { ConfigOptions } from './commands/config.ts'
import type { TranslateOptions } from './commands/config-translate.ts'
import type { CutoverCommandOptions } from './commands/cutover.ts'
import type { FinishOptions } from './commands/finish.ts'
import type { HopMakeOptions } from './commands/hop-make.ts'
import type { InitOptions } from './commands/init-options.ts'
import type { MigrateOptions } from './commands/migrate.ts'
import type { PlanOptions } from './commands/plan.ts'
import type { PrepareOptions } from './commands/prepare.ts'
import type { RehearseOptions } from './commands/rehearse.ts'
import type { ReportOptions } from './commands/report.ts'
import type { RevertOptions } from './commands/revert.ts'
import type { Options } from './commands/session.ts'
import type { StatusOptions } from './commands/status.ts'
import type { VerifyOptions } from './commands/verify.ts'
import { defaultBatch, defaultBudget, leastBudget, mostBudget } from './config.ts'

const seconds = (text: string): number => {
  if (!/^\d{1,5}$/.test(text)) throw new InvalidArgumentError('must be a number of seconds')
  return Number(text)
}

const budget = (text: string): number => {
  const value = seconds(text)
  if (value < leastBudget || value > mostBudget)
    throw new InvalidArgumentError(`must be a number of seconds from ${leastBudget} to ${mostBudget}`)
  return value
}

const count = (text: string): number => {
  if (!/^\d{1,2}$/.test(text)) throw new InvalidArgumentError('must be a number from 0 to 99')
  return Number(text)
}

const many = (text: string): number => {
  if (!/^[1-9]\d{0,2}$/.test(text)) throw new InvalidArgumentError('must be a number from 1 to 999')
  return Number(text)
}

const list = (value: string, before: readonly string[]): readonly string[] => [...before, value]

/** The command line. A command's code is loaded only when it is used. */
export const program = new Command('swapctl')
  .description('Replaces an OpenStack controller with one of a newer release, and can revert.')
  .version(pkg.version)
  .option('-c, --config <file>', 'settings file of the swap', 'swapctl.ini')
  .option('--json', 'print results as JSON on standard output')
  .showHelpAfterError('(swapctl --help lists the commands)')
  .exitOverride()

const command = (name: string, text: string): Command => program.command(name).description(text).exitOverride()

const dryRun = ['--dry-run', 'show the exact commands, SQL and files, and change nothing'] as const
const breakLock = [
  '--break-lock',
  'take over the lock on the machines from another swapctl that you know is gone',
] as const
const yes = ['--yes', 'do not ask for confirmation'] as const

command('init', 'ask the hosts and write a commented settings file')
  .requiredOption('--source <user@host[:port]>', 'the old controller, by an address that does not move')
  .requiredOption('--target <user@host[:port]>', 'the new controller')
  .option('--compute <name=user@host[:port]>', 'a compute node; may be given again', list, [])
  .option('--release <name>', 'the target release', 'epoxy')
  .option('--key <file>', "ssh private key, or 'agent' (default: ~/.ssh/id_ed25519, or the agent without this file)")
  .option('--key-passphrase-file <file>', "a file of mode 0600 with the key's passphrase")
  .option('--become <how>', "how users other than root become root: 'sudo'")
  .option('--become-password-file <file>', 'a file of mode 0600 with the password that sudo asks for')
  .option(
    '--jump <user@host[:port]>',
    'a jump host for every machine; may be given again, in the order of the way',
    list,
    [],
  )
  .option('--ssh-config <file>', "the ssh_config to read, or 'none' (default: your own)")
  .option(...dryRun)
  .action(async (_, self: Command) => (await import('./commands/init.ts')).init(self.optsWithGlobals<InitOptions>()))

command('check', 'run every check on both sides; change nothing')
  .option('--list', 'only list the checks, each with the rule behind it')
  .option('--accept <id>', 'accept what this check finds; may be given again', list, [])
  .option('--reason <text>', 'why the --accept findings are acceptable; kept in the journal')
  .option('--recreate', 'do not report databases of an earlier cloud on the target')
  .action(async (_, self: Command) =>
    (await import('./commands/check.ts')).check(self.optsWithGlobals<CheckCommandOptions>()),
  )

command('prepare', 'check both sides, back up the source, build the target; the source keeps serving')
  .option('--recreate', 'drop databases of an earlier cloud on the target')
  .option(...breakLock)
  .option(...dryRun)
  .action(async (_, self: Command) =>
    (await import('./commands/prepare.ts')).prepare(self.optsWithGlobals<PrepareOptions>()),
  )

command(
  'rehearse',
  'carry copies of the databases with all rows through the upgrade while the source serves, and predict the freeze',
)
  .option('--service <name>', 'only this service; may be given again', list, [])
  .option(...breakLock)
  .option(...dryRun)
  .action(async (_, self: Command) =>
    (await import('./commands/rehearse.ts')).rehearse(self.optsWithGlobals<RehearseOptions>()),
  )

command(
  'stage',
  'copy files and volumes to the target while the source serves, so that the freeze is shorter; may be repeated',
)
  .option(...breakLock)
  .option(...dryRun)
  .action(async (_, self: Command) => (await import('./commands/stage.ts')).stage(self.optsWithGlobals<Options>()))

command('migrate', 'freeze the source and copy its services to the target, where no client reaches them yet')
  .option('--service <name>', 'only this service; may be given again', list, [])
  .option('--accept-in-flight', 'freeze even while operations are in progress')
  .option('--patience <seconds>', 'how long to wait for operations in progress', seconds, 60)
  .option(...breakLock)
  .option(...dryRun)
  .action(async (_, self: Command) =>
    (await import('./commands/migrate.ts')).migrate(self.optsWithGlobals<MigrateOptions>()),
  )

command('cutover', 'move the addresses to the target and measure the outage of each API')
  .option(
    '--budget <seconds>',
    `roll back automatically unless confirmed within this time (default: [cutover] budget, or ${defaultBudget})`,
    budget,
  )
  .option('--retries <count>', 'how often to retry after a rollback', count, 0)
  .option('--postpone-file <file>', 'while this file exists, wait just before the move with everything ready')
  .option('--panic-file <file>', 'if this file appears before the confirmation, roll back at once')
  .option(...yes)
  .option(...breakLock)
  .option(...dryRun)
  .action(async (_, self: Command) =>
    (await import('./commands/cutover.ts')).cutover(self.optsWithGlobals<CutoverCommandOptions>()),
  )

command(
  'verify',
  'prove what can be proved so far: rows, schemas, references, lists, the source; exit 1 on any difference',
)
  .option('--service <name>', 'only this service; may be given again', list, [])
  .action(async (_, self: Command) =>
    (await import('./commands/verify.ts')).verify(self.optsWithGlobals<VerifyOptions>()),
  )

command('revert', 'bring the old cloud back, from any point of the swap')
  .option(...yes)
  .option(...breakLock)
  .option(...dryRun)
  .option('--without-list', 'revert even if the data-loss report cannot be made because the target does not answer')
  .action(async (_, self: Command) =>
    (await import('./commands/revert.ts')).revert(self.optsWithGlobals<RevertOptions>()),
  )

command(
  'finish',
  'make the swap final: list what swapctl left on the new controller and remove it; no revert afterwards',
)
  .option('--remove-backup', "also remove the backup of the old controller's databases and settings")
  .option(...yes)
  .option(...breakLock)
  .option(...dryRun)
  .action(async (_, self: Command) =>
    (await import('./commands/finish.ts')).finish(self.optsWithGlobals<FinishOptions>()),
  )

command('plan', 'print the exact commands, SQL and files of the whole swap')
  .option('--runbook', 'as Markdown, for following by hand')
  .action(async (_, self: Command) => (await import('./commands/plan.ts')).plan(self.optsWithGlobals<PlanOptions>()))

command('status', 'show the progress of the swap, who holds each address, and the next command')
  .option('--timeline', 'show when each step ran, what it waited for, and the critical path of the freeze')
  .action(async (_, self: Command) =>
    (await import('./commands/status.ts')).status(self.optsWithGlobals<StatusOptions>()),
  )

command(
  'report',
  'write one HTML page about the whole swap: timeline, outage, checks, proofs, what a revert would lose',
)
  .option('--output <file>', 'where to write it (default: report.html in the state directory)')
  .action(async (_, self: Command) =>
    (await import('./commands/report.ts')).report(self.optsWithGlobals<ReportOptions>()),
  )

const config = command('config', 'show every decision on the settings, with its reason, and change nothing')
  .option('--service <name>', 'only this service; may be given again', list, [])
  .option('--diff', 'show what the files set differently instead')
  .action(async (_, self: Command) =>
    (await import('./commands/config.ts')).showConfig(self.optsWithGlobals<ConfigOptions>()),
  )

config
  .command('translate')
  .description('translate config files between two releases: no settings and no machine are needed')
  .argument('<files...>', 'config files of one service, the main one first')
  // read by the parent command, which has an option of the same name
  .option('--service <name>', 'the service that reads them')
  .requiredOption('--from <release>', 'the release that they are written for')
  .requiredOption('--to <release>', 'the release to arrive at')
  .option('--decisions <file>', "the operator's decisions on settings")
  .option(
    '--output <directory>',
    'write the translated files there, with their secrets (otherwise nothing shows a secret)',
  )
  .exitOverride()
  .action(async (files: readonly string[], _, self: Command) =>
    (await import('./commands/config-translate.ts')).translateFiles(files, self.optsWithGlobals<TranslateOptions>()),
  )

const hop = command('hop', 'environments with the schema tools of the releases that the databases pass on their way')

hop
  .command('list')
  .description('show which environments this swap needs, which are there, and how to get the others')
  .exitOverride()
  .action(async (_, self: Command) =>
    (await import('./commands/hop-list.ts')).listHops(self.optsWithGlobals<Options>()),
  )

hop
  .command('make')
  .description('make one on this machine from a distribution, with mmdebstrap: no settings are needed')
  .argument('<release>', 'its name or number')
  .option('--service <name>', 'only the schema tools of this service; may be given again', list, [])
  .option('--suite <name>', 'the suite to take the packages from (default: the first that has the release)')
  .option('--mirror <url>', "the distribution's packages (default: where apt on this machine gets them)")
  .option('--cloud-mirror <url>', "Ubuntu's cloud archive, for the releases that are only there")
  .option('--keyring <file>', 'the keys that sign the packages')
  .option('--output <file>', 'the archive to write (default: RELEASE.tar.zst)')
  .exitOverride()
  .action(async (release: string, _, self: Command) =>
    (await import('./commands/hop-make.ts')).makeHop(release, self.optsWithGlobals<HopMakeOptions>()),
  )

const computes = command('computes', 'what the computes connect to, and whether the cutover takes it along')

computes
  .command('list')
  .description('show where the settings and open connections of each compute lead; change nothing')
  .exitOverride()
  .action(async (_, self: Command) =>
    (await import('./commands/computes-list.ts')).listComputes(self.optsWithGlobals<Options>()),
  )

computes
  .command('retarget')
  .description('after the cutover: let the settings of computes lead to the target instead of the old controller')
  .option('--canary <name>', 'the compute to begin with (default: the first that has something to rewrite)')
  .option('--batch <count>', 'how many computes may be in work at once, after the first one', many, defaultBatch)
  .option('--with-cuts', 'also restart agents whose restart may cut traffic')
  .option(...yes)
  .option(...breakLock)
  .option('--dry-run', 'show what would change on every compute, and change nothing')
  .exitOverride()
  .action(async (_, self: Command) =>
    (await import('./commands/computes-retarget.ts')).retargetComputes(self.optsWithGlobals<RetargetOptions>()),
  )

computes
  .command('revert')
  .description('put the settings of computes back as they were before computes retarget')
  .option(...yes)
  .option(...breakLock)
  .option(...dryRun)
  .exitOverride()
  .action(async (_, self: Command) =>
    (await import('./commands/computes-revert.ts')).revertComputes(self.optsWithGlobals<Options>()),
  )

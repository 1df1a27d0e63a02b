import { existing } from '../ask/facts.ts'
import { membersIn } from '../ask/members.ts'
import { ask } from '../ask/question.ts'
import { readFrom } from '../ask/roles.ts'
import type { Context } from '../context.ts'
import { exec, nothing, type Step } from '../engine/step.ts'
import { SwapError } from '../errors.ts'
import type { Argv } from '../hosts/host.ts'
import { limitsOf } from '../limits.ts'
import { backupDirectory } from '../places.ts'
import type { DatabaseSurvey } from '../survey.ts'
import { dumpArgv } from '../transfer/dump.ts'
import { compareArchive } from './archive.ts'

/**
 * What defines a controller besides the services' trees, at the paths of Debian and Red Hat; those that exist are used.
 */
const machineTrees = [
  '/etc/mysql',
  '/etc/my.cnf',
  '/etc/my.cnf.d',
  '/etc/rabbitmq',
  '/etc/memcached.conf',
  '/etc/apache2',
  '/etc/httpd',
  '/etc/openstack-dashboard',
  '/etc/tgt',
  '/etc/default',
  '/etc/sysconfig',
  '/etc/network',
  '/etc/netplan',
  '/etc/systemd/network',
  '/etc/systemd/system',
  '/etc/hosts',
  '/etc/sysctl.conf',
  '/etc/sysctl.d',
  '/etc/crontab',
  '/etc/cron.d',
  '/var/spool/cron',
]

/** Everything on the source that configures it, where it exists: backed up, and part of the fingerprint. */
export const configTrees = ({ config, recipes }: Context): readonly string[] => [
  ...recipes.flatMap((recipe) => recipe.etc),
  ...machineTrees,
  config.source.openrc,
]

/**
 * The source's config trees as one tar in the target's backup directory; every file's hash is compared with the
 * source's.
 */
export const configBackupStep = (context: Context): Step => {
  const { config, hosts } = context
  const file = `${backupDirectory(config.name)}/config.tar`
  const present = async () => ask(hosts('source'), existing(configTrees(context)))
  return {
    id: 'backup/config',
    phase: 'prepare',
    title: "Back up the source's config directories to the target",
    after: ['target/claim'],
    changes: ['target'],
    run: async () => {
      const paths = (await present()).map((path) => path.slice(1))
      return [
        {
          kind: 'pipe',
          from: { on: 'source', argv: ['tar', '--create', '--file=-', '--directory=/', '--numeric-owner', ...paths] },
          to: { on: 'target', argv: intoFile(`${file}.part`) },
          what: 'config directories',
        },
        exec('target', 'mv', '-T', `${file}.part`, file),
      ]
    },
    undo: nothing,
    proof: async () => {
      const paths = await present()
      const { files, wrong } = await compareArchive(
        hosts('source'),
        paths,
        hosts('target'),
        file,
        limitsOf(config).command,
      )
      if (wrong.length > 0)
        throw new SwapError(
          'backup',
          `${file} on the target differs from the source in ${wrong.slice(0, 5).join(', ')}${wrong.length > 5 ? ' and more' : ''}`,
          'Files may have changed during the backup: run the same command again',
        )
      return `${files} files in ${file}, each with the same hash as on the source`
    },
  }
}

const intoFile = (path: string): Argv => ['dd', `of=${path}`, 'bs=1M', 'conv=fsync', 'status=none']

export const databaseBackupStep = (context: Context, database: DatabaseSurvey): Step => {
  const { config, hosts } = context
  const file = `${backupDirectory(config.name)}/${database.name}.dump`
  const from = readFrom(membersIn(context.survey, config))
  return {
    id: `backup/${database.name}`,
    phase: 'prepare',
    title: `Back up the database ${database.name} to the target`,
    after: ['packages/tools'],
    changes: ['target'],
    run: async () => [
      {
        kind: 'pipe',
        from: { on: from, argv: dumpArgv(database.name) },
        to: { on: 'target', argv: intoFile(`${file}.part`) },
        what: `database ${database.name}`,
        bytes: database.bytes,
      },
      exec('target', 'mv', '-T', `${file}.part`, file),
    ],
    undo: nothing,
    proof: async () => {
      // zstd also reads gzip, which a source without zstd sends.
      const limit = limitsOf(config).checksum
      const whole = await hosts('target').run({ argv: ['zstd', '-q', '-t', file], limit })
      // An incomplete dump has no last line; no line inside a dump can begin like it, because line ends are escaped.
      const ended = await hosts('target').run({ argv: ['zstdgrep', '-c', '^-- Dump completed', file], limit })
      if (whole.code !== 0 || ended.stdout.trim() !== '1')
        throw new SwapError('backup', `${file} on the target is incomplete`, 'Run the same command again')
      const size = await hosts('target').run({ argv: ['stat', '-c', '%s', file] })
      return `${file}, ${size.stdout.trim()} bytes, complete to its last line`
    },
  }
}

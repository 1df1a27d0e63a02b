import { createHash } from 'node:crypto'
import { Parser } from 'tar'
import type { Context } from '../context.ts'
import { SwapError } from '../errors.ts'
import type { Argv, Host } from '../host.ts'
import { exec, nothing, type Step } from '../step.ts'
import type { DatabaseSurvey } from '../survey.ts'
import { backupDirectory } from '../target/places.ts'
import { dumpArgv } from '../transfer/dump.ts'
import { existing } from './facts.ts'
import { ask, lines, type Question } from './question.ts'

/** What makes a controller besides the services' own trees; Debian's and Red Hat's places, those that exist are taken. */
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

const trees = ({ config, recipes }: Context): readonly string[] => [
  ...recipes.flatMap((recipe) => recipe.etc),
  ...machineTrees,
  config.source.openrc,
]

/** SHA-256 of every plain file below these trees: path -> hash. */
const hashes = (paths: readonly string[]): Question<ReadonlyMap<string, string>> => ({
  argv: ['find', ...paths, '-type', 'f', '-exec', 'sha256sum', '--', '{}', '+'],
  parse: (text) => new Map(lines(text).map((line) => [line.slice(66), line.slice(0, 64)])),
})

/** The same of the files inside an archive on a machine, read to its end. Throws when it is torn. */
const hashesIn = async (host: Host, archive: string): Promise<ReadonlyMap<string, string>> => {
  const job = await host.spawn({ argv: ['cat', archive] })
  const found = new Map<string, string>()
  const parser = new Parser({
    strict: true,
    onReadEntry: (entry) => {
      const hash = createHash('sha256')
      entry.on('data', (chunk: Buffer) => hash.update(chunk))
      entry.on('end', () => {
        if (entry.type === 'File' || entry.type === 'OldFile') found.set(`/${entry.path}`, hash.digest('hex'))
      })
    },
  })
  const parsed = new Promise<void>((resolve, reject) => {
    parser.on('end', resolve)
    parser.on('error', reject)
  })
  job.stdout.on('data', (chunk: Buffer) => void parser.write(chunk))
  job.stdout.on('end', () => void parser.end())
  const [, { code }] = await Promise.all([parsed, job.exit])
  if (code !== 0) throw new SwapError(host.name, `${archive} cannot be read`, 'Run the same command again')
  return found
}

/** The source's config trees as one tar in the backup directory of the target; every file's hash is compared with the source's. */
export const configBackupStep = (context: Context): Step => {
  const { config, hosts } = context
  const file = `${backupDirectory(config.name)}/config.tar`
  const present = async () => ask(hosts('source'), existing(trees(context)))
  return {
    id: 'backup/config',
    phase: 'prepare',
    title: "Back up the source's config directories to the target",
    after: ['target/claim'],
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
      const [kept, live] = await Promise.all([
        hashesIn(hosts('target'), file),
        ask(hosts('source'), hashes(await present())),
      ])
      const wrong = [...live].filter(([path, hash]) => kept.get(path) !== hash).map(([path]) => path)
      if (wrong.length > 0)
        throw new SwapError(
          'backup',
          `${file} on the target differs from the source in ${wrong.slice(0, 5).join(', ')}${wrong.length > 5 ? ' and more' : ''}`,
          'Files may have changed while they were read: run the same command again',
        )
      return `${live.size} files in ${file}, each with the hash it has on the source`
    },
  }
}

const intoFile = (path: string): Argv => ['dd', `of=${path}`, 'bs=1M', 'conv=fsync', 'status=none']

export const databaseBackupStep = (context: Context, database: DatabaseSurvey): Step => {
  const { config, hosts } = context
  const file = `${backupDirectory(config.name)}/${database.name}.dump`
  return {
    id: `backup/${database.name}`,
    phase: 'prepare',
    title: `Back up the database ${database.name} to the target`,
    after: ['packages/tools'],
    run: async () => [
      {
        kind: 'pipe',
        from: { on: 'source', argv: dumpArgv(database.name) },
        to: { on: 'target', argv: intoFile(`${file}.part`) },
        what: `database ${database.name}`,
        bytes: database.bytes,
      },
      exec('target', 'mv', '-T', `${file}.part`, file),
    ],
    undo: nothing,
    proof: async () => {
      // zstd reads gzip too, which is what a source without zstd sends.
      const whole = await hosts('target').run({ argv: ['zstd', '-q', '-t', file] })
      // A dump that broke off has no last line; nothing inside one begins a line like it, as line ends are escaped.
      const ended = await hosts('target').run({ argv: ['zstdgrep', '-c', '^-- Dump completed', file] })
      if (whole.code !== 0 || ended.stdout.trim() !== '1')
        throw new SwapError('backup', `${file} on the target is not whole`, 'Run the same command again')
      const size = await hosts('target').run({ argv: ['stat', '-c', '%s', file] })
      return `${file}, ${size.stdout.trim()} bytes, whole to its last line`
    },
  }
}

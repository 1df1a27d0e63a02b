import { block, type Check, warn } from '../source/check.ts'
import { ask, askMaybe, lines, type Question } from '../source/question.ts'
import { rule, type Side, sides } from './rule.ts'

const zone: Question<string> = { argv: ['date', '+%z'], parse: (text) => text.trim() }

const timeZone: Check['ask'] = async ({ hosts }) => {
  const [source = '', target = ''] = await Promise.all(sides.map((side) => ask(hosts(side), zone)))
  return source === target
    ? []
    : [
        warn(
          `the source is at UTC${source}, the target at UTC${target}`,
          'Logs and cron jobs move by the difference: timedatectl set-timezone on the target',
        ),
      ]
}

/** `df -Pi`: share of inodes still free, by mount; file systems without a number of their own are left out. Pure. */
export const parseInodes = (text: string): readonly { readonly mount: string; readonly free: number }[] =>
  lines(text)
    .slice(1)
    .map((line) => /\s(\d+)\s+\d+\s+(\d+)\s+\d+%\s+(.+)$/.exec(line))
    .filter((match) => match !== null && Number(match[1]) > 0)
    .map((match) => ({ mount: match?.[3] ?? '', free: Number(match?.[2]) / Number(match?.[1]) }))

const inodes: Check['ask'] = async ({ hosts }) => {
  const found = await ask(hosts('target'), {
    argv: ['df', '-P', '-i', '/', '/var', '/tmp'],
    codes: [1],
    parse: parseInodes,
  })
  const full = found.filter(({ free }) => free < 0.05)
  return [...new Set(full.map(({ mount }) => mount))].map((mount) =>
    block(
      `${mount} of the target has hardly any inode left`,
      'Remove small files there: packages and images are many files',
    ),
  )
}

const ceph: Check['ask'] = async ({ hosts }) => {
  const files = (side: Side) =>
    askMaybe(hosts(side), { argv: ['find', '/etc/ceph', '-name', '*.keyring', '-o', '-name', '*.conf'], parse: lines })
  const [source, target] = await Promise.all([files('source'), files('target')])
  const missing = (source ?? []).filter((path) => !(target ?? []).includes(path))
  return missing.length === 0
    ? []
    : [
        block(
          `the target lacks files by which the source reaches Ceph: ${missing.join(', ')}`,
          'Copy them with owner and mode, then on the target: rbd ls POOL --id USER',
        ),
      ]
}

const computeClocks: Check['ask'] = async (context) => {
  const question: Question<number> = { argv: ['date', '+%s.%N'], parse: Number }
  const found = await Promise.all(
    context.config.computes
      .map(({ name }) => `compute:${name}` as const)
      .map(async (name) => {
        const asked = Date.now() / 1000
        const apart = (await ask(context.hosts(name), question)) - (asked + Date.now() / 1000) / 2
        return { name, apart: apart - context.survey.target.clock }
      }),
  )
  return found
    .filter(({ apart }) => Math.abs(apart) >= 3)
    .map(({ name, apart }) =>
      warn(
        `the clock of ${name} is ${apart.toFixed(1)} s apart from the target's: it will be taken for dead, or its tokens refused`,
        'Let it follow the same time servers (chrony)',
      ),
    )
}

/** What the machines themselves say, apart from the services that run on them. */
export const machineChecks: readonly Check[] = [
  rule('both/time-zone', 'warn', 'Time zones', 'known failure P78', timeZone),
  rule('target/inodes', 'block', 'Inodes of the target', 'known failure P102', inodes),
  rule('target/ceph', 'block', 'Keys of Ceph', 'known failure P69', ceph),
  rule('compute/clock', 'warn', 'Clocks of the computes', 'nova service_down_time; known failure P78', computeClocks),
]

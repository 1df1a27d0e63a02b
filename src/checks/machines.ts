import { block, type Check, warn } from '../ask/check.ts'
import { askAhead, surelyApart } from '../ask/clock.ts'
import { ask, askMaybe, lines, type Question } from '../ask/question.ts'
import { identity, serving } from '../services/index.ts'
import type { Side } from './both.ts'
import { sides } from './once.ts'

const zone: Question<string> = { argv: ['date', '+%z'], parse: (text) => text.trim() }

const timeZone: Check['ask'] = async ({ hosts }) => {
  const [source = '', target = ''] = await Promise.all(sides.map((side) => ask(hosts(side), zone)))
  return source === target
    ? []
    : [
        warn(
          `the source is at UTC${source}, the target at UTC${target}`,
          'Logs and cron jobs would shift by the difference: run timedatectl set-timezone on the target',
        ),
      ]
}

/** `df -Pi`: share of free inodes per mount, without file systems that do not count them. */
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
      `${mount} of the target has almost no free inodes`,
      'Remove small files there: packages and images need many inodes',
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
          `the target lacks files that the source uses to reach Ceph: ${missing.join(', ')}`,
          'Copy them with owner and mode, then on the target: rbd ls POOL --id USER',
        ),
      ]
}

const computeClocks: Check['ask'] = async ({ config, hosts }) => {
  if (config.computes.length === 0) return []
  const target = await askAhead(hosts('target'))
  const found = await Promise.all(
    config.computes
      .map(({ name }) => `compute:${name}` as const)
      .map(async (name) => ({ name, apart: surelyApart(await askAhead(hosts(name)), target) })),
  )
  return found
    .filter(({ apart }) => Math.abs(apart) >= 3)
    .map(({ name, apart }) =>
      warn(
        `the clock of ${name} is at least ${Math.abs(apart).toFixed(1)} s ${apart > 0 ? 'ahead of' : 'behind'} the target's: the controller would consider it dead, or refuse its tokens`,
        'Use the same time servers there (chrony)',
      ),
    )
}

export const machineChecks: readonly Check[] = [
  {
    id: 'both/time-zone',
    level: 'warn',
    title: 'Both sides have the same time zone',
    source: 'timedatectl(1)',
    why: 'Cron jobs would run at other hours, and logs would not match.',
    remedy: 'Run timedatectl set-timezone on the target.',
    ask: timeZone,
  },
  {
    id: 'target/inodes',
    level: 'block',
    title: 'The target has free inodes',
    source: 'mke2fs(8), -i: the number of inodes is fixed when the file system is made',
    why: 'Packages and images could not be written although space is left.',
    remedy: 'Delete small files on that file system.',
    ask: inodes,
  },
  {
    id: 'target/ceph',
    level: 'block',
    title: 'The target has the Ceph keys and settings of the source',
    source: 'https://docs.ceph.com/en/latest/rbd/rbd-openstack/',
    why: 'Images and volumes in Ceph could not be reached.',
    remedy: 'Copy the files with owner and mode, then test with rbd ls.',
    ask: ceph,
  },
  {
    id: 'compute/clock',
    level: 'warn',
    title: "Clocks of the computes agree with the target's",
    source: 'nova/servicegroup/drivers/db.py is_up; nova.conf [DEFAULT] service_down_time',
    why: `${serving('compute').name} would consider the compute dead, or ${identity.name} would refuse its tokens.`,
    remedy: 'Use the same time servers on the compute (chrony).',
    ask: computeClocks,
  },
]

import { askBeside, type Silent, silentText } from '../ask/beside.ts'
import type { Config } from '../config.ts'
import type { Context } from '../context.ts'
import { computesOf } from '../cutover/handover/neighbours.ts'
import { confirms } from '../cutover/rollback/data.ts'
import { type Journal, openSteps } from '../engine/journal.ts'
import type { Action, Step } from '../engine/step.ts'
import { SwapError } from '../errors.ts'
import type { Host, HostName } from '../hosts/host.ts'
import { ownName } from '../hosts/sides.ts'
import { retargetDirectory } from '../places.ts'
import { programText } from '../text/program.ts'
import { patience } from './ask.ts'
import { awaitConnected } from './connected.ts'
import { askWork, refuseDeaf, type Work, type WorkOptions } from './work.ts'

const idStart = 'computes/retarget@'

export const retargetId = (host: HostName): string => `${idStart}${ownName(host)}`

/** Whether a step of the journal rewrites settings of a compute. */
export const isRetarget = ({ id }: Pick<Step, 'id'>): boolean => id.startsWith(idStart)

/** The settings for a swap of which computes are rewritten already: its list of steps has them. */
export const asRetargeted = (config: Config, journal: Pick<Journal, 'entries'>): Config =>
  openSteps(journal, ['cutover']).some(isRetarget) ? { ...config, retarget: true } : config

/** The step from which on the computes may follow: the addresses no longer go back by themselves. */
export const settledId = (context: Pick<Context, 'config'>): string =>
  confirms(context) ? 'cutover/confirm' : 'cutover/move'

const restartLimit = 240

/** The command that rewrites the files and starts the agents again: its words hold addresses only, no secret. */
export const retargetAction = (directory: string, { host, edits, restart, cutting }: Work): readonly Action[] => {
  const units = [...restart, ...cutting].map(({ unit }) => unit)
  if (edits.length === 0 && restart.length === 0) return []
  const words = [
    ...units.flatMap((unit) => ['due', unit]),
    ...edits.flatMap(({ path, old, wrote, spans }) => [
      ...['file', path, old, wrote, String(spans.length)],
      ...spans.flatMap(({ start, length, text }) => [String(start), String(length), text]),
    ]),
    ...restart.flatMap(({ unit }) => ['restart', unit]),
  ]
  const argv = ['bash', '-c', programText('retarget.sh', import.meta.url), 'retarget', directory, ...words] as const
  return [{ kind: 'exec', on: host, argv: [...argv], limit: restartLimit }]
}

/** Puts back what is still as swapctl wrote it. The records on the compute tell what that is. */
export const putBackAction = (directory: string, host: HostName): Action => ({
  kind: 'exec',
  on: host,
  argv: ['bash', '-c', programText('put-back.sh', import.meta.url), 'put-back', directory],
  limit: restartLimit,
})

const later = 'once it is back, run: swapctl computes retarget'

const cutText = (host: HostName, { agent, unit, cuts }: Work['cutting'][number]): string =>
  `${host}: ${agent} was not restarted and still uses the old controller: ${cuts}. Run swapctl computes retarget --with-cuts, or there: systemctl restart ${unit}`

/** What is left to the operator on a compute that was worked on. */
const leftOf = ({ host, cutting, byHand }: Work): readonly string[] => [
  ...cutting.map((one) => cutText(host, one)),
  ...byHand.map((text) => `${host}: ${text}`),
]

const saysOf = ({ changes, restart }: Work, connected: string): string =>
  changes.length === 0 && restart.length === 0
    ? 'nothing stays behind that swapctl can rewrite'
    : [
        `${changes.length} options in ${new Set(changes.map(({ file }) => file)).size} files`,
        `restarted: ${restart.map(({ agent }) => agent).join(', ') || 'none'}`,
        ...(connected === '' ? [] : [connected]),
      ].join('; ')

/** One compute, from the question to the proof. */
export const retargetStep = (context: Context, host: HostName, options: WorkOptions): Step => {
  const { config, hosts } = context
  const directory = retargetDirectory(config.name)
  const askHere = async <T>(look: (host: Host) => Promise<T>): Promise<T | Silent> => {
    const { answers, silent } = await askBeside(hosts, [host], look, patience)
    return silent[0] ?? (answers[0]?.answer as T)
  }
  const isSilent = (answer: unknown): answer is Silent =>
    typeof answer === 'object' && answer !== null && 'why' in answer
  const ask = (): Promise<Work | Silent> => askHere((there) => askWork(context, there, options))
  let work: Work | undefined
  return {
    id: retargetId(host),
    phase: 'cutover',
    title: `Let the settings on ${ownName(host)} lead to the target, and restart the agents that read them`,
    after: [settledId(context)],
    changes: [host],
    run: async () => {
      const answer = await ask()
      work = isSilent(answer) ? undefined : answer
      if (work === undefined) return []
      await refuseDeaf(hosts(host), work)
      return retargetAction(directory, work)
    },
    undo: async () => [putBackAction(directory, host)],
    stands: async () => {
      const answer = await ask()
      return !isSilent(answer) && answer.edits.length === 0 && answer.restart.length === 0
    },
    proof: async (progress, left) => {
      const now = await ask()
      if (isSilent(now) || work === undefined) {
        const why = isSilent(now) ? silentText(now) : `${host} gave no answer at first`
        left?.(`${why}: ${later}`)
        return 'left for later'
      }
      refuseUndone(now)
      const connected = await awaitConnected(hosts(host), work, progress)
      for (const text of leftOf(now)) left?.(text)
      return saysOf(work, connected)
    },
  }
}

const refuseUndone = ({ host, changes, restart }: Work): void => {
  const still = changes.map(({ option, file }) => `${option} in ${file}`)
  const old = restart.map(({ agent }) => agent)
  if (still.length === 0 && old.length === 0) return
  throw new SwapError(
    host,
    [
      ...(still.length === 0 ? [] : [`still lead to the old controller: ${still.join(', ')}`]),
      ...(old.length === 0 ? [] : [`not restarted: ${old.join(', ')}`]),
    ].join('; '),
    'See what changes these files, or ends these agents, there',
  )
}

/** A step for each compute of the settings. */
export const retargetSteps = (context: Context, options: WorkOptions = { withCuts: false }): readonly Step[] =>
  computesOf(context.config).map((host) => retargetStep(context, host, options))

import { ask, lines, type Question } from '../../ask/question.ts'
import type { MovingAddress } from '../../config.ts'
import { type Host, shell } from '../../hosts/host.ts'
import { names } from '../same-address.ts'
import { script } from './ask-script.ts'
import { inCtdb, inHeartbeat, unsureOf } from './daemons.ts'
import { inKeepalived } from './keepalived.ts'
import { deletion, type Keeper, type Part } from './keeper.ts'
import { managing, resourcesIn } from './pacemaker.ts'

/** Splits the script's output into its parts. */
export const partsOf = (text: string): readonly Part[] =>
  text.split(/^== /m).flatMap((part) => {
    const [head = '', ...rest] = part.split('\n')
    const [kind = '', path = ''] = head.split(' ')
    return kind === '' ? [] : [{ kind, path, lines: rest }]
  })

const inPacemaker = (part: Part, moving: MovingAddress): readonly Keeper[] =>
  resourcesIn(part, moving).map((resource) => ({
    says: `pacemaker: resource ${resource.id}`,
    commands: [shell(managing(resource.id, 'false'))],
    // A cluster that is not running accepts no commands.
    ...(part.path === 'cib' ? { by: 'pacemaker' as const } : {}),
  }))

/** Debian's `ucarp-vip` in a stanza, or VIP_ADDRESS= in a RHEL file. */
const inUcarp = ({ path, lines: all }: Part, { address, prefix }: MovingAddress, device: string): readonly Keeper[] =>
  all.flatMap((line, index) =>
    /^\s*(ucarp-vip\s|(?:export\s+)?(?:VIP_ADDRESS|VIRTUAL_ADDRESS)=)/.test(line) &&
    line.split(/[\s="']+/).some((word) => names(word, address))
      ? [
          {
            says: `ucarp: ${path}, line ${index + 1}`,
            commands: [
              /^\s*ucarp-/.test(line)
                ? shell(['sed', '-i.before-swapctl', '/^[[:space:]]*ucarp-/d', path])
                : deletion(path, line),
              `pkill -x ucarp; ip addr replace ${address}/${prefix} dev ${device}`,
            ],
          },
        ]
      : [],
  )

const setsAddress = /\b(ip\s+(-\S+\s+)*a(ddr(ess)?)?\s+(add|replace|change)|ifconfig)\b/

const atBoot = ({ path, lines: all }: Part, { address }: MovingAddress): readonly Keeper[] =>
  /\/swapctl-[^/]*$/.test(path)
    ? []
    : all.flatMap((line, index) =>
        !/^\s*[#;]/.test(line) && setsAddress.test(line) && line.split(/[\s="']+/).some((word) => names(word, address))
          ? [{ says: `${path}, line ${index + 1}`, commands: [deletion(path, line)] }]
          : [],
      )

/** Which programs would set the address again, from the script's output. */
export const keepersOf = (text: string, moving: MovingAddress, device: string): readonly Keeper[] => {
  const parts = partsOf(text)
  const of = (kind: string, look: (part: Part, moving: MovingAddress, device: string) => readonly Keeper[]) =>
    parts.filter((part) => part.kind === kind).flatMap((part) => look(part, moving, device))
  const keepalived = parts.filter((part) => part.kind === 'keepalived')
  const configured = [
    ...inKeepalived(keepalived, moving, device),
    ...of('pacemaker', inPacemaker),
    ...of('ctdb', inCtdb),
    ...of('heartbeat', inHeartbeat),
    ...of('ucarp', inUcarp),
  ]
  const running = parts
    .filter(({ kind }) => kind === 'running')
    .flatMap((part) => lines(part.lines.join('\n')))
    .map((line) => line.trim().split(/\s+/)[0] ?? '')
    // The command line is left out: it contains a password.
    .map((pid) => ({ says: `ucarp, process ${pid}`, commands: [`kill ${pid}`] }))
  const set = parts
    .filter(({ kind }) => kind === 'addresses')
    .flatMap((part) => part.lines)
    .filter(
      (line) => / proto (keepalived|18) /.test(`${line} `) && names(line.trim().split(/\s+/)[1] ?? '', moving.address),
    )
    .map(() => ({
      says: 'keepalived, which set the address',
      commands: ['Find its configuration (systemctl cat keepalived) and remove the address'],
    }))
  const known = [...configured, ...(configured.length === 0 ? [...running, ...set] : [])]
  return [...known, ...of('boot', atBoot), ...unsureOf(parts, moving.address)]
}

const question = (moving: MovingAddress, device: string): Question<readonly Keeper[]> => ({
  argv: ['sh', '-c', script, 'keepers', moving.address],
  parse: (text) => keepersOf(text, moving, device),
})

/** What holds an address besides the machine's network configuration, and would set it again after the cutover. */
export const askKeepers = (host: Host, moving: MovingAddress, device: string): Promise<readonly Keeper[]> =>
  ask(host, question(moving, device))

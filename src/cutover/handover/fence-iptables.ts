import { isIPv6 } from 'node:net'
import type { Action } from '../../engine/step.ts'
import type { SideMachine } from '../../hosts/host.ts'
import { programText } from '../../text/program.ts'
import { type Fence, iptablesRules, table } from './fence-rules.ts'

/** Puts the jump to the chain first and only once; by then the chain has been filled in one transaction. */
const jump = `while "$1" -D INPUT -j "$2" 2>/dev/null; do :; done; "$1" -I INPUT 1 -j "$2"`
const remove = programText('fence-remove.sh', import.meta.url)

const script = (on: SideMachine<'source'>, text: string, tool: string): Action => ({
  kind: 'exec',
  on,
  argv: ['sh', '-ec', text, 'fence', tool, table],
  limit: 30,
})

/**
 * The fence of a source without nft: IPv4, and IPv6 when the target has such addresses. Runtime only, like the nft
 * fence.
 */
export const iptablesFence = (on: SideMachine<'source'>, fence: Fence): readonly Action[] =>
  [
    { tool: 'iptables', peers: fence.peers.filter((it) => !isIPv6(it)) },
    { tool: 'ip6tables', peers: fence.peers.filter(isIPv6) },
  ]
    .filter(({ peers }) => peers.length > 0)
    .flatMap(({ tool, peers }) => [
      {
        kind: 'exec',
        on,
        argv: [`${tool}-restore`, '--noflush'],
        stdin: iptablesRules({ ...fence, peers }),
        limit: 30,
      },
      script(on, jump, tool),
    ])

export const iptablesRemoval = (on: SideMachine<'source'>): readonly Action[] =>
  ['iptables', 'ip6tables'].map((tool) => script(on, remove, tool))

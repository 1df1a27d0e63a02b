import { isIPv6 } from 'node:net'
import type { Action } from '../engine/step.ts'
import { type Fence, iptablesRules, table } from './fence-rules.ts'

/** The chain is filled in one transaction, then the jump to it stands first, and once. */
const jump = `while "$1" -D INPUT -j "$2" 2>/dev/null; do :; done; "$1" -I INPUT 1 -j "$2"`
const remove = `while "$1" -D INPUT -j "$2" 2>/dev/null; do :; done
"$1" -n -L "$2" >/dev/null 2>&1 || exit 0
"$1" -F "$2"; "$1" -X "$2"`

const script = (text: string, tool: string): Action => ({
  kind: 'exec',
  on: 'source',
  argv: ['sh', '-ec', text, 'fence', tool, table],
  limit: 30,
})

/** The source's fence where there is no nft: IPv4, and IPv6 when the target has such addresses. Runtime only, as nft's. */
export const iptablesFence = (fence: Fence): readonly Action[] =>
  [
    { tool: 'iptables', peers: fence.peers.filter((it) => !isIPv6(it)) },
    { tool: 'ip6tables', peers: fence.peers.filter(isIPv6) },
  ]
    .filter(({ peers }) => peers.length > 0)
    .flatMap(({ tool, peers }) => [
      {
        kind: 'exec',
        on: 'source',
        argv: [`${tool}-restore`, '--noflush'],
        stdin: iptablesRules({ ...fence, peers }),
        limit: 30,
      },
      script(jump, tool),
    ])

export const iptablesRemoval = (): readonly Action[] => [script(remove, 'iptables'), script(remove, 'ip6tables')]

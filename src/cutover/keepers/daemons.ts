import type { MovingAddress } from '../../config.ts'
import { names } from '../same-address.ts'
import { whyOpen } from './keepalived.ts'
import { deletion, type Keeper, type Part } from './keeper.ts'

/** ctdb(7), "PUBLIC ADDRESSES": one address per line, with its interface. */
export const inCtdb = ({ path, lines }: Part, { address, prefix }: MovingAddress, device: string): readonly Keeper[] =>
  lines.flatMap((line, index) =>
    !/^\s*#/.test(line) && names(line.trim().split(/\s+/)[0] ?? '', address)
      ? [
          {
            says: `ctdb: ${path}, line ${index + 1}`,
            commands: [
              `${deletion(path, line)} && ctdb reloadips; ip addr replace ${address}/${prefix} dev ${device}`,
              'the same line on every other machine of that cluster, but without the ip addr command',
            ],
          },
        ]
      : [],
  )

/** haresources: `node 10.20.0.10/24/eth0 IPaddr::10.20.0.11/24 ...`. */
export const inHeartbeat = ({ path, lines }: Part, { address, prefix }: MovingAddress, device: string) =>
  lines.flatMap((line, index): readonly Keeper[] =>
    !/^\s*#/.test(line) &&
    line.split(/\s+/).some((word) => names(word.replace(/^IPv?6?addr2?::/i, '').split('/')[0] ?? '', address))
      ? [
          {
            says: `heartbeat: ${path}, line ${index + 1}`,
            commands: [
              `Take ${address} out of line ${index + 1} of ${path} by hand, on every machine of that cluster`,
              `systemctl restart heartbeat; ip addr replace ${address}/${prefix} dev ${device}`,
            ],
          },
        ]
      : [],
  )

const found = (parts: readonly Part[], kind: string): readonly Part[] => parts.filter((part) => part.kind === kind)

/** Why it is unclear which addresses each daemon sets; undefined when its configuration says so. */
const open: Readonly<Record<string, (parts: readonly Part[]) => string | undefined>> = {
  keepalived: (parts) =>
    whyOpen(
      found(parts, 'keepalived'),
      found(parts, 'unread').map(({ path }) => path),
    ),
  ctdbd: (parts) => (found(parts, 'ctdb').length > 0 ? undefined : 'its list of public addresses was not found'),
  heartbeat: (parts) =>
    [...found(parts, 'heartbeat'), ...found(parts, 'pacemaker')].length > 0
      ? undefined
      : '/etc/ha.d/haresources is missing',
  corosync: (parts) => cib(parts),
  pacemakerd: (parts) => cib(parts),
}

const cib = (parts: readonly Part[]): string | undefined =>
  found(parts, 'pacemaker').some(({ lines }) => lines.join('\n').includes('<primitive') || lines[0]?.includes('<cib'))
    ? undefined
    : 'cibadmin --query does not answer and there is no cib.xml'

/** Running daemons that set addresses and may set this one. */
export const unsureOf = (parts: readonly Part[], address: string): readonly Keeper[] => {
  const running = found(parts, 'daemon').map(({ path, lines }) => ({ name: path, line: lines[0]?.trim() ?? '' }))
  return Object.entries(open).flatMap(([name, why]): readonly Keeper[] => {
    const own = running.filter((one) => one.name === name)
    const says = own.length === 0 ? undefined : why(parts)
    if (says === undefined) return []
    const [pid = '', ...args] = own[0]?.line.split(' ') ?? []
    return [
      {
        says: `${name} runs (process ${pid}: ${args.join(' ')}) and may set it: ${says}`,
        commands: [
          `Find out what it sets: ls -l /proc/${pid}/root /proc/${pid}/cwd; systemctl cat ${name}`,
          `Remove ${address} from it and give it a readable configuration with every address written out`,
        ],
        unsure: true,
      },
    ]
  })
}

import type { MovingAddress } from '../config.ts'
import { type Host, shell } from '../hosts/host.ts'
import { ask, lines, type Question } from '../source/question.ts'
import { names } from './same-address.ts'

/** Something that gives a machine an address by itself, whatever its network configuration says. */
export interface Keeper {
  /** 'keepalived: /etc/keepalived/keepalived.conf, line 12' */
  readonly says: string
  /** what to type on that machine so that it leaves the address alone */
  readonly commands: readonly string[]
}

/**
 * Everything in one go: keepalived's configuration with what it includes, pacemaker's, ucarp's, who runs with the address
 * among its words, and what runs at boot and names it.
 */
const script = `shown() { test ! -f "$2" || { echo "== $1 $2"; cat "$2"; echo; }; }
included() { for file in $1; do
  shown keepalived "$file"
  test "$2" -gt 4 || test ! -f "$file" || sed -n 's/^[[:space:]]*include[a-z]*[[:space:]][[:space:]]*//p' "$file" | while read -r more; do
    case $more in /*) ;; *) more=$(dirname "$file")/$more ;; esac
    included "$more" $(($2 + 1))
  done
done; }
config=$(ps -C keepalived -o args= 2>/dev/null | sed -n 's/.*[[:space:]]\\(-f\\|--use-file\\)[ =]*\\([^[:space:]]*\\).*/\\2/p' | head -1)
included "\${config:-/etc/keepalived/keepalived.conf}" 0
{ cibadmin --query 2>/dev/null || cat /var/lib/pacemaker/cib/cib.xml 2>/dev/null; } | sed '1i== pacemaker cib'
for file in /etc/network/interfaces /etc/network/interfaces.d/* /etc/ucarp/*.conf /etc/default/ucarp; do shown ucarp "$file"; done
echo '== running'; ps -C ucarp -o pid=,args= 2>/dev/null | grep -wF -e "$1"
for file in /etc/rc.local /etc/rc.d/rc.local /etc/cron.d/* /var/spool/cron/* /var/spool/cron/crontabs/* /etc/crontab \
  /etc/network/if-*.d/* /etc/NetworkManager/dispatcher.d/* /etc/networkd-dispatcher/*/* /etc/systemd/system/*.service \
  /etc/systemd/system/*.d/*.conf /etc/init.d/*; do
  test ! -f "$file" || ! grep -qwF -e "$1" "$file" || shown boot "$file"
done
echo '== addresses'; ip addr show`

interface Part {
  readonly kind: string
  readonly path: string
  readonly lines: readonly string[]
}

const partsOf = (text: string): readonly Part[] =>
  text.split(/^== /m).flatMap((part) => {
    const [head = '', ...rest] = part.split('\n')
    const [kind = '', path = ''] = head.split(' ')
    return kind === '' ? [] : [{ kind, path, lines: rest }]
  })

const wordsOf = (line: string): readonly string[] =>
  line
    .replace(/[#!].*$/, '')
    .split(/[\s{}]+/)
    .filter(Boolean)

/** By what the line says, not by its number: of two that are typed one after the other, the first has moved the second. */
const deletion = (path: string, line: string): string =>
  shell(['sed', '-i.before-swapctl', `/^${line.replace(/[\\/.*[\]^$]/g, '\\$&')}$/d`, path])

/** keepalived.conf(5): an address stands first on a line of virtual_ipaddress or virtual_ipaddress_excluded. */
const inKeepalived = (
  { path, lines: all }: Part,
  { address, prefix }: MovingAddress,
  device: string,
): readonly Keeper[] =>
  all.flatMap((line, index) => {
    const words = wordsOf(line)
    if (
      !words.some((word) => names(word, address)) ||
      /^(vrrp_script|script|notify|virtual_server|real_server|unicast_src_ip)/.test(words[0] ?? '')
    )
      return []
    const whole = names(words[0] ?? '', address) && !/[{}]/.test(line)
    const edit = whole ? deletion(path, line) : `Take ${address} out of line ${index + 1} of ${path} by hand`
    // It takes the address off some time after the reload has returned.
    const apply = `systemctl reload keepalived && for turn in $(seq 20); do ip addr replace ${address}/${prefix} dev ${device}; sleep 0.25; done`
    return [
      {
        says: `keepalived: ${path}, line ${index + 1}`,
        commands: [
          ...(whole ? [`${edit} && ${apply}`] : [edit, apply]),
          'the same line on every other machine of that VRRP group, there without the ip addr',
        ],
      },
    ]
  })

/** A resource that is not managed any more is neither started, stopped nor watched, at boot either. */
const inPacemaker = ({ lines: all }: Part, { address }: MovingAddress): readonly Keeper[] =>
  all
    .join('\n')
    .split(/(?=<primitive )/)
    .filter((one) => one.startsWith('<primitive '))
    .map((one) => one.slice(0, (one.indexOf('</primitive>') + 1 || one.length + 1) - 1))
    .filter((one) =>
      [...one.matchAll(/<nvpair\b[^>]*\bvalue="([^"]*)"/g)].some(([, value = '']) => names(value, address)),
    )
    .filter(
      (one) =>
        !/<nvpair\b[^>]*\bname="is-managed"[^>]*\bvalue="false"|<nvpair\b[^>]*\bvalue="false"[^>]*\bname="is-managed"/.test(
          one,
        ),
    )
    .map((one) => {
      const id = /\bid="([^"]*)"/.exec(one)?.[1] ?? ''
      return {
        says: `pacemaker: resource ${id}`,
        commands: [`crm_resource --resource ${id} --meta --set-parameter is-managed --parameter-value false`],
      }
    })

/** Debian's `ucarp-vip` in a stanza, VIP_ADDRESS= in a file of RHEL's. */
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

/** Who would bring the address back, from what the script printed. Pure. */
export const keepersOf = (text: string, moving: MovingAddress, device: string): readonly Keeper[] => {
  const parts = partsOf(text)
  const of = (kind: string, look: (part: Part, moving: MovingAddress, device: string) => readonly Keeper[]) =>
    parts.filter((part) => part.kind === kind).flatMap((part) => look(part, moving, device))
  const configured = [...of('keepalived', inKeepalived), ...of('pacemaker', inPacemaker), ...of('ucarp', inUcarp)]
  const running = parts
    .filter(({ kind }) => kind === 'running')
    .flatMap((part) => lines(part.lines.join('\n')))
    .map((line) => ({ says: `ucarp, process ${line.trim()}`, commands: [`kill ${line.trim().split(/\s+/)[0]}`] }))
  const set = parts
    .filter(({ kind }) => kind === 'addresses')
    .flatMap((part) => part.lines)
    .filter(
      (line) => / proto (keepalived|18) /.test(`${line} `) && names(line.trim().split(/\s+/)[1] ?? '', moving.address),
    )
    .map(() => ({
      says: 'keepalived, which set it',
      commands: ['Find its configuration (systemctl cat keepalived) and take the address out'],
    }))
  const known = [...configured, ...(configured.length === 0 ? [...running, ...set] : [])]
  return [...known, ...of('boot', atBoot)]
}

const question = (moving: MovingAddress, device: string): Question<readonly Keeper[]> => ({
  argv: ['sh', '-c', script, 'keepers', moving.address],
  parse: (text) => keepersOf(text, moving, device),
})

/** What holds an address besides the network configuration of a machine: it would bring it back after the cutover. */
export const askKeepers = (host: Host, moving: MovingAddress, device: string): Promise<readonly Keeper[]> =>
  ask(host, question(moving, device))

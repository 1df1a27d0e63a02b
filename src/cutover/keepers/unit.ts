import { posix } from 'node:path'
import type { Action } from '../../engine/step.ts'
import type { Argv, HostName } from '../../hosts/host.ts'
import { programText } from '../../text/program.ts'

/** A systemd unit that runs once, early at every boot, before services use the network. */
export interface BootUnit {
  /** 'swapctl-hold' */
  readonly name: string
  readonly says: string
  readonly commands: readonly Argv[]
  /** recorded for the undo as `X-Swapctl-Before=...` lines, which systemd ignores */
  readonly before?: readonly string[]
}

export const unitPath = (name: string): string => posix.join('/etc/systemd/system', `${name}.service`)

/** A word of an Exec line; systemd itself interprets % and $ (systemd.service, "COMMAND LINES"). */
const word = (text: string): string => {
  const plain = text.replaceAll('%', '%%').replaceAll('$', '$$$$')
  return /^[A-Za-z0-9_./:=@%,+$-]+$/.test(plain)
    ? plain
    : `"${plain.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`
}

export const unitText = (unit: BootUnit): string =>
  [
    '[Unit]',
    `Description=${unit.says}`,
    'DefaultDependencies=no',
    'After=local-fs.target systemd-sysctl.service',
    'Wants=network-pre.target',
    'Before=network-pre.target shutdown.target',
    'Conflicts=shutdown.target',
    ...(unit.before ?? []).map((line) => `X-Swapctl-Before=${line}`),
    '',
    '[Service]',
    'Type=oneshot',
    'RemainAfterExit=yes',
    ...unit.commands.map((argv) => `ExecStart=${argv.map(word).join(' ')}`),
    '',
    '[Install]',
    'WantedBy=multi-user.target',
    '',
  ].join('\n')

export const beforeOf = (text: string): readonly string[] =>
  [...text.matchAll(/^X-Swapctl-Before=(.*)$/gm)].map((match) => match[1] as string)

/** Written and enabled, but not started: separate actions have already done its work. */
export const enableUnit = (on: HostName, unit: BootUnit): readonly Action[] => [
  { kind: 'write', on, path: unitPath(unit.name), mode: '0644', content: unitText(unit) },
  { kind: 'exec', on, argv: ['systemctl', 'enable', '--quiet', `${unit.name}.service`], limit: 60 },
]

/**
 * Also works when the unit was never written. After a boot the unit is active, so it is stopped; a unit that is not
 * loaded counts as stopped.
 */
const forget = programText('forget-unit.sh', import.meta.url)

export const forgetUnit = (on: HostName, name: string): Action => ({
  kind: 'exec',
  on,
  argv: ['sh', '-ec', forget, 'forget', `${name}.service`],
  limit: 60,
})

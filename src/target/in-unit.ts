import type { Argv } from '../hosts/host.ts'
import { programText } from '../text/program.ts'

/**
 * Runs a tool as a unit and ends as the tool does. Told to end (by `timeout`, at the limit), it stops the unit with all
 * that is in it first. 125: the tool was not run, or did not come to its own end; that is none of its exit codes, some
 * of which mean "run me again".
 */
const script = programText('in-unit.sh', import.meta.url)

/** How much later than the limit systemd itself ends the unit: by then nobody is left who would. Seconds. */
const grace = 30

/**
 * A tool as a transient unit of the target: `settings` are its properties. One of a name runs once at a time; a second
 * start is refused while the first runs, also after a lost connection. Nothing of it outlives its limit by half a minute.
 */
export const inUnit = (unit: string, settings: readonly string[], argv: Argv, limit: number): Argv => [
  'sh',
  '-c',
  script,
  'in-unit',
  unit,
  'systemd-run',
  '--quiet',
  '--pipe',
  '--wait',
  `--unit=${unit}`,
  ...[...settings, `RuntimeMaxSec=${limit + grace}`, 'TimeoutStopSec=5'].map((setting) => `--property=${setting}`),
  '--setenv=LC_ALL=C.UTF-8',
  ...argv,
]

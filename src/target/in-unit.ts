import type { Argv } from '../hosts/host.ts'
import { programText } from '../text/program.ts'

/**
 * Runs a tool as a unit and exits like the tool. When told to end (by `timeout`, at the limit) it first stops the whole
 * unit. 125: the tool did not run or did not end by itself; the tool's own exit codes cannot express that, because some
 * of them mean "run it again".
 */
const script = programText('in-unit.sh', import.meta.url)

/** Seconds after the limit when systemd itself ends the unit, in case nothing else is left to do it. */
const grace = 30

/**
 * A tool as a transient unit of the target; `settings` are the unit's properties. Only one unit of a name can run: a
 * second start is refused while the first runs, even after a lost connection. The unit ends at most half a minute after
 * its limit.
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

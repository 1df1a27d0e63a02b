import { programText } from '../../text/program.ts'

/**
 * Collects everything that keepers.ts reads: keepalived processes of this network namespace (neutron's run in
 * namespaces of routers and are not ours) with their configuration, that of pacemaker, ctdb, heartbeat and ucarp, and
 * boot files that name the address ($1). Files of a daemon in a container are read through /proc/PID/root.
 */
export const script = programText('keepers.sh', import.meta.url)

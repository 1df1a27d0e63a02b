import { programText } from '../../text/program.ts'

/**
 * What keepers.ts reads, in one go: who runs in this network (neutron's own keepalived live in namespaces of routers, and
 * are none of ours) with what configuration, pacemaker's, ctdb's, heartbeat's and ucarp's, and what runs at boot and names
 * the address ($1). A daemon of a container is read through its /proc/PID/root.
 */
export const script = programText('keepers.sh', import.meta.url)

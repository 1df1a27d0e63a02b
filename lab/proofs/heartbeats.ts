import { type MachineName, sql } from '../machines.ts'

interface Living {
  /** columns that change by themselves */
  readonly columns: readonly string[]
  /** rows that are created by themselves are left out */
  readonly where?: string
}

/**
 * What a cloud writes without any user: reports of services (an agent's first one contains its start time and may come
 * a minute after the boot), a compute node's free memory and disk, and nova's periodic cleanup.
 */
export const living: Readonly<Record<string, Living>> = {
  'nova.services': { columns: ['updated_at', 'report_count', 'last_seen_up'] },
  'nova.compute_nodes': { columns: ['updated_at', 'memory_mb', 'free_ram_mb', 'free_disk_gb', 'disk_available_least'] },
  // Refreshed from neutron once a minute in turn; the addresses themselves are compared through the APIs.
  'nova.instance_info_caches': { columns: ['updated_at', 'network_info'] },
  'nova.instances': { columns: ['updated_at', 'cleaned'] },
  'nova.instance_system_metadata': { columns: ['id', 'updated_at'], where: "`key` <> 'clean_attempts'" },
  // A row per network card and period, all created by themselves.
  'nova.bw_usage_cache': { columns: ['updated_at'], where: 'FALSE' },
  'placement.inventories': { columns: ['updated_at', 'total', 'max_unit'] },
  'placement.resource_providers': { columns: ['updated_at', 'generation'] },
  'neutron.agents': { columns: ['started_at', 'heartbeat_timestamp', 'configurations', 'load'] },
  'cinder.services': { columns: ['updated_at', 'report_count'] },
  'heat.service': { columns: ['updated_at'] },
}

/** Checksums of these tables without the changing columns, by 'database.table'. */
export const askLiving = async (machine: MachineName): Promise<Readonly<Record<string, string>>> => {
  const found: Record<string, string> = {}
  for (const [name, { columns, where }] of Object.entries(living)) {
    const [database = '', table = ''] = name.split('.')
    const skip = columns.map((column) => `'${column}'`).join(', ')
    const kept = await sql(
      machine,
      `SELECT column_name FROM information_schema.columns
       WHERE table_schema = '${database}' AND table_name = '${table}' AND column_name NOT IN (${skip})`,
    )
    const row = kept.map(([column]) => `COALESCE(\`${column}\`, '~')`).join(', ')
    const sum = `SELECT COUNT(*), BIT_XOR(CRC32(CONCAT_WS('|', ${row}))), SUM(CRC32(CONCAT_WS('|', ${row})))
      FROM \`${database}\`.\`${table}\` WHERE ${where ?? 'TRUE'}`
    found[name] = (await sql(machine, sum)).flat().join(' ')
  }
  return found
}

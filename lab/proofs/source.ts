import { readFile } from 'node:fs/promises'
import { inside, linesOf, type MachineName, sql } from '../machines.ts'
import { demandNone, differences, type Proof } from '../proof.ts'
import { askLiving, living } from './heartbeats.ts'

type Digests = Readonly<Record<string, string>>

export const databases = [
  'keystone',
  'glance',
  'placement',
  'nova_api',
  'nova_cell0',
  'nova',
  'neutron',
  'cinder',
  'heat',
] as const

/** CHECKSUM TABLE of every table in the cloud, by 'database.table'. */
export const askTables = async (machine: MachineName): Promise<Digests> => {
  const list = databases.map((name) => `'${name}'`).join(',')
  const tables = await sql(
    machine,
    `SELECT CONCAT('\`', table_schema, '\`.\`', table_name, '\`') FROM information_schema.tables
     WHERE table_schema IN (${list}) AND table_type = 'BASE TABLE' ORDER BY 1`,
  )
  const rows = await sql(machine, `CHECKSUM TABLE ${tables.map(([name]) => name).join(', ')}`)
  return Object.fromEntries(rows.map(([name = '', sum = '']) => [name, sum]))
}

/** sha256 of each file's non-zero data and its offsets: volumes are sparse, and holes are not read. */
const digests = `
import hashlib, os, sys
step = 65536
for path in sys.stdin.read().split('\\0')[:-1]:
    found = hashlib.sha256(str(os.path.getsize(path)).encode())
    with open(path, 'rb') as file:
        at, end = 0, os.fstat(file.fileno()).st_size
        while at < end:
            try:
                at = os.lseek(file.fileno(), at, os.SEEK_DATA) // step * step
            except OSError:
                break
            file.seek(at)
            block = file.read(step)
            if block.strip(b'\\0'):
                found.update(b'%d ' % at + block)
            at += step
    print(found.hexdigest(), path, sep='\\t')
`

/** Digest, mode and owner of every file and link in these folders. */
export const askFiles = async (machine: MachineName, folders: readonly string[]): Promise<Digests> => {
  const [names, files] = await Promise.all([
    inside(machine, ['find', ...folders, '-printf', '%p\\t%y %m %u:%g %l\\n']),
    inside(machine, ['find', ...folders, '-type', 'f', '-print0']),
  ])
  const sums = await inside(machine, ['python3', '-c', digests], { stdin: files })
  const digest = new Map(
    linesOf(sums).map((line) => {
      const [sum = '', path = ''] = line.split('\t')
      return [path, sum]
    }),
  )
  return Object.fromEntries(
    linesOf(names).map((line) => {
      const [path = '', rest = ''] = line.split('\t')
      return [path, `${rest.trim()} ${digest.get(path) ?? ''}`.trim()]
    }),
  )
}

/** The cloud's settings, which no step may touch, frozen or not. */
export const configFolders = [
  'keystone',
  'glance',
  'placement',
  'nova',
  'neutron',
  'cinder',
  'heat',
  'mysql',
  'rabbitmq',
].map((name) => `/etc/${name}`)

/** The controller's data outside its databases. */
export const dataFolders = ['/var/lib/glance/images', '/var/lib/lvm-stand-in']

/** While the cloud serves: every table; of tables that change by themselves, only the stable columns. */
export const askServingTables = async (): Promise<Digests> => {
  const tables = Object.entries(await askTables('source')).filter(([name]) => living[name] === undefined)
  return { ...Object.fromEntries(tables), ...(await askLiving('source')) }
}

export const tablesUnchanged = (before: Digests): Proof => ({
  name: 'tables of the source are unchanged',
  run: async () => {
    const after = await askServingTables()
    demandNone('tables of the source changed', differences(before, after))
    const parts = Object.entries(living).map(([name, { columns }]) => `${name} (${columns.join(', ')})`)
    return `${Object.keys(after).length} tables equal, apart from what the cloud reports by itself: ${parts.join(', ')}`
  },
})

export const filesUnchanged = (name: string, before: Digests, folders: readonly string[]): Proof => ({
  name,
  run: async () => {
    const after = await askFiles('source', folders)
    demandNone('files of the source changed', differences(before, after))
    return `${Object.keys(after).length} files: content, mode and owner equal`
  },
})

/** While frozen: every table, compared with swapctl's fingerprint. */
export const frozenTables = (fingerprint: string): Proof => ({
  name: 'every table of the source is unchanged since the freeze',
  run: async () => {
    const saved = JSON.parse(await readFile(fingerprint, 'utf8')) as { at: string; tables: Digests }
    const after = await askTables('source')
    const cloud = Object.entries(saved.tables).filter(([name]) => databases.some((one) => name.startsWith(`${one}.`)))
    demandNone('tables of the source changed since the freeze', differences(Object.fromEntries(cloud), after))
    const cell0 = Object.keys(after).filter((name) => name.startsWith('nova_cell0.'))
    return `${Object.keys(after).length} tables equal, ${cell0.length} of them nova_cell0's; frozen at ${saved.at}`
  },
})

import { inside, type MachineName, sql } from '../machines.ts'
import { demandNone, differences, type Proof } from '../proof.ts'
import { askFiles } from './source.ts'

/** Where a server finds its volume: the row in nova.block_device_mapping. */
export interface Attachment {
  readonly volume: string
  readonly portal: string
  /** of the first 8 MiB, where the lab wrote random bytes and recorded their checksum */
  readonly sha256: string
}

interface Target {
  readonly target_portal: string
  readonly target_iqn: string
  readonly target_lun: number
  readonly auth_username: string
  readonly auth_password: string
}

const rows = `SELECT volume_id, connection_info FROM nova.block_device_mapping
  WHERE deleted = 0 AND connection_info LIKE '%target_iqn%' ORDER BY volume_id`

/**
 * Reads each attached volume over iSCSI from the compute node, with the CHAP account in its row; without a kernel
 * initiator.
 */
export const askAttachments = async (machine: MachineName): Promise<readonly Attachment[]> => {
  const found: Attachment[] = []
  for (const [volume = '', info = ''] of await sql(machine, rows)) {
    const { data } = JSON.parse(info) as { data: Target }
    found.push({ volume, portal: data.target_portal, sha256: await read(volume, data) })
  }
  return found
}

const read = async (volume: string, target: Target): Promise<string> => {
  const url = `iscsi://${target.target_portal}/${target.target_iqn}/${target.target_lun}`
  const copy = `/tmp/read-${volume}`
  try {
    await inside('compute', [
      'env',
      `LIBISCSI_CHAP_USERNAME=${target.auth_username}`,
      `LIBISCSI_CHAP_PASSWORD=${target.auth_password}`,
      ...['qemu-img', 'dd', '-f', 'raw', '-O', 'raw', 'bs=1M', 'count=8', `if=${url}`, `of=${copy}`],
    ])
    return (await inside('compute', ['sha256sum', copy])).slice(0, 64)
  } finally {
    await inside('compute', ['rm', '-f', copy])
  }
}

/** The rows name the portal that serves now, and reading there gives the same data as before. */
export const sameVolumes = (
  machine: MachineName,
  portal: string,
  before: readonly Attachment[],
  written: Readonly<Record<string, string>>,
): Proof => ({
  name: 'attached volumes are read over iSCSI at the portal that their rows name',
  run: async () => {
    const after = await askAttachments(machine)
    demandNone(
      'attachments differ',
      before.flatMap((old) => {
        const now = after.find(({ volume }) => volume === old.volume)
        if (now === undefined) return [`${old.volume}: its row is gone`]
        if (now.sha256 !== written[old.volume]) return [`${old.volume} at ${now.portal}: not the bytes the lab wrote`]
        return now.portal.split(':')[0] === portal ? [] : [`${old.volume}: its row names ${now.portal}, not ${portal}`]
      }),
    )
    return `${after.length} volumes at ${after[0]?.portal}: the random bytes the lab wrote, sha256 ${after.map((it) => it.sha256.slice(0, 12)).join(', ')}`
  },
})

/** Checksums of the files behind the volumes, by name. */
const askBackings = async (machine: MachineName): Promise<Readonly<Record<string, string>>> =>
  Object.fromEntries(
    Object.entries(await askFiles(machine, ['/var/lib/lvm-stand-in/cinder-volumes']))
      .filter(([path]) => path.includes('-volumes/'))
      .map(([path, says]) => [path, says.split(' ').at(-1) ?? '']),
  )

/** The files behind the volumes were copied completely. */
export const sameBackings = (): Proof => ({
  name: 'volumes on the target are byte for byte those of the source',
  run: async () => {
    const [source, target] = await Promise.all([askBackings('source'), askBackings('target')])
    demandNone('volumes differ', differences(source, target))
    return `${Object.keys(target).length} volumes: every block that is not zero is equal`
  },
})

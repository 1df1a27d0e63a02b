import { ask, type Question } from '../../ask/question.ts'
import type { Finding } from '../../engine/step.ts'
import type { Host } from '../../hosts/host.ts'
import { programText } from '../../text/program.ts'
import type { Side } from './edits.ts'
import type { FileState } from './manager.ts'

/** The header and names of the files that cloud-init generates (its documentation, "Network configuration"). */
const byCloudInit = /^#.*(cloud-init|information provided by the datasource)/m
const cloudInitNames = /\/(50-cloud-init(\.yaml|\.cfg)?|10-cloud-init-[^/]+\.network|cloud-init-[^/]+\.nmconnection)$/

export const isOfCloudInit = ({ path, content }: Pick<FileState, 'path' | 'content'>): boolean =>
  cloudInitNames.test(path) || byCloudInit.test(content)

const programs = 'puppet|chef|ansible|salt(?:stack)?|cfengine|juju|maas|crowbar|foreman|rudder'
const said = [
  new RegExp(`\\b(?:managed|generated|maintained|deployed|written|created|controlled)\\b.*\\b(${programs})\\b`, 'i'),
  new RegExp(`\\b(${programs})\\b.*\\b(?:managed|generated|maintained|deployed|written|created|controlled)\\b`, 'i'),
]

/** The program that a comment names as the file's writer: 'puppet' in "# managed by puppet, do not edit". */
export const writerOf = (text: string): string | undefined =>
  text
    .split('\n')
    .filter((line) => /^\s*[#;!]/.test(line))
    .flatMap((line) => said.flatMap((one) => one.exec(line)?.[1]?.toLowerCase() ?? []))[0]

/** cloud-init reads only cloud.cfg and cloud.cfg.d/*.cfg; comments there do not count. */
const cloudInit: Question<boolean> = {
  argv: ['sh', '-c', programText('cloud-init.sh', import.meta.url)],
  parse: (text) => text.startsWith('runs') && !leavesNetworkAlone(text),
}

/** Whether cloud.cfg says `network: {config: disabled}`, on one line or two. */
export const leavesNetworkAlone = (text: string): boolean =>
  text
    .split('\n')
    .map((line) => line.replace(/(^|\s)#.*$/, ''))
    .join('\n')
    .match(
      /^network:\s*(?:\{\s*["']?config["']?:\s*["']?disabled["']?\s*\}|\n+[ \t]+config:\s*["']?disabled["']?\s*$)/m,
    ) !== null

/** Files that must change but that another program also writes. */
export const writerFindings = async (
  host: Host,
  side: Side,
  files: readonly FileState[],
): Promise<readonly Finding[]> => {
  const generated = files.filter(isOfCloudInit)
  const stays = generated.length > 0 && (await ask(host, cloudInit)) ? generated : []
  return [
    ...stays.map(({ path }) => rewritten(side, path)),
    ...files.flatMap(({ path, content }) => {
      const writer = writerOf(content)
      return writer === undefined ? [] : [managed(side, path, writer)]
    }),
  ]
}

const rewritten = (side: Side, path: string): Finding => ({
  id: `cutover/persist-${side}`,
  level: 'block',
  says: `${side}: ${path} is written by cloud-init, which may rewrite it at boot`,
  remedy: `On the ${side}: echo 'network: {config: disabled}' > /etc/cloud/cloud.cfg.d/99-disable-network-config.cfg`,
})

const managed = (side: Side, path: string, writer: string): Finding => ({
  id: `cutover/persist-${side}`,
  level: 'warn',
  says: `${side}: ${path} is written by ${writer}, according to its header; ${writer} would undo swapctl's changes`,
  remedy: `Stop ${writer} from running on the ${side} until finish, then update its data with the new place of the addresses`,
})

import { programText } from '../text/program.ts'

/**
 * Arguments: path, user, group, nonce, list. Marks every directory of the target's tree with an empty file that nobody
 * else has: the source sees it only where both have the same directory. The path goes into the list of \`finish\`.
 */
export const markScript = programText('tree-mark.sh', import.meta.url)

/**
 * Arguments: path, nonce. On the source: says in which of its directories it sees the mark, by looking for its name (a
 * list of an NFS client may be old), and sends the tree only where there is none. Owners go by name: GNU tar writes both,
 * and looks the name up first.
 */
export const sendScript = programText('tree-send.sh', import.meta.url)

/**
 * Arguments: path, nonce. Only where the source has said, of the mark that is in the very directory we stand in, that it
 * sees none of it, is anything changed. What was there before the first copy is moved aside, an earlier copy is deleted: a
 * rotated key or a deleted image must not come back.
 */
export const receiveScript = programText('tree-receive.sh', import.meta.url)

/** Arguments: path. What the target had there before the copy takes its place again; where it had nothing, the copy stays. */
export const putBackScript = programText('tree-put-back.sh', import.meta.url)

/** Arguments: list. The last look: what lay where copies are now goes. */
export const forgetScript = programText('tree-forget.sh', import.meta.url)

/** Arguments: list. One line for each thing of swapctl's that is still there. */
export const leftScript = programText('tree-left.sh', import.meta.url)

/** Arguments: path. 'copied N' (N entries are kept aside) or 'shared', by what the copy has left; fails while a mark is there. */
export const stateScript = programText('tree-state.sh', import.meta.url)

/** Arguments: path. A line per file (SHA-256) and a line per entry (type, mode, owner by name, link), sorted. */
export const digestScript = programText('tree-digest.sh', import.meta.url)

/** Arguments: path. The same without reading files: size and time stand for what is in them. */
export const listScript = programText('tree-list.sh', import.meta.url)

import { programText } from '../text/program.ts'
import { calling } from './calling.ts'

const withStore = (name: string): string => calling('store', 'stage-store.py', name)

/**
 * Arguments: path, user, group, nonce, list. Puts a unique empty file into every directory of the target's tree: the
 * source sees it only if both have the same directory. Adds the path to the list for `finish`.
 */
export const markScript = programText('tree-mark.sh', import.meta.url)

/**
 * Arguments: path, nonce, perhaps 'known': then stdin has the keys of files that the target has staged; those that still
 * fit are named, not sent. On the source: reports in which of its directories it sees the mark, by opening its name (an
 * NFS client's listing may be stale), and sends the tree only if there is none. Owners by name: GNU tar writes name and
 * number, and looks up the name first.
 */
export const sendScript = programText('tree-send.sh', import.meta.url)

/**
 * Arguments: path, nonce. Changes anything only if the source has reported that it does not see the mark of the very
 * directory we are in. What was there before the first copy is moved aside, an earlier copy is deleted: a rotated key
 * or a deleted image must not come back.
 */
export const receiveScript = withStore('tree-receive.sh')

/** Arguments: path. Restores what the target had before the copy; if it had nothing, the copy stays. */
export const putBackScript = withStore('tree-put-back.sh')

/** Arguments: list. For finish: removes what was moved aside for copies, and what was staged. */
export const forgetScript = programText('tree-forget.sh', import.meta.url)

/** Arguments: list. Prints one line for each file or directory of swapctl that still exists. */
export const leftScript = programText('tree-left.sh', import.meta.url)

/** Arguments: path. 'copied N' (N entries are kept aside) or 'shared'; fails while a mark exists. */
export const stateScript = programText('tree-state.sh', import.meta.url)

/**
 * Arguments: path, perhaps 'known': then stdin has keys of files that need not be read, of which it prints the names
 * instead. A line per file (SHA-256) and a line per entry (type, mode, owner by name, link),
 * sorted.
 */
export const digestScript = programText('tree-digest.sh', import.meta.url)

/** Arguments: path. The same without reading files: uses size and time instead of a hash. */
export const listScript = programText('tree-list.sh', import.meta.url)

/** Arguments: path. The keys of the files that can be staged; see tree-known.sh. */
export const keysScript = programText('stage-keys.sh', import.meta.url)

/** Arguments: path. What `parseStage` reads; changes nothing. */
export const showScript = withStore('stage-show.sh')

/**
 * Arguments: path, nonce, bytes a second (0: no limit). On the source: sends the files named on stdin, unless it sees
 * the mark, with their SHA-256.
 */
export const stageSendScript = calling('send', 'stage-send.py', 'stage-send.sh')

/** Arguments: path, nonce, expected bytes. Puts what arrives whole into the staging place. */
export const stageReceiveScript = withStore('stage-receive.sh')

/** Arguments: path, and 'prove' (reads back what is not proved) or 'drop' (files named on stdin). */
export const stageStoreScript = withStore('stage-store.sh')

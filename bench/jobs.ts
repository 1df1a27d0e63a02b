import { fixups } from './fixups.ts'
import type { Job } from './measure.ts'
import { tables, wide } from './memory.ts'
import { transfer } from './transfer.ts'
import { verify } from './verify.ts'

/** Each makes for itself what it works on, unless an earlier one has left it. A further one is a line here. */
export const jobs: Readonly<Record<string, Job>> = { transfer, verify, fixups, wide, tables }

import type { Blocker } from '../../releases/blocker.ts'
import { charset } from '../charset.ts'

export const glanceBlockers: readonly Blocker[] = [
  charset('glance', 'seen: as keystone; db_enforce_mysql_charset = False switches it off'),
]

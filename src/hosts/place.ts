import type { Machine } from '../config.ts'

/** 'source (root@10.0.0.11:22)', 'target (root@[fd00::12]:22)' */
export const place = ({ name, user, host, port }: Machine): string =>
  `${name} (${user}@${host.includes(':') ? `[${host}]` : host}:${port})`

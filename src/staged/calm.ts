import { setTimeout as sleep } from 'node:timers/promises'
import type { Db } from '../hosts/db.ts'

/** Threads of the source's server that may run at the same time while its rows are read ahead. */
const busy = 16

/** Seconds of a wait for one chunk: a source that is always busy is copied slowly, but copied. */
const patience = 30

/** Waits while more of the source's threads run, and says so. */
export const calmOf =
  (db: Db, say: (text: string) => void, bound = busy, seconds = patience) =>
  async (): Promise<void> => {
    for (let waited = 0; waited < seconds; waited += 1) {
      const [row] = await db.rows<{ Value: string }>("SHOW GLOBAL STATUS LIKE 'Threads_running'")
      const running = Number(row?.Value ?? 0)
      if (running <= bound) return
      say(`waiting: ${running} threads run on the source's MariaDB, more than ${bound}`)
      await sleep(1000)
    }
  }

/** Dead rows stay in their pages until tables are rewritten, and in the write-ahead log until it is begun anew. */
import { guarded } from '../access.ts'
import { connectTo } from './connect.ts'

/** On a connection of its own: tables are rewritten whole, however long that takes. */
export function settle(url: string): Promise<void> {
  return guarded(async () => {
    const client = await connectTo(url)
    try {
      await client.query('vacuum full')
      await client.query('select pg_switch_wal()')
      await client.query('checkpoint')
    } finally {
      await client.end()
    }
  })
}

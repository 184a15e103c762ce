/** The log of a tenant in the store of an installation, as a source. */
import { type Checkpoint, IpseError, logOrigin, rootOf, toVerifierText } from '@ipse/protocol'
import { type Keys, readTile, type Store, sha256 } from '@ipse/server'
import type { Anchor } from './anchors.ts'
import type { LogSource } from './source.ts'

/** Checkpoints that are read at a time. */
const PAGE = 1000

export interface InstalledLog extends LogSource {
  readonly tenant: string
  /** The head as the store keeps it; nobody has signed it yet. */
  readonly head: Anchor
}

export async function installedLog(
  { store, keys }: { readonly store: Store; readonly keys: Keys },
  publicUrl: string,
  tenant: string,
): Promise<InstalledLog> {
  const { frontier } = await store.logHead(tenant)
  const last = await store.lastCheckpoint(tenant)
  // The name that the log has signed with; a public address that was changed since gives it another one from then on.
  const origin = last?.note.split('\n')[0] ?? logOrigin(publicUrl, tenant)
  const head: Checkpoint = { origin, size: frontier.size, root: rootOf(frontier, sha256) }
  return {
    tenant,
    name: tenant === '' ? 'the log of the installation' : `the log of ${tenant}`,
    head: { ...head, from: 'the head in the store', cosignatures: 0 },
    checkpoint: async () => last?.note,
    async checkpoints() {
      const notes: string[] = []
      for (let after = 0; ; ) {
        const page = await store.listCheckpoints(tenant, after, PAGE)
        notes.push(...page.map(({ note }) => note))
        if (page.length < PAGE) return notes
        after = page.at(-1)?.size ?? after
      }
    },
    keys: async () => (await keys.logVerifiers(origin)).map(toVerifierText),
    async tile(tile) {
      try {
        return await readTile(store, tenant, tile)
      } catch (error) {
        if (error instanceof IpseError && error.code === 'not_found') return undefined
        throw error
      }
    },
  }
}

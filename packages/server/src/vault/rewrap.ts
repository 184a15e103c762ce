/**
 * What follows a rotation: every record key under the key-encryption key of now, and whether an old one may be destroyed. Can be
 * stopped at any time and begun again: what is done stays done. The service works meanwhile.
 */
import { IpseError } from '@ipse/protocol'
import type { DataKeyRecord } from '../store/data-key-records.ts'
import type { VaultStore } from '../store/vault-records.ts'
import type { KekDescription, KekProvider } from './kek.ts'
import { rewrapKey } from './vault.ts'

/** Keys between two looks at the store. */
const BATCH = 256
/** Keys under way at the same time: they share commits, and a key service answers them side by side. */
const AT_ONCE = 32

export interface KekUse extends KekDescription {
  /** Record keys that are wrapped with it. */
  readonly keys: number
  /** Of these, such as lie beside their record: "ipse templates renew" moves them. */
  readonly beside: number
}

/** Every key-encryption key with what is wrapped with it; also one that is in use and not there any more. */
export async function kekUses(store: VaultStore, kek: KekProvider): Promise<readonly KekUse[]> {
  const [apart, beside] = [await store.countDataKeys(), await store.countKeysBeside()]
  const listed = await kek.list()
  const missing = [...new Set([...apart.keys(), ...beside.keys()])].filter(
    (id) => !listed.some((known) => known.id === id),
  )
  return [...listed, ...missing.map((id): KekDescription => ({ id, state: 'missing' }))].map((known) => {
    const besides = beside.get(known.id) ?? 0
    return { ...known, keys: (apart.get(known.id) ?? 0) + besides, beside: besides }
  })
}

export interface RewrapResult {
  readonly kekId: string
  readonly rewrapped: number
  /** What could not be unwrapped: its key-encryption key is gone, or it was altered. */
  readonly failed: number
}

/**
 * @param progress hears how many keys are done of how many
 * @throws IpseError `storage_unavailable` when store or provider do not answer
 */
export async function rewrapAll(
  store: VaultStore,
  kek: KekProvider,
  progress: (done: number, total: number) => void = () => {},
): Promise<RewrapResult> {
  const current = await kek.current()
  const counts = await store.countDataKeys()
  const total = [...counts].reduce((sum, [id, keys]) => sum + (id === current ? 0 : keys), 0)
  let [after, rewrapped, failed] = ['', 0, 0]
  // What may succeed the next time ends the run; what never will is counted.
  const moved = async (record: DataKeyRecord) => {
    try {
      return await rewrapKey({ store, kek }, record)
    } catch (error) {
      if (error instanceof IpseError && error.code === 'internal') return 'failed'
      throw error
    }
  }
  for (;;) {
    const batch = await store.listDataKeysNotOf(current, { after, limit: BATCH })
    for (let from = 0; from < batch.length; from += AT_ONCE) {
      const ends = await Promise.all(batch.slice(from, from + AT_ONCE).map(moved))
      rewrapped += ends.filter((end) => end === true).length
      failed += ends.filter((end) => end === 'failed').length
    }
    progress(rewrapped + failed, Math.max(total, rewrapped + failed))
    after = batch.at(-1)?.id ?? after
    if (batch.length < BATCH) return { kekId: current, rewrapped, failed }
  }
}

/** @throws IpseError `conflict` while anything is wrapped with it, saying how many and what to do */
export async function assertUnused(store: VaultStore, kek: KekProvider, id: string): Promise<void> {
  const use = (await kekUses(store, kek)).find((known) => known.id === id)
  if (!use) throw new IpseError('invalid_request', `there is no key-encryption key ${id}`)
  if (use.keys === 0) return
  const command = use.beside > 0 ? 'ipse templates renew' : 'ipse keys rewrap'
  throw new IpseError('conflict', `${use.keys} keys are still wrapped with ${id}: run "${command}" first`)
}

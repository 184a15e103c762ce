/**
 * Renewal of enrolled templates in place (ISO/IEC 24745): the same faces under new keys. Whoever has copies of the old
 * templates, or of the old keys, has nothing that fits what is kept now. The service works meanwhile.
 */
import type { ReferenceRecord } from '../store/store.ts'
import type { VaultStore } from '../store/vault-records.ts'
import { CHECK_AFTER_MS, type PartsOf, type Vault } from './vault.ts'

const BATCH = 100

export interface RenewResult {
  readonly renewed: number
  /** Erased, renewed by somebody else meanwhile, or without a key. */
  readonly skipped: number
}

/**
 * @param partsOf lengths of the vectors of a template that does not say them itself
 * @param wanted which references
 * @throws IpseError `storage_unavailable`; then what is done stays done
 */
export async function renewAll(
  { store, vault, now }: { readonly store: VaultStore; readonly vault: Vault; readonly now: () => number },
  partsOf: PartsOf,
  wanted: (reference: ReferenceRecord) => boolean = () => true,
  progress: (done: number) => void = () => {},
): Promise<RenewResult> {
  let after: ReferenceRecord | undefined
  let [renewed, skipped] = [0, 0]
  for (;;) {
    const batch = await store.listAllReferences({ ...(after ? { after } : {}), limit: BATCH })
    for (const reference of batch.filter(wanted)) {
      if (await renew(reference)) renewed++
      else skipped++
    }
    progress(renewed + skipped)
    after = batch.at(-1) ?? after
    if (batch.length < BATCH) return { renewed, skipped }
  }

  async function renew(reference: ReferenceRecord): Promise<boolean> {
    const { tenant, subject, id, key } = reference
    const fresh = await vault.renewTemplate(reference, { tenant, subject, recordId: id }, partsOf)
    if (!fresh) return false
    // Should this process die after the exchange, the sweep finds the old key without a record.
    if ('id' in key) await store.checkDataKeys([key.id], now() + CHECK_AFTER_MS)
    const exchanged = await store.resealReference(reference, fresh)
    await vault.destroy([exchanged ? key : fresh.key])
    return exchanged
  }
}

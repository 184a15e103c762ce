/**
 * The vault: what is kept of a face is turned by a key of its own, sealed with another of its own, and both come from one
 * record key that lies, wrapped, in a store apart. Destroying the record key destroys the record, wherever copies of it are.
 * ISO/IEC 24745: a template is treated as the face itself.
 *
 * Order across the two stores: a key is written before its record and destroyed before it. A crash in between leaves a key
 * that opens nothing, which `sweep` deletes, or a record that nothing opens, which counts as erased.
 */
import { hkdfSync } from 'node:crypto'
import { canonicalJson, IpseError, type Json, newId, utf8 } from '@ipse/protocol'
import type { DataKeyRecord, DataKeyStore } from '../store/data-key-records.ts'
import type { SealedTemplate } from '../store/store.ts'
import type { KeyReference } from '../store/vault-records.ts'
import { KEY_BYTES, open, seal } from './envelope.ts'
import { type KekProvider, type KeyBinding, rewrapped } from './kek.ts'
import { type LegacyKek, openLegacy } from './legacy.ts'
import { type ProtectedTemplate, readTemplate, schemeOf, transformOf, writeTemplate } from './protected.ts'

/** Whose record it is; must be the same when it is opened. */
export interface RecordOwner {
  readonly tenant: string
  /** Empty where the record belongs to a session alone. */
  readonly subject: string
  /** Id of the reference, or of the session, the record belongs to. */
  readonly recordId: string
}

export interface PlainTemplate {
  readonly modelId: string
  readonly vector: Float32Array
}

/** Lengths of the vectors of a template that does not say them itself. */
export type PartsOf = (template: PlainTemplate) => readonly number[] | Promise<readonly number[]>

export interface SealedBytes {
  readonly sealed: Uint8Array
  readonly key: KeyReference
}

export interface Vault {
  /**
   * @param parts lengths of the vectors the template is made of
   * @param expiresAt the key is destroyed from then on, milliseconds since the epoch
   * @throws IpseError `storage_unavailable`
   */
  sealTemplate(
    template: PlainTemplate,
    owner: RecordOwner,
    parts: readonly number[],
    expiresAt?: number,
  ): Promise<SealedTemplate>
  /**
   * @returns nothing when its key was destroyed
   * @throws IpseError `internal` when the record was altered or moved, `storage_unavailable`
   */
  openTemplate(record: SealedTemplate, owner: RecordOwner): Promise<ProtectedTemplate | undefined>
  /**
   * The same face under a new key. The old record and all copies of it open until `destroy` has been called with its key.
   */
  renewTemplate(
    record: SealedTemplate,
    owner: RecordOwner,
    partsOf: PartsOf,
  ): Promise<SealedTemplate | undefined>
  /** @param what is authenticated with the bytes: what they are */
  sealBytes(bytes: Uint8Array, owner: RecordOwner, what: Json, expiresAt: number): Promise<SealedBytes>
  /** @returns nothing when its key was destroyed @throws as `openTemplate` */
  openBytes(record: SealedBytes, owner: RecordOwner, what: Json): Promise<Uint8Array | undefined>
  /** Whether the key of a record is still there. */
  holds(key: SealedTemplate['key']): Promise<boolean>
  /** Destroys the keys of records. What they opened is gone wherever copies are; see the horizon in docs/vault.md. */
  destroy(keys: readonly SealedTemplate['key'][]): Promise<void>
  /** Destroys the keys of all records of a subject. How many there were. */
  shred(tenant: string, subject: string): Promise<number>
}

export interface VaultDependencies {
  readonly store: DataKeyStore
  readonly kek: KekProvider
  /** Keyed hash of tenant and subject, so that the store of keys names nobody. */
  readonly ownerMac: (tenant: string, subject: string) => string
  /** Key-encryption keys of records from before there was a store of keys. */
  readonly legacyKek: (id: string) => LegacyKek
  readonly now: () => number
  readonly bytes: (length: number) => Uint8Array
}

/** A record is written within seconds of its key, or never; milliseconds. */
export const CHECK_AFTER_MS = 3_600_000

export function createVault(dependencies: VaultDependencies): Vault {
  const { store, kek, ownerMac, legacyKek, now, bytes } = dependencies
  const ownerOf = ({ tenant, subject, recordId }: RecordOwner) =>
    subject === '' ? recordId : ownerMac(tenant, subject)

  /** A record key of one's own, wrapped and stored before anything is sealed with it. */
  async function newKey(owner: RecordOwner, expiresAt?: number) {
    const key = bytes(KEY_BYTES)
    const id = newId('dataKey', bytes)
    const identity = { id, tenant: owner.tenant, owner: ownerOf(owner) }
    const wrapped = await kek.wrap(key, bindingOf(identity))
    const at = now()
    const end = expiresAt === undefined ? { checkAt: at + CHECK_AFTER_MS } : { expiresAt }
    await store.insertDataKey({ ...identity, ...wrapped, createdAt: at, ...end })
    return { id, key }
  }

  async function keyOf(id: string, owner: RecordOwner): Promise<Uint8Array | undefined> {
    const record = await store.findDataKey(id)
    if (!record || (record.expiresAt !== undefined && record.expiresAt <= now())) return undefined
    if (record.tenant !== owner.tenant || record.owner !== ownerOf(owner))
      throw new IpseError('internal', 'a record names the key of somebody else')
    const key = await kek.unwrap(record, bindingOf(record))
    if (record.kekId !== (await kek.current())) await rewrapLazily(record)
    return key
  }

  /** What fails here is done by "ipse keys rewrap", or the next time: the key opens as it is. */
  async function rewrapLazily(record: DataKeyRecord): Promise<void> {
    await rewrapKey({ store, kek }, record).catch(() => false)
  }

  async function sealTemplate(
    template: PlainTemplate,
    owner: RecordOwner,
    parts: readonly number[],
    expiresAt?: number,
  ): Promise<SealedTemplate> {
    const scheme = schemeOf(parts)
    const { id, key } = await newKey(owner, expiresAt)
    const aad = aadOf(owner, { model: template.modelId, scheme, keyId: id })
    const plain = writeTemplate(transformOf(scheme, derived(key, 'transform')).protect(template.vector))
    const sealed = seal(derived(key, 'seal'), plain, aad, bytes)
    key.fill(0)
    return { model: template.modelId, scheme, sealed, key: { id } }
  }

  async function openTemplate(
    record: SealedTemplate,
    owner: RecordOwner,
  ): Promise<ProtectedTemplate | undefined> {
    const { model, scheme, sealed } = record
    if (!('id' in record.key)) return openLegacy(record, record.key, owner, legacyKek(record.key.kekId))
    const key = await keyOf(record.key.id, owner)
    if (!key) return undefined
    const plain = open(derived(key, 'seal'), sealed, aadOf(owner, { model, scheme, keyId: record.key.id }))
    const transform = transformOf(scheme, derived(key, 'transform'))
    key.fill(0)
    return {
      template: { modelId: model, vector: readTemplate(plain) },
      parts: transform.parts,
      protect: ({ modelId, vector }) => ({ modelId, vector: transform.protect(vector) }),
      bare: ({ modelId, vector }) => ({ modelId, vector: transform.bare(vector) }),
    }
  }

  return {
    sealTemplate,
    openTemplate,
    async renewTemplate(record, owner, partsOf) {
      const opened = await openTemplate(record, owner)
      if (!opened) return undefined
      const bare = opened.bare(opened.template)
      return sealTemplate(bare, owner, opened.parts ?? (await partsOf(bare)))
    },
    async sealBytes(plain, owner, what, expiresAt) {
      const { id, key } = await newKey(owner, expiresAt)
      const sealed = seal(derived(key, 'seal'), plain, aadOf(owner, { what, keyId: id }), bytes)
      key.fill(0)
      return { sealed, key: { id } }
    },
    async openBytes({ sealed, key: { id } }, owner, what) {
      const key = await keyOf(id, owner)
      if (!key) return undefined
      const plain = open(derived(key, 'seal'), sealed, aadOf(owner, { what, keyId: id }))
      key.fill(0)
      return plain
    },
    holds: async (key) => !('id' in key) || (await store.findDataKey(key.id)) !== undefined,
    async destroy(keys) {
      const ids = keys.flatMap((key) => ('id' in key ? [key.id] : []))
      if (ids.length > 0) await store.deleteDataKeys(ids)
    },
    shred: (tenant, subject) => store.shredDataKeys(tenant, ownerMac(tenant, subject)),
  }
}

/** The key under the key-encryption key of now. False when somebody else was faster, or it is gone. */
export async function rewrapKey(
  { store, kek }: Pick<VaultDependencies, 'store' | 'kek'>,
  record: DataKeyRecord,
): Promise<boolean> {
  const { kekId, wrapped } = await rewrapped(kek, record, bindingOf(record))
  return store.rewrapDataKey(record.id, record.kekId, { kekId, wrapped })
}

function bindingOf({ id, tenant, owner }: Pick<DataKeyRecord, 'id' | 'tenant' | 'owner'>): KeyBinding {
  return { keyId: id, aad: utf8(canonicalJson({ tenant, owner })) }
}

function aadOf({ tenant, subject, recordId }: RecordOwner, more: Readonly<Record<string, Json>>): Uint8Array {
  return utf8(canonicalJson({ tenant, subject, recordId, ...more }))
}

/** Two keys that tell nothing of each other: who has a sealed record open still lacks what turns it back. */
function derived(recordKey: Uint8Array, purpose: 'seal' | 'transform'): Uint8Array {
  const info = utf8(`ipse-record-${purpose}/2`)
  return new Uint8Array(hkdfSync('sha256', recordKey, new Uint8Array(), info, KEY_BYTES))
}

/**
 * Templates at rest: sealed with a data key of their own (AES-256-GCM), which is wrapped by HKDF(key-encryption key, record).
 * The record's owner is authenticated with it, so a row that is moved to another person does not open.
 * ISO/IEC 24745: a template is treated as the face itself.
 */
import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto'
import { canonicalJson, concat, IpseError, utf8 } from '@ipse/protocol'

export const VAULT_SCHEME = 'aes-256-gcm/1'
const KEY_BYTES = 32
/** NIST SP 800-38D: 96-bit random nonce; every key here seals one message. */
const IV_BYTES = 12
const TAG_BYTES = 16

/** Whose template it is; must be the same when it is opened. */
export interface TemplateOwner {
  readonly tenant: string
  readonly subject: string
  /** Id of the reference or of the session the template belongs to. */
  readonly recordId: string
}

export interface EncryptionKey {
  readonly id: string
  readonly secret: Uint8Array
}

export interface PlainTemplate {
  readonly modelId: string
  readonly vector: Float32Array
}

export interface SealedTemplate {
  readonly model: string
  readonly scheme: string
  readonly kekId: string
  readonly sealed: Uint8Array
  readonly wrappedKey: Uint8Array
}

export function sealTemplate(
  template: PlainTemplate,
  owner: TemplateOwner,
  key: EncryptionKey,
  bytes: (length: number) => Uint8Array,
): SealedTemplate {
  const aad = associatedData(owner, template.modelId, VAULT_SCHEME, key.id)
  const dataKey = bytes(KEY_BYTES)
  const { buffer, byteOffset, byteLength } = template.vector
  const sealed = seal(dataKey, new Uint8Array(buffer, byteOffset, byteLength), aad, bytes)
  const wrappedKey = seal(wrappingKey(key, owner.recordId), dataKey, aad, bytes)
  dataKey.fill(0)
  return { model: template.modelId, scheme: VAULT_SCHEME, kekId: key.id, sealed, wrappedKey }
}

/** @throws IpseError `internal` when the record was altered, moved, or sealed with another key */
export function openTemplate(
  record: SealedTemplate,
  owner: TemplateOwner,
  keyOf: (id: string) => EncryptionKey,
): PlainTemplate {
  if (record.scheme !== VAULT_SCHEME) throw new IpseError('internal', 'unknown sealing scheme')
  const key = keyOf(record.kekId)
  const aad = associatedData(owner, record.model, record.scheme, key.id)
  const dataKey = open(wrappingKey(key, owner.recordId), record.wrappedKey, aad)
  const plain = open(dataKey, record.sealed, aad)
  dataKey.fill(0)
  // A fresh buffer: Float32Array needs aligned bytes.
  return { modelId: record.model, vector: new Float32Array(new Uint8Array(plain).buffer) }
}

function associatedData(
  { tenant, subject, recordId }: TemplateOwner,
  model: string,
  scheme: string,
  kekId: string,
): Uint8Array {
  return utf8(canonicalJson({ tenant, subject, recordId, model, scheme, kekId }))
}

function wrappingKey(key: EncryptionKey, recordId: string): Uint8Array {
  return new Uint8Array(
    hkdfSync('sha256', key.secret, utf8(recordId), utf8('ipse-template-wrap/1'), KEY_BYTES),
  )
}

function seal(
  key: Uint8Array,
  plain: Uint8Array,
  aad: Uint8Array,
  bytes: (length: number) => Uint8Array,
): Uint8Array {
  const iv = bytes(IV_BYTES)
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(aad)
  return concat(iv, cipher.update(plain), cipher.final(), cipher.getAuthTag())
}

function open(key: Uint8Array, sealed: Uint8Array, aad: Uint8Array): Uint8Array {
  try {
    const tagAt = sealed.length - TAG_BYTES
    const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, IV_BYTES), {
      authTagLength: TAG_BYTES,
    })
    decipher.setAAD(aad).setAuthTag(sealed.subarray(tagAt))
    return concat(decipher.update(sealed.subarray(IV_BYTES, tagAt)), decipher.final())
  } catch (cause) {
    throw new IpseError('internal', 'a sealed template does not open', { cause })
  }
}

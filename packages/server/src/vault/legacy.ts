/**
 * Templates from before there was a store of keys: bare, and their wrapped key lay beside them. They open, so that no
 * enrolment is lost; "ipse templates renew" leaves none. Nothing is sealed this way any more.
 */
import { hkdfSync } from 'node:crypto'
import { canonicalJson, IpseError, utf8 } from '@ipse/protocol'
import type { SealedTemplate } from '../store/store.ts'
import type { WrappedBeside } from '../store/vault-records.ts'
import { KEY_BYTES, open } from './envelope.ts'
import { asBare, type ProtectedTemplate, readTemplate } from './protected.ts'
import type { RecordOwner } from './vault.ts'

export const LEGACY_SCHEME = 'aes-256-gcm/1'

export interface LegacyKek {
  readonly id: string
  readonly secret: Uint8Array
}

/** @throws IpseError `internal` when the record was altered, moved, or sealed with another key */
export function openLegacy(
  { model, scheme, sealed }: SealedTemplate,
  { wrapped }: WrappedBeside,
  { tenant, subject, recordId }: RecordOwner,
  { id: kekId, secret }: LegacyKek,
): ProtectedTemplate {
  if (scheme !== LEGACY_SCHEME) throw new IpseError('internal', 'unknown sealing scheme')
  const aad = utf8(canonicalJson({ tenant, subject, recordId, model, scheme, kekId }))
  const info = utf8('ipse-template-wrap/1')
  const wrappingKey = new Uint8Array(hkdfSync('sha256', secret, utf8(recordId), info, KEY_BYTES))
  const dataKey = open(wrappingKey, wrapped, aad)
  const vector = readTemplate(open(dataKey, sealed, aad))
  dataKey.fill(0)
  return asBare({ modelId: model, vector })
}

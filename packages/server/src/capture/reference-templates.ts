/** The templates a session's probe is compared with: the subject's references, or the photograph that came along. */
import type { Template } from '@ipse/engine'
import type { SessionRecord } from '../store/store.ts'
import { openTemplate } from '../vault/vault.ts'
import type { CaptureContext } from './context.ts'

/** The owner under which a session's own reference photograph is sealed. */
export function sessionOwner(session: Pick<SessionRecord, 'id' | 'tenant' | 'subject'>) {
  return { tenant: session.tenant, subject: session.subject ?? '', recordId: session.id }
}

export async function referenceTemplates(
  { store, keys, engine }: Pick<CaptureContext, 'store' | 'keys' | 'engine'>,
  session: SessionRecord,
): Promise<Template[]> {
  const keyOf = (id: string) => keys.encryptionKey(id)
  if (session.referenceTemplate)
    return [openTemplate(session.referenceTemplate, sessionOwner(session), keyOf)]
  if (session.subject === undefined) return []
  const { tenant, subject } = session
  const references = await store.listReferences(tenant, subject)
  return references
    .filter((reference) => reference.model === engine.templateModelId)
    .map((reference) => openTemplate(reference, { tenant, subject, recordId: reference.id }, keyOf))
}

/** The templates a session's probe is compared with: the subject's references, or the photograph that came along. */
import type { ReferenceRecord, SessionRecord } from '../store/store.ts'
import type { ProtectedTemplate } from '../vault/protected.ts'
import type { Vault } from '../vault/vault.ts'
import type { CaptureContext } from './context.ts'

/** The owner under which a session's own reference photograph is sealed. */
export function sessionOwner(session: Pick<SessionRecord, 'id' | 'tenant' | 'subject'>) {
  return { tenant: session.tenant, subject: session.subject ?? '', recordId: session.id }
}

/** None of a reference whose key was destroyed: it is as good as erased. */
export async function referenceTemplates(
  { store, vault, engine }: Pick<CaptureContext, 'store' | 'vault' | 'engine'>,
  session: SessionRecord,
): Promise<ProtectedTemplate[]> {
  if (session.referenceTemplate) {
    const own = await vault.openTemplate(session.referenceTemplate, sessionOwner(session))
    return own ? [own] : []
  }
  if (session.subject === undefined) return []
  const references = await store.listReferences(session.tenant, session.subject)
  return openReferences(
    vault,
    references.filter((reference) => reference.model === engine.templateModelId),
  )
}

export async function openReferences(
  vault: Vault,
  references: readonly ReferenceRecord[],
): Promise<ProtectedTemplate[]> {
  const opened: ProtectedTemplate[] = []
  for (const reference of references) {
    const { tenant, subject, id } = reference
    const template = await vault.openTemplate(reference, { tenant, subject, recordId: id })
    if (template) opened.push(template)
  }
  return opened
}

/** The store over SQL, put together from its parts: the same code whichever database is below. */
import { type Access, guarded } from './access.ts'
import type { DataKeyStore } from './data-key-records.ts'
import { approvalStore } from './parts/approvals.ts'
import { auditStore } from './parts/audit.ts'
import { callerStore } from './parts/callers.ts'
import { conductStore } from './parts/conduct.ts'
import { consentStore } from './parts/consents.ts'
import { deviceKeyStore } from './parts/device-keys.ts'
import { logStore } from './parts/log.ts'
import { onceStore } from './parts/once.ts'
import { peopleStore } from './parts/people.ts'
import { retentionStore } from './parts/retention.ts'
import { rolloutStore } from './parts/rollout.ts'
import { sessionStore } from './parts/sessions.ts'
import { subjectStore } from './parts/subjects.ts'
import { vaultStore } from './parts/vault.ts'
import type { Store } from './store.ts'

/** Everything but what each database does its own way. */
export function storeOn(
  access: Access,
): Omit<Store, 'takeAllowances' | 'settle' | 'close' | keyof DataKeyStore> {
  return {
    ...callerStore(access),
    ...deviceKeyStore(access),
    ...conductStore(access),
    ...peopleStore(access),
    ...sessionStore(access),
    ...subjectStore(access),
    ...onceStore(access),
    ...auditStore(access),
    ...logStore(access),
    ...rolloutStore(access),
    ...consentStore(access),
    ...retentionStore(access),
    ...approvalStore(access),
    ...vaultStore(access),
    check: () =>
      guarded(async () => void (await access.db.selectFrom('claims').select('name').limit(1).execute())),
  }
}

/** Who is locked out now, for whoever may lift it. Standings name nobody: the audit log says which sessions began them. */
import { type Barrier, fromUtf8, type Lockout } from '@ipse/protocol'
import type { LoggedEntry } from '../store/audit-records.ts'
import type { ConductContext } from './conduct.ts'
import { conductOf } from './conduct-view.ts'

/** So many of the log's newest entries are looked through; an attempt leaves about seven. */
const LOOKED_AT = 5_000
/** So many of the newest lock-outs are asked after at most. */
const MOST = 100

/** Newest first. One that was lifted, or has ended, is not listed. */
export async function listLockouts(
  context: Omit<ConductContext, 'random' | 'auditor'>,
  tenant: string,
): Promise<Lockout[]> {
  const { store, clock } = context
  const now = clock.now()
  const { size } = (await store.logHead(tenant)).frontier
  const entries = await store.readLogEntries(tenant, Math.max(0, size - LOOKED_AT), LOOKED_AT)
  const begun = entries
    .map((bytes) => JSON.parse(fromUtf8(bytes)) as LoggedEntry)
    .filter(({ event }) => event === 'lockout.begun')
    .toReversed()
    .slice(0, MOST)
  const found: Lockout[] = []
  const known = new Set<string>()
  for (const { sessionId, subject, party, until = 0, time } of begun) {
    if (sessionId === undefined || party === undefined) continue
    // A subject is one by its pseudonym; of the others a session tells no more than that there was one.
    const whom = `${party} ${party === 'subject' ? subject : sessionId}`
    const session = known.has(whom) ? undefined : await store.findSession(tenant, sessionId)
    known.add(whom)
    if (!session) continue
    // Subjects and devices are looked up by what the session names; keys and networks are in no session.
    const named = party === 'subject' || party === 'device'
    const barriers = named ? ((await conductOf(context, session))?.barriers ?? []) : []
    const holds = barriers.find((barrier) => barrier.party === party && barrier.code !== 'device_blocked')
    if (named ? !holds : until <= now) continue
    found.push({
      party,
      code: holds?.code ?? 'locked_out',
      since: new Date(time).toISOString(),
      ...untilOf(holds, until),
      sessionId,
      ...(party === 'subject' && session.subject !== undefined ? { subject: session.subject } : {}),
    })
  }
  return found
}

/** As it stands; what stands nowhere ends as its entry says. */
function untilOf(holds: Barrier | undefined, entry: number): Pick<Lockout, 'until'> {
  if (holds === undefined) return { until: new Date(entry).toISOString() }
  return holds.until === undefined ? {} : { until: holds.until }
}

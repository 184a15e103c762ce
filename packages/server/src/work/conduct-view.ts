/** What the relying party is told of the conduct of a session's device and subject, and of what stands in their way. */
import type { Conduct } from '@ipse/protocol'
import { obstacles } from '../domain/abuse/conduct.ts'
import { isBruteForce, scoreNow } from '../domain/abuse/score.ts'
import type { Obstacle, Standing } from '../domain/abuse/standing.ts'
import type { SessionRecord } from '../store/store.ts'
import { abuseRules, type ConductContext, deviceKey, isPadPolicy, namedParties } from './conduct.ts'

/** Undefined when nothing is known. */
export async function conductOf(
  context: Omit<ConductContext, 'random' | 'auditor'>,
  session: SessionRecord,
): Promise<Conduct | undefined> {
  const { store, clock, settings } = context
  const parties = namedParties(context, session)
  const standings =
    parties.size === 0
      ? new Map<string, Standing>()
      : await store.findStandings(session.tenant, [...parties.keys()])
  const { refused, deviceMac } = session
  if (standings.size === 0 && refused === undefined) return undefined
  const now = clock.now()
  const rules = abuseRules(settings)
  const device = deviceMac === undefined ? undefined : standings.get(deviceKey(deviceMac))
  const withPad = await isPadPolicy(context, session)
  return {
    ...(device === undefined ? {} : { deviceScore: Math.round(scoreNow(device, now, rules) * 100) / 100 }),
    bruteForce: device !== undefined && isBruteForce(device.flags, now),
    flaggedSessions: (device?.flags ?? [])
      .map(({ sessionId }) => sessionId)
      .filter((id) => id !== session.id),
    barriers: [...standings].flatMap(([key, standing]) =>
      obstacles(parties.get(key) ?? 'subject', standing, now, withPad, rules).map(readable),
    ),
    ...(refused === undefined
      ? {}
      : { refused: { ...readable(refused), at: new Date(refused.at).toISOString() } }),
  }
}

function readable({ code, party, until }: Obstacle) {
  return { code, party, ...(until === undefined ? {} : { until: new Date(until).toISOString() }) }
}

/**
 * Keeps account of how subjects, devices, device keys and networks behave, and says what stands in the way of another
 * capture. The rules are domain/abuse; here they meet the store, the clock and the keyed hashes.
 */
import { ERRORS, IpseError, newId, type Party } from '@ipse/protocol'
import type { Clock, Random } from '../deps.ts'
import { obstacles, reserve, settle } from '../domain/abuse/conduct.ts'
import { networkOf } from '../domain/abuse/network.ts'
import { isBruteForce } from '../domain/abuse/score.ts'
import {
  type AbuseRules,
  NEW_STANDING,
  type Obstacle,
  type Standing,
  staleAt,
} from '../domain/abuse/standing.ts'
import { hasPad } from '../domain/abuse/throttle.ts'
import type { Settings } from '../settings.ts'
import type { AuditDraft } from '../store/audit-records.ts'
import type { ReviewRecord, StandingsChange, Take } from '../store/conduct-records.ts'
import type { SessionRecord, Store } from '../store/store.ts'
import type { Auditor } from './audit.ts'
import type { PolicyBook } from './policy-book.ts'

const HOUR_MS = 3_600_000
/** Longer than any capture takes: no session lives longer than ten minutes. */
const CAPTURE_MS = 15 * 60_000
/** Successors of successors that are followed; each was a person's decision. */
const MOST_SUCCESSORS = 32

export interface ConductContext {
  readonly store: Store
  readonly keys: {
    mac(
      context: 'subject' | 'device' | 'device-key' | 'address',
      value: string | readonly [string, string],
    ): string
  }
  readonly clock: Clock
  readonly random: Random
  readonly settings: Settings
  readonly policies: PolicyBook
  readonly auditor: Auditor
}

/** A capture that was let in. */
export interface OpenCapture {
  /** Its challenge was issued: it is an attempt. */
  begun(): void
  /** Counts how it ended, as the store says; one that never began is forgotten. Once: later calls do nothing. */
  close(): Promise<void>
}

type Parties = ReadonlyMap<string, Party>

export function abuseRules({ lockout, abuse }: Settings): AbuseRules {
  return {
    failures: lockout.failures,
    windowMs: lockout.windowSeconds * 1000,
    lockMs: lockout.minutes * 60_000,
    blockScore: abuse.blockScore,
    halfLifeMs: abuse.halfLifeHours * HOUR_MS,
  }
}

export function subjectKey({ keys }: Pick<ConductContext, 'keys'>, tenant: string, subject: string): string {
  return `subject:${keys.mac('subject', [tenant, subject])}`
}

export function deviceKey(deviceMac: string): string {
  return `device:${deviceMac}`
}

/** Standings that a session is known by before anybody captures. */
export function namedParties(
  context: Pick<ConductContext, 'keys'>,
  { tenant, subject, deviceMac }: Pick<SessionRecord, 'tenant' | 'subject' | 'deviceMac'>,
): Map<string, Party> {
  const parties = new Map<string, Party>()
  if (subject !== undefined) parties.set(subjectKey(context, tenant, subject), 'subject')
  if (deviceMac !== undefined) parties.set(deviceKey(deviceMac), 'device')
  return parties
}

/** Whether the session's policy demands PAD; one that is not there any more does not. */
export async function isPadPolicy(
  { policies }: Pick<ConductContext, 'policies'>,
  session: Pick<SessionRecord, 'tenant' | 'policy'>,
): Promise<boolean> {
  return hasPad((await policies.find(session))?.rules ?? [])
}

function firstObstacle(
  context: ConductContext,
  parties: Parties,
  standings: ReadonlyMap<string, Standing>,
  withPad: boolean,
): Obstacle | undefined {
  const { clock, settings } = context
  return [...standings]
    .flatMap(([key, standing]) => {
      const party = parties.get(key)
      return party === undefined ? [] : obstacles(party, standing, clock.now(), withPad, abuseRules(settings))
    })
    .toSorted((a, b) => (b.until ?? Number.POSITIVE_INFINITY) - (a.until ?? Number.POSITIVE_INFINITY))[0]
}

/** The error that says an obstacle to a relying party; a capture device hears none of these codes. */
export function refusal({ code, party, until }: Obstacle, now: number): IpseError {
  const wait = until === undefined ? {} : { retryAfterMs: Math.max(1, until - now) }
  return new IpseError(code, `${ERRORS[code].title}: ${party}`, wait)
}

/**
 * The standing that speaks for a device correlation id: its own, or the one that a reviewer put in its place.
 * @returns the keyed hash that the session keeps
 */
export async function resolveDevice(
  { store, keys }: ConductContext,
  tenant: string,
  deviceCorrelationId: string,
): Promise<string> {
  let key = deviceKey(keys.mac('device', [tenant, deviceCorrelationId]))
  for (let followed = 0; followed < MOST_SUCCESSORS; followed++) {
    const successor = (await store.findStandings(tenant, [key])).get(key)?.successor
    if (successor === undefined) break
    key = successor
  }
  return key.slice('device:'.length)
}

/** @throws IpseError `device_blocked`, `subject_disabled`, `locked_out` before a session is made in vain */
export async function assertWelcome(context: ConductContext, session: SessionRecord): Promise<void> {
  const parties = namedParties(context, session)
  if (!context.settings.lockout.enabled || parties.size === 0) return
  const standings = await context.store.findStandings(session.tenant, [...parties.keys()])
  const obstacle = firstObstacle(context, parties, standings, await isPadPolicy(context, session))
  if (obstacle) throw refusal(obstacle, context.clock.now())
}

/** Lets a capture in and counts it as failed until it is closed, or says what stands in its way. */
export async function openCapture(
  context: ConductContext,
  session: SessionRecord,
  { jkt, address }: { readonly jkt: string; readonly address: string },
): Promise<OpenCapture | { readonly obstacle: Obstacle }> {
  const { store, keys, clock, random, settings } = context
  const { tenant } = session
  const network = networkOf(address)
  const parties: Parties = new Map<string, Party>([
    ...namedParties(context, session),
    [`device-key:${keys.mac('device-key', [tenant, jkt])}`, 'device-key'],
    ...(network === undefined
      ? []
      : ([[`address:${keys.mac('address', [tenant, network])}`, 'address']] as const)),
  ])
  const limited = await takeHour(context, parties)
  if (limited) return { obstacle: limited }
  if (!settings.lockout.enabled) return { begun: () => {}, close: async () => {} }
  const rules = abuseRules(settings)
  const attempt = newId('attempt', (length) => random.bytes(length))
  const withPad = await isPadPolicy(context, session)
  const obstacle = await store.changeStandings<Obstacle | undefined>(
    tenant,
    [...parties.keys()],
    (before) => {
      const found = firstObstacle(context, parties, before, withPad)
      if (found) return { standings: new Map(), result: found }
      const now = clock.now()
      const reserved = [...parties].map(
        ([key, party]) =>
          [key, reserve(party, before.get(key), attempt, now, now + CAPTURE_MS, rules)] as const,
      )
      return { standings: kept(reserved, now), result: undefined }
    },
  )
  if (obstacle) return { obstacle }
  let state: 'open' | 'begun' | 'closed' = 'open'
  return {
    begun: () => {
      state = 'begun'
    },
    async close() {
      if (state === 'closed') return
      const index = state === 'begun' ? session.attempts.length : undefined
      state = 'closed'
      await close(context, parties, attempt, session, index)
    },
  }
}

function kept(standings: readonly (readonly [string, Standing])[], now: number) {
  return new Map(standings.map(([key, so]) => [key, { ...so, staleAt: staleAt(so, now) }]))
}

async function takeHour({ store, clock, settings }: ConductContext, parties: Parties) {
  const most = settings.limits.capturesPerHour
  if (most === 0) return undefined
  const endsAt = (Math.floor(clock.now() / HOUR_MS) + 1) * HOUR_MS
  const keys = [...parties.keys()]
  const takes = keys.map((key): Take => ({ key: `captures:${key}`, most, endsAt }))
  const { taken, allowances } = await store.takeAllowances(takes)
  if (taken) return undefined
  const full = allowances.findIndex(({ used }) => used >= most)
  const obstacle: Obstacle = {
    code: 'rate_limited',
    party: parties.get(keys[full] ?? '') ?? 'device-key',
    until: allowances[full]?.endsAt ?? endsAt,
  }
  return obstacle
}

/** @param index of the attempt in its session; undefined when it never began */
async function close(
  context: ConductContext,
  parties: Parties,
  id: string,
  { id: sessionId, tenant, subject, purpose, deviceMac }: SessionRecord,
  index: number | undefined,
): Promise<void> {
  const { store, clock, settings, keys } = context
  const rules = abuseRules(settings)
  const attempt =
    index === undefined ? undefined : (await store.findSession(tenant, sessionId))?.attempts[index]
  // Begun and not decided: nobody knows how it went, and it counts as failed when its time is over.
  if (attempt !== undefined && attempt.decision === undefined) return
  const target = subject === undefined ? {} : { target: keys.mac('subject', [tenant, subject]) }
  await store.changeStandings(tenant, [...parties.keys()], (before): StandingsChange<void> => {
    const now = clock.now()
    const end =
      attempt?.decision === undefined
        ? undefined
        : { at: now, sessionId, decision: attempt.decision, reasons: attempt.reasons, purpose, ...target }
    const after = [...parties].map(
      ([key, party]) => [key, settle(party, before.get(key), id, end, now, rules)] as const,
    )
    const news = after.map(([key, standing]) =>
      newsOf(context, { sessionId, tenant, subject }, key, parties.get(key), before.get(key), standing),
    )
    return {
      standings: kept(after, now),
      audit: news.flatMap(({ audit }) => audit),
      reviews: deviceMac === undefined ? [] : news.flatMap(({ review }) => review ?? []),
      result: undefined,
    }
  })
}

/** What is worth an entry in the audit trail: a lock-out that began, a device that was blocked. */
function newsOf(
  { auditor, random }: ConductContext,
  about: { readonly sessionId: string; readonly tenant: string; readonly subject: string | undefined },
  key: string,
  party: Party | undefined,
  before: Standing = NEW_STANDING,
  after: Standing,
): { readonly audit: readonly AuditDraft[]; readonly review?: ReviewRecord } {
  const { tenant, sessionId, subject } = about
  const details = { sessionId, ...(party === 'subject' ? { subject } : {}), ...(party ? { party } : {}) }
  const { lockedUntil: until } = after
  const locked =
    until === undefined || until === before.lockedUntil
      ? []
      : [auditor.entry('lockout.begun', tenant, { ...details, until })]
  if (after.blockedAt === undefined || before.blockedAt !== undefined) return { audit: locked }
  const review: ReviewRecord = {
    id: newId('review', (length) => random.bytes(length)),
    tenant,
    standing: key,
    createdAt: after.blockedAt,
    score: after.score,
    bruteForce: isBruteForce(after.flags, after.blockedAt),
    spoofTypes: [...new Set(after.flags.flatMap(({ spoofTypes }) => spoofTypes))],
    sessions: after.flags.map((flag) => flag.sessionId),
  }
  const blocked = auditor.entry('device.blocked', tenant, { ...details, reviewId: review.id })
  return { audit: [...locked, blocked], review }
}

/**
 * Watches what candidates decide: a shadow decides beside every session of its name, a canary is counted beside what is in
 * force. Only counts are kept. Nothing in here can hurt, delay or change a session: it is told afterwards, and what goes
 * wrong is counted and logged.
 */
import type { Purpose, Signal } from '@ipse/protocol'
import { type DecisionResult, decide } from '../domain/decide.ts'
import { resolvePolicy } from '../domain/policies/index.ts'
import { firstDifference, type Outcome, type OutcomeCount } from '../domain/rollout/outcomes.ts'
import type { DecisionBasis } from '../domain/rollout/replay.ts'
import type { PolicyVersion } from '../domain/rollout/stages.ts'
import type { SessionRecord, Store } from '../store/store.ts'
import { isShipped, type PolicyBook } from './policy-book.ts'

/** What the decision was made from, and what it was. */
export interface Judged {
  readonly basis: DecisionBasis
  readonly signals: readonly Signal[]
  readonly result: DecisionResult
}

type Watched = Pick<SessionRecord, 'tenant' | 'policy' | 'purpose'>

export interface RolloutWatch {
  decided(session: Watched, judged: Judged): void
  /** The session's policy could not decide. */
  failed(session: Watched): void
  /** Waits for what is under way and writes the counts; what cannot be written is kept for the next time. */
  flush(): Promise<void>
}

export interface WatchContext {
  readonly store: Pick<Store, 'listPolicyVersions' | 'countOutcomes'>
  readonly policies: PolicyBook
  /** For metrics: how a candidate stood beside what decided. */
  counted(count: Pick<OutcomeCount, 'role' | 'decision' | 'would'>): void
  /** For the log. */
  troubled(error: unknown): void
}

interface Tally {
  readonly tenant: string
  readonly name: string
  readonly counts: Map<string, OutcomeCount>
}

export function createRolloutWatch(context: WatchContext): RolloutWatch {
  const { store, policies, troubled } = context
  const tallies = new Map<string, Tally>()
  const underWay = new Set<Promise<void>>()

  const count = (tenant: string, name: string, one: Omit<OutcomeCount, 'count'>, by = 1) => {
    const place = JSON.stringify([tenant, name])
    const tally = tallies.get(place) ?? { tenant, name, counts: new Map() }
    tallies.set(place, tally)
    const key = JSON.stringify([
      one.role,
      one.candidate,
      one.version,
      one.purpose,
      one.decision,
      one.would,
      one.reason,
    ])
    tally.counts.set(key, { ...one, count: (tally.counts.get(key)?.count ?? 0) + by })
  }
  const watch = async ({ tenant, policy, purpose }: Watched, judged: Judged | undefined) => {
    const { name, version } = policy
    const versions = await store.listPolicyVersions(tenant, name)
    const decision: Outcome = judged?.result.decision ?? 'error'
    const shadow = versions.find(({ stage }) => stage === 'shadow')
    if (shadow && judged) {
      const beside = await shadowOf(policies, shadow, judged, purpose, troubled)
      const seen = {
        role: 'shadow',
        candidate: shadow.version,
        version,
        purpose,
        decision,
        ...beside,
      } as const
      count(tenant, name, seen)
      context.counted(seen)
    }
    const canary = versions.find(({ stage }) => stage === 'canary')
    const inForce =
      versions.find(({ stage }) => stage === 'active')?.version ?? policies.inFile(name)?.policy.version
    // Sessions of a version that was taken back meanwhile say nothing about either.
    if (canary && (version === canary.version || version === inForce)) {
      const seen = { role: 'canary', candidate: canary.version, version, purpose, decision } as const
      count(tenant, name, seen)
      context.counted(seen)
    }
  }
  const begin = (session: Watched, judged?: Judged) => {
    if (isShipped(session.policy.name)) return
    const work = watch(session, judged)
      .catch(troubled)
      .finally(() => underWay.delete(work))
    underWay.add(work)
  }
  return {
    decided: begin,
    failed: (session) => begin(session),
    async flush() {
      await Promise.all(underWay)
      for (const [place, { tenant, name, counts }] of [...tallies]) {
        tallies.delete(place)
        try {
          await store.countOutcomes(tenant, name, [...counts.values()])
        } catch (error) {
          troubled(error)
          for (const { count: by, ...one } of counts.values()) count(tenant, name, one, by)
        }
      }
    },
  }
}

async function shadowOf(
  policies: PolicyBook,
  { tenant, name, version }: PolicyVersion,
  { basis, signals, result }: Judged,
  purpose: Purpose,
  troubled: (error: unknown) => void,
): Promise<Pick<OutcomeCount, 'would' | 'reason'>> {
  try {
    const policy = await policies.published(tenant, name, version)
    const would = decide(resolvePolicy(policy, basis.operatingPoints, basis.pads), signals, purpose)
    if (would.decision === result.decision) return { would: would.decision }
    const reason = firstDifference(result.reasons, would.reasons)
    return { would: would.decision, ...(reason === undefined ? {} : { reason }) }
  } catch (error) {
    troubled(error)
    return { would: 'error' }
  }
}

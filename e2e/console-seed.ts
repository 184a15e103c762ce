/**
 * What a day of abuse leaves behind, written into the store of a running service as its own process would: sessions of one
 * device that were rejected as attacks, the review that blocks the device, and a subject who is locked out.
 */
import { join } from 'node:path'
import type { IpseClient } from '@ipse/client'
import type { Evidence, Reason } from '@ipse/protocol'
import { openSqliteStore } from '@ipse/server'
import type { Service } from './service.ts'

const DEVICE = '3f0a7c9e-8d1b-4f6a-9c2d-5e7b8a1f0c34'
const HOUR_MS = 3_600_000

const EVIDENCE: readonly Evidence[] = [
  line('challenge-response', 1, 'pass', { atLeast: 1 }),
  line('planarity', 0.31, 'fail', { atLeast: 0.667, reason: 'flat_surface' }),
  {
    signal: 'attestation',
    measurement: { status: 'failure-to-assess', reason: 'not-supported' },
    samples: 0,
    verdict: 'reported',
    weight: 'none',
  },
]

function line(
  signal: Evidence['signal'],
  native: number,
  verdict: Evidence['verdict'],
  more: Partial<Evidence>,
): Evidence {
  return {
    signal,
    measurement: { status: 'assessed', native, score: native },
    samples: 5,
    verdict,
    weight: 'decisive',
    ...more,
  }
}

export interface Seeded {
  readonly device: string
  readonly subject: string
  readonly review: string
  /** Sessions that were rejected, newest first. */
  readonly sessions: readonly string[]
}

export async function seedAbuse({ client, dataDir }: Pick<Service, 'client' | 'dataDir'>): Promise<Seeded> {
  const store = await openSqliteStore(join(dataDir, 'ipse.sqlite'))
  try {
    const sessions: string[] = []
    let standing = ''
    let tenant = ''
    for (const reasons of [['flat_surface'], ['virtual_camera']] as const) {
      const id = await rejected(client, store, [...reasons])
      sessions.unshift(id)
      const record = await store.findSessionAnywhere(id)
      tenant = record?.tenant ?? ''
      standing = `device:${record?.deviceMac}`
    }
    const now = Date.now()
    const flags = sessions.map((sessionId) => ({ sessionId, at: now, spoofTypes: ['surface' as const] }))
    const blank = { open: {}, failures: [], lockouts: 0, consecutive: 0, score: 0, scoredAt: now, flags: [] }
    const review = `rev_${'Ab0-_'.repeat(5).slice(0, 22)}`
    const blocked = { ...blank, score: 21.5, flags, blockedAt: now, staleAt: undefined }
    await store.changeStandings(tenant, [standing], () => ({
      standings: new Map([[standing, blocked]]),
      reviews: [
        {
          id: review,
          tenant,
          standing,
          createdAt: now,
          score: 21.5,
          bruteForce: true,
          spoofTypes: ['surface', 'injection'],
          sessions,
        },
      ],
      result: undefined,
    }))
    return { device: DEVICE, subject: 'anna', review, sessions }
  } finally {
    await store.close()
  }
}

/** A session as the service opens it, ended as it would end it. */
async function rejected(
  client: IpseClient,
  store: Awaited<ReturnType<typeof openSqliteStore>>,
  reasons: Reason[],
): Promise<string> {
  const { id } = await client.createSession({
    purpose: 'liveness',
    subject: 'anna',
    deviceCorrelationId: DEVICE,
  })
  const record = await store.findSessionAnywhere(id)
  if (!record) throw new Error('the session is not in the store')
  const at = new Date(Date.now() - HOUR_MS).toISOString()
  const attempt = {
    number: 1,
    startedAt: at,
    endedAt: at,
    decision: 'reject' as const,
    reasons,
    asked: ['left' as const],
    frames: 87,
  }
  await store.changeSession(record, {
    state: 'failed',
    decision: 'reject',
    reasons,
    evidence: EVIDENCE,
    assurance: 'active-geometry',
    attempts: [attempt],
  })
  return id
}

/**
 * An attack with a camera from a file in real Chromium: the victim has enrolled, somebody else opens the sign-in page
 * and lets the browser play a file instead of a camera.
 */
import assert from 'node:assert/strict'
import type { Feed } from '@ipse/lab'
import type { Reason } from '@ipse/protocol'
import { openBrowser } from '../browser.ts'
import { cameraFile } from '../people.ts'
import { startService } from '../service.ts'
import { visit } from '../visitor.ts'

export interface CameraAttack {
  /** The simulated person who enrols. */
  readonly victim: string
  /** What the file shows. */
  readonly feed: Feed
  readonly durationMs: number
  /** At least one of these must be among the reasons. */
  readonly reasons: readonly Reason[]
}

/** Enrols the victim, attacks with the file, and asserts that the backend was told why it was refused. */
export async function attackWithCameraFile({
  victim,
  feed,
  durationMs,
  reasons,
}: CameraAttack): Promise<void> {
  await using service = await startService()
  const camera = await cameraFile(feed, durationMs)
  const browser = await openBrowser({ camera })
  try {
    const page = await browser.newPage({ viewport: { width: 900, height: 900 } })
    const enrolled = await visit(page, service, {
      kind: 'sign-up',
      name: 'Victim',
      person: victim,
      patient: true,
    })
    assert.ok(enrolled.verified, `the victim could not enrol: ${enrolled.session.reasons}`)
    const { verified, session } = await visit(page, service, { kind: 'sign-in', name: 'Victim' })
    assert.ok(!verified, 'the attack was accepted')
    const [attempt] = session.attempts
    const found = attempt?.reasons ?? []
    assert.ok(
      reasons.some((reason) => found.includes(reason)),
      `refused for ${found.join(', ') || session.state}, expected ${reasons.join(' or ')}`,
    )
    assert.ok(
      !session.receipt ||
        !(
          await service.client.verifyReceipt(session.receipt, {
            audience: 'example',
            expectedSession: session.id,
            expectedPurpose: 'verification',
          })
        ).accepted,
    )
  } finally {
    await browser.close()
  }
}

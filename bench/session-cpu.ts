/**
 * CPU seconds of the service for one complete capture: handshake, sealed frames at the rate that it asks for, challenge,
 * decision, receipt. The frames are rendered in this process, the service runs in another.
 */
import { join } from 'node:path'
import { IpseClient } from '@ipse/client'
import { createEngine } from '@ipse/engine'
import { createActor, createActorFeed, createFrame, createSubject, type Feed, FIXTURES } from '@ipse/lab'
import { type CaptureCamera, PLAUSIBLE_FACTS, runCapture } from '@ipse/lab/capture-client'
import { loadFixture, toJpeg } from '@ipse/lab/node'
import type { ChallengeStep } from '@ipse/protocol'
import { type Case, progress } from './case.ts'
import { startChild } from './child.ts'
import { median } from './engine/timing.ts'
import type { Spent } from './server-child.ts'

const SESSIONS = 5
/** Captures side by side before those that count: a service runs for days, and its first minute is spent on compiling. */
const WARM_UP = 4
/** JPEG quality of frames, as the service asks of browsers. */
const QUALITY = 85

export async function benchSession(): Promise<Case[]> {
  progress('session-cpu: preparing the subject')
  const subject = await prepareSubject()
  await using server = await startChild<{ url: string; apiKey: string }>(
    join(import.meta.dirname, 'server-child.ts'),
  )
  const { url, apiKey } = server.ready
  const client = new IpseClient({ baseUrl: url, apiKey })
  const spent: Readonly<Record<string, number>>[] = []
  const frames: number[] = []
  const wallSeconds: number[] = []
  const decisions: string[] = []
  async function capture(seed: number) {
    const feed = createActorFeed({ subject, actor: createActor({ seed }), seed })
    const session = await client.createSession({ purpose: 'liveness', allowedOrigins: [ORIGIN] })
    const camera = filming(feed)
    const result = await runCapture({ ...session, origin: ORIGIN, camera, facts: PLAUSIBLE_FACTS })
    return { ...result, session: await client.getSession(session.id) }
  }
  progress(`session-cpu: ${WARM_UP} captures to warm up`)
  await Promise.all(Array.from({ length: WARM_UP }, (_, i) => capture(i + 1)))
  for (let i = 1; i <= SESSIONS; i++) {
    const before = await server.ask<Spent>('cpu')
    const began = performance.now()
    const { session, frames: sent } = await capture(WARM_UP + i)
    const after = await server.ask<Spent>('cpu')
    const { decision = 'none', reasons } = session
    progress(
      `session-cpu ${i} of ${SESSIONS}: ${[decision, ...reasons].join(' ')}, ${sent} frames, ${(after.total - before.total).toFixed(2)} CPU s`,
    )
    decisions.push(decision)
    spent.push(sharesOf(before, after))
    wallSeconds.push((performance.now() - began) / 1000)
    frames.push(sent)
  }
  const accepted = decisions.filter((decision) => decision === 'accept').length
  const note = `median of ${SESSIONS} captures, ${accepted} accepted`
  return [
    ...casesOf(spent, `mean of ${SESSIONS} captures, ${accepted} accepted`),
    { name: 'session-cpu/frames', unit: 'frames', value: median(frames), ratios: {}, note },
    { name: 'session-cpu/duration', unit: 's', value: median(wallSeconds), ratios: {}, note },
  ]
}

/**
 * CPU seconds of one capture by what they were spent on. `other-threads`: libvips decodes there, V8 collects garbage and
 * compiles.
 */
function sharesOf(before: Spent, after: Spent): Record<string, number> {
  const total = after.total - before.total
  const service = after.service - before.service
  const stages = Object.fromEntries(
    (Object.keys(after.stages) as (keyof Spent['stages'])[]).map((stage) => [
      stage,
      (after.stages[stage] ?? 0) - (before.stages[stage] ?? 0),
    ]),
  )
  const engine = Object.values(stages).reduce((sum, seconds) => sum + seconds, 0)
  return { ...stages, service, 'other-threads': total - service - engine }
}

/** Means, so that the shares add up to the whole. */
function casesOf(spent: readonly Readonly<Record<string, number>>[], note: string): Case[] {
  const names = [...new Set(spent.flatMap((shares) => Object.keys(shares)))]
  const mean = (name: string) => spent.reduce((sum, shares) => sum + (shares[name] ?? 0), 0) / spent.length
  const total = names.reduce((sum, name) => sum + mean(name), 0)
  const unit = 'CPU s'
  return [
    { name: 'session-cpu', unit, value: total, ratios: {}, note },
    ...names.map((name) => ({
      name: `session-cpu/${name}`,
      unit,
      value: mean(name),
      ratios: {},
      note: `${Math.round((100 * mean(name)) / total)} %`,
    })),
  ]
}

/** The relying party's page that would run the capture. */
const ORIGIN = 'https://shop.example'

async function prepareSubject() {
  const engine = await createEngine({ threads: 1 })
  try {
    const { photo, landmarks } = await loadFixture(
      FIXTURES[0]!,
      async (jpeg) => (await engine.measure(jpeg)).mesh?.landmarks,
    )
    return createSubject(photo, landmarks)
  } finally {
    await engine.close()
  }
}

function filming(feed: Feed): CaptureCamera {
  const picture = createFrame(feed.width, feed.height, 3)
  let shown: ChallengeStep | undefined
  return {
    frame(step, tMs) {
      if (step !== shown) feed.prompt(step, tMs)
      shown = step
      feed.render(tMs, picture)
      return toJpeg(picture, QUALITY)
    },
  }
}

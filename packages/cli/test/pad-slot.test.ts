/**
 * The PAD slot from end to end: a network of the operator's in a manifest, the real engine, the real decision, the level in
 * a receipt that was checked offline. The network only looks at how red a face is: it stands for one, it is none.
 */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { IpseClient } from '@ipse/client'
import { createEngine, type Engine, parseManifest } from '@ipse/engine'
import { createActor, createActorFeed, createSubject, FIXTURES } from '@ipse/lab'
import { PLAUSIBLE_FACTS } from '@ipse/lab/capture-client'
import { filmFeed, loadFixture } from '@ipse/lab/node'
import type { Purpose, Signal } from '@ipse/protocol'
import { type CaptureRecord, decide, POLICIES, resolvePolicy } from '@ipse/server'
import { texture as textureSignals } from '../../server/src/domain/signals/texture.ts'
import { BROKEN, padNetwork, REDNESS } from './pad-networks.ts'
import { captureToTheEnd } from './patience.ts'
import { emptyFolder, ipseJson, serve } from './run.ts'

const ORIGIN = 'https://shop.example'
const folder = emptyFolder()
const pad = (id: string, model: string, cropScale: number, threshold?: number) =>
  padNetwork(folder, id, model, cropScale, threshold)

/** Crops of several sizes are several networks, each with its own operating point. */
const NETWORKS = [pad('wide', REDNESS, 2.7, 0.4), pad('close', REDNESS, 1.4, 0.4)]

const plain = await createEngine({ threads: 1 })
const locate = async (jpeg: Uint8Array) => (await plain.measure(jpeg)).mesh?.landmarks
const { photo, landmarks, portrait } = await loadFixture(FIXTURES[0]!, locate)
after(() => plain.close())
const subject = createSubject(photo, landmarks)

test('a session with a filled slot is judged by it, and the receipt names the level, the networks and the rate', async () => {
  const manifest = join(folder, 'manifest.json')
  writeFileSync(manifest, JSON.stringify({ models: NETWORKS }))
  const data = join(folder, 'data')
  await using service = await serve(['--data', data, '--manifest', manifest])
  const { json } = await ipseJson(['keys', 'create', '--name', 't', '--scopes', 'all', '--data', data])
  const client = new IpseClient({ baseUrl: service.ready.url, apiKey: json.key as string })
  const purpose: Purpose = 'liveness'
  const session = await client.createSession({ purpose, allowedOrigins: [ORIGIN] })
  await captureToTheEnd({ ...session, origin: ORIGIN, facts: PLAUSIBLE_FACTS }, (attempt) => {
    const seed = 1 + attempt
    return filmFeed(createActorFeed({ subject, actor: createActor({ seed }), seed }))
  })
  const ended = await client.getSession(session.id)
  assert.equal(ended.decision, 'accept', ended.reasons.join())
  assert.equal(ended.assurance, 'active+pad-model')
  const { claims } = await client.verifyReceipt(ended.receipt ?? '', {
    expectedSession: session.id,
    expectedPurpose: purpose,
  })
  assert.equal(claims.assurance, 'active+pad-model')
  const texture = claims.evidence.filter(({ signal }) => signal === 'texture')
  assert.deepEqual(
    texture.map(({ model, verdict, weight, apcer }) => [model, verdict, weight, apcer]),
    [
      ['wide', 'pass', 'decisive', 0.05],
      ['close', 'pass', 'decisive', 0.05],
      ['antispoof', 'reported', 'none', undefined],
      ['liveness', 'reported', 'none', undefined],
    ],
  )
  assert.ok(
    texture.slice(0, 2).every(({ samples }) => samples >= 8),
    'every good frame of the hold',
  )
  assert.ok(claims.models.some(({ id, sha256 }) => id === 'wide' && sha256 === NETWORKS[0]?.sha256))
  assert.ok(ended.evidence.every(({ meaning }) => meaning.length > 20))
})

/** Evidence of a hold, measured by this engine; what has nothing to do with texture is good. */
async function decideBy(models: readonly Record<string, unknown>[]) {
  const engine: Engine = await createEngine({
    threads: 1,
    modelsDir: folder,
    manifest: parseManifest({ models }),
  })
  try {
    const { texture } = await engine.measure(portrait, { texture: true })
    assert.ok(texture)
    const policy = resolvePolicy(POLICIES.standard!, engine.operatingPoints, engine.pads)
    const frames = Array.from({ length: 8 }, () => ({ faces: 1, texture }))
    const measured = textureSignals({ frames } as unknown as CaptureRecord)
    const others = policy.rules.filter(({ signal }) => signal !== 'texture')
    const good = others.map(
      ({ signal }): Signal => ({
        name: signal,
        measurement: { status: 'assessed', native: 1e6, score: 1 },
        samples: 9,
      }),
    )
    const { decision, reasons, assurance } = decide(policy, [...good, ...measured], 'liveness')
    return [decision, reasons[0], assurance]
  } finally {
    await engine.close()
  }
}

test('the slot refuses, fails closed, and without an operating point only reports', async () => {
  const [wide, close] = NETWORKS as [Record<string, unknown>, Record<string, unknown>]
  assert.deepEqual(await decideBy([wide, close]), ['accept', undefined, 'active+pad-model'])
  const strict = pad('strict', REDNESS, 2.7, 0.99)
  assert.deepEqual(await decideBy([wide, strict]), ['reject', 'texture_suspicious', 'active-geometry'])
  const broken = pad('broken', BROKEN, 2.7, 0.4)
  assert.deepEqual(await decideBy([wide, broken]), ['retry', 'evidence_missing', 'active-geometry'])
  assert.deepEqual(await decideBy([pad('unmeasured', REDNESS, 2.7)]), [
    'accept',
    undefined,
    'active-geometry',
  ])
})

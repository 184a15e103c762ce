/**
 * Every hostile picture at both doors of a service with the real engine: `/v1/detections`, and as a frame of a capture. Each
 * is refused, by its own code and nothing else, and the service stays as large as it was.
 */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createEngine, type Engine } from '@ipse/engine'
import { hostileImages } from '../../engine/test/hostile.ts'
import type { Hostile } from '../../engine/test/hostile-parts.ts'
import { type Fixture, startFixture } from '../../server/test/fixture.ts'

let engine: Engine
let fixture: Fixture
let images: readonly Hostile[]
before(async () => {
  engine = await createEngine()
  fixture = await startFixture({
    named: { 'limits.requestsPerKeyPerMinute': '0', 'limits.capturesPerHour': '0' },
    more: { engine },
  })
  images = await hostileImages()
  assert.ok(images.length >= 200)
})
after(async () => {
  await fixture?.[Symbol.asyncDispose]()
  await engine?.close()
})

/** What the document allows an image to have, bytes. */
const MOST_BYTES = 10_000_000
/** Memory that a whole round may leave behind, bytes. */
const LEFT_BEHIND = 400 * 2 ** 20

/** Above, what an upload of its size costs anybody, sender and reader in one process, hides what the picture costs, bytes. */
const LARGE = 1_000_000

/**
 * Sends every picture, and tells what the dearest took of the CPU of the process, the engine's threads and the sender's
 * sending included.
 * @param pack what the sender does beforehand
 */
async function everyImage<T>(
  pack: (image: Hostile) => T,
  send: (packed: T, image: Hostile) => Promise<void>,
): Promise<string> {
  const before = process.memoryUsage().rss
  const costs: { readonly name: string; readonly ms: number; readonly large: boolean }[] = []
  for (const image of images) {
    const packed = pack(image)
    const started = process.cpuUsage()
    await send(packed, image)
    const { user, system } = process.cpuUsage(started)
    costs.push({ name: image.name, ms: (user + system) / 1000, large: image.data.length > LARGE })
  }
  const grown = process.memoryUsage().rss - before
  assert.ok(grown < LEFT_BEHIND, `${grown} bytes`)
  const dearest = (large: boolean) => {
    const [first] = costs.filter((cost) => cost.large === large).toSorted((a, b) => b.ms - a.ms)
    return `${first?.ms.toFixed(1)} ms of CPU (${first?.name})`
  }
  return `${images.length} images; dearest ${dearest(false)}, above 1 MB ${dearest(true)}; +${(grown / 2 ** 20).toFixed(0)} MB`
}

test('/v1/detections refuses every hostile picture', async (t) => {
  // The first request loads what later ones share.
  await fixture.call('POST', '/v1/detections', { image: 'AAAA' })
  const pack = ({ data }: Hostile) => JSON.stringify({ image: Buffer.from(data).toString('base64') })
  const told = await everyImage(pack, async (packed, { name, data }) => {
    const { status, body } = await fixture.call('POST', '/v1/detections', packed)
    const noImage = data.length === 0 || data.length > MOST_BYTES
    assert.deepEqual(
      [status, body.code],
      noImage ? [400, 'invalid_request'] : [422, 'image_unreadable'],
      name,
    )
  })
  t.diagnostic(told)
})

test('a capture refuses every hostile picture as a frame', async (t) => {
  const session = () => fixture.createSession({ purpose: 'liveness' })
  const told = await everyImage(session, async (opened, { name, data }) => {
    const { outcome, error, closeCode } = await fixture.capture(await opened, {
      frame: () => ({ jpeg: data, capturedUs: 1 }),
    })
    // What is larger than any frame never becomes a message: the socket closes.
    if (error === undefined) assert.deepEqual([outcome, closeCode], [undefined, 1009], name)
    else assert.equal(error, 'challenge_mismatch', name)
  })
  t.diagnostic(told)
  assert.doesNotMatch(fixture.log(), /"level":[56]0/)
})

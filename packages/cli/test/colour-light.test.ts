/** A policy of the operator's that shows colours: the real service and engine, and lab subjects that a screen lights. */
import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { IpseClient } from '@ipse/client'
import { createEngine } from '@ipse/engine'
import { createActor, createActorFeed, createSubject, FIXTURES, type ScreenOptions } from '@ipse/lab'
import { PLAUSIBLE_FACTS } from '@ipse/lab/capture-client'
import { filmFeed, loadFixture } from '@ipse/lab/node'
import type { CaptureFacts, Decision } from '@ipse/protocol'
import { captureToTheEnd } from './patience.ts'
import { emptyFolder, ipseJson, serve } from './run.ts'

const ORIGIN = 'https://shop.example'
const folder = emptyFolder()
const data = join(folder, 'data')
const policies = join(folder, 'policies')
mkdirSync(policies)
writeFileSync(
  join(policies, 'lit.json'),
  JSON.stringify({
    extends: 'passive',
    name: 'lit',
    version: 1,
    description: 'Keep still while the screen changes its colours.',
    challenge: { colourLight: true, cameraConstraint: false, holdFrames: 8 },
  }),
)
const service = await serve(['--data', data, '--set', `policies.path=${policies}`])
after(() => service.stop())
const { json } = await ipseJson(['keys', 'create', '--name', 't', '--scopes', 'all', '--data', data])
const client = new IpseClient({ baseUrl: service.ready.url, apiKey: json.key as string })

const engine = await createEngine({ threads: 1 })
const { photo, landmarks } = await loadFixture(
  FIXTURES[0]!,
  async (jpeg) => (await engine.measure(jpeg)).mesh?.landmarks,
)
const subject = createSubject(photo, landmarks)
await engine.close()

async function check(
  seed: number,
  screen: ScreenOptions | undefined,
  { facts = PLAUSIBLE_FACTS, maxAttempts = 3 }: { facts?: CaptureFacts; maxAttempts?: number } = {},
) {
  const session = await client.createSession({
    purpose: 'liveness',
    policy: 'lit',
    maxAttempts,
    allowedOrigins: [ORIGIN],
  })
  await captureToTheEnd({ ...session, origin: ORIGIN, facts }, (attempt) => {
    const actor = createActor({ seed: seed + attempt })
    return filmFeed(
      createActorFeed({ subject, actor, seed: seed + attempt + 1, ...(screen ? { screen } : {}) }),
    )
  })
  return client.getSession(session.id)
}

/**
 * Checks until one ends so, three at most: a busy machine sees fewer frames of each colour, and what it measures of them is
 * worse.
 */
async function checksUntil(wanted: Decision, seed: number, screen: ScreenOptions) {
  const ended = [await check(seed, screen)]
  while (ended.at(-1)?.decision !== wanted && ended.length < 3)
    ended.push(await check(seed + 5 * ended.length, screen))
  return ended
}

test('a head that the screen lights is accepted', async () => {
  const ended = await checksUntil('accept', 10, { lit: 'head' })
  assert.equal(ended.at(-1)?.decision, 'accept', ended.map(({ reasons }) => reasons.join()).join('; '))
})

test('a picture that software tints as a whole goes to a person, one that is not lit is refused in the end', async () => {
  const ended = await checksUntil('review', 30, { lit: 'picture', share: 0.4, delayMs: 100 })
  assert.ok(ended.every(({ decision }) => decision !== 'accept'))
  assert.equal(ended.at(-1)?.decision, 'review', ended.map(({ reasons }) => reasons.join()).join('; '))
  assert.ok(ended.at(-1)?.reasons.includes('light_not_answered'))
  const unlit = await check(50, undefined, { maxAttempts: 1 })
  assert.equal(unlit.decision, 'reject', unlit.reasons.join())
})

test('who declines the colours goes to a person', async () => {
  const session = await check(60, { lit: 'head' }, { facts: { ...PLAUSIBLE_FACTS, colours: 'declined' } })
  assert.equal(session.decision, 'review', session.reasons.join())
  assert.ok(session.reasons.includes('colours_declined'))
})

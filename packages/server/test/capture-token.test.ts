/** A capture token leads to one session of one tenant; one that names none, as those of earlier versions, leads nowhere. */
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import { issueCaptureToken, verifyCaptureToken } from '../src/capture/token.ts'
import { compactJws } from '../src/keys/compact-jws.ts'
import { createPerson, PUBLIC_URL, startFixture } from './fixture.ts'

const REFUSED = 'session_token_invalid'

test('a token that names no tenant, or another one, is refused though it is signed', async () => {
  await using fixture = await startFixture()
  const key = fixture.keys.captureTokenKey
  const session = await fixture.createSession({ purpose: 'liveness' })
  const now = fixture.clock.now()
  const named = await verifyCaptureToken(key, PUBLIC_URL, session.captureToken, now)
  assert.deepEqual([named.tenant, named.sessionId], ['shop', session.id])

  const times = { issuedAt: now, expiresAt: now + 60_000 }
  const word = async (captureToken: string) => {
    const { outcome, error } = await fixture.capture(
      { ...session, captureToken },
      createPerson(fixture.clock),
    )
    return outcome?.outcome ?? error
  }
  const [header = '', payload = ''] = session.captureToken.split('.')
  const read = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString())
  const { tenant: _, ...earlier } = read(payload)
  const unnamed = compactJws(read(header), earlier, (input) =>
    createHmac('sha256', key).update(input).digest(),
  )
  assert.equal(await word(unnamed), REFUSED)
  assert.equal(
    await word(issueCaptureToken(key, PUBLIC_URL, { ...named, ...times, tenant: 'vault' })),
    REFUSED,
  )
  assert.equal((await fixture.readSession(session.id)).state, 'created')
  assert.equal(await word(session.captureToken), 'pass')
})

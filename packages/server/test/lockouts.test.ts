/** Who may see who is locked out, and that it is the truth of now. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createAuditor } from '../src/work/audit.ts'
import { CONSENT, createPerson, type Fixture, startFixture, systemRandom } from './fixture.ts'
import { newPerson } from './person.ts'

const MINUTE_MS = 60_000

async function impostor(fixture: Fixture): Promise<string> {
  const wish = { purpose: 'verification', subject: 'anna' } as const
  const session = await fixture.createSession(wish)
  await fixture.capture(session, createPerson(fixture.clock, { person: 2 }))
  return session.id
}

test('operators see who is locked out now, and nobody once it is lifted; others see nothing', async () => {
  await using fixture = await startFixture({ named: { 'lockout.enabled': 'true' } })
  const enrolment = await fixture.createSession({ purpose: 'enrolment', subject: 'anna', consent: CONSENT })
  await fixture.capture(enrolment, createPerson(fixture.clock))
  const operator = await newPerson(fixture, ['operator'])
  const list = async () => {
    const { status, body } = await operator.ask('GET', '/admin/lockouts')
    assert.equal(status, 200)
    return body.items as Record<string, string>[]
  }
  assert.deepEqual(await list(), [])
  let last = ''
  for (let i = 0; i < 5; i++) last = await impostor(fixture)

  // A network is in no session; what the log says of it is listed until it ends by itself.
  const until = fixture.clock.now() + 30 * MINUTE_MS
  const auditor = createAuditor({ clock: fixture.clock, random: systemRandom, keys: fixture.keys })
  const details = { sessionId: last, party: 'address', until } as const
  await fixture.store.appendAudit(auditor.entry('lockout.begun', 'shop', details))

  const since = new Date(fixture.clock.now()).toISOString()
  const about = { code: 'locked_out', until: new Date(until).toISOString(), sessionId: last }
  const items = await list()
  assert.deepEqual(
    items.map(({ since: _, ...item }) => item),
    [
      { party: 'address', ...about },
      { party: 'subject', ...about, subject: 'anna' },
    ],
  )
  assert.equal(items[0]!.since, since)

  const elsewhere = await newPerson(fixture, ['operator'], 'other')
  assert.deepEqual((await elsewhere.ask('GET', '/admin/lockouts')).body.items, [])
  const reviewer = await newPerson(fixture, ['reviewer'])
  assert.equal((await reviewer.ask('GET', '/admin/lockouts')).status, 403)
  assert.notEqual((await fixture.call('GET', '/admin/lockouts')).status, 200, 'people only')

  assert.equal((await operator.ask('POST', '/v1/subjects/anna/unlock')).status, 200)
  assert.deepEqual(
    (await list()).map(({ party }) => party),
    ['address'],
  )
  fixture.clock.advance(30 * MINUTE_MS)
  assert.equal((await operator.signIn()).status, 200)
  assert.deepEqual(await list(), [])
})

/** The two-person rule: what a tenant asks a second person for happens when one has agreed, once, and never by oneself. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ApprovalAction } from '@ipse/protocol'
import { sweep } from '../src/index.ts'
import { CONSENT, type Fixture, startFixture, systemRandom } from './fixture.ts'
import { newPerson } from './person.ts'
import { scriptedImage } from './scripted-engine.ts'

const HOUR_MS = 3_600_000
const IMAGE = Buffer.from(scriptedImage({})).toString('base64')

async function startShop(approvals: readonly ApprovalAction[]): Promise<Fixture> {
  const fixture = await startFixture()
  await fixture.call('POST', '/v1/subjects/anna/references', { image: IMAGE, consent: CONSENT })
  await fixture.call('PUT', '/v1/privacy/rules', { preset: 'gdpr', days: {}, approvals })
  return fixture
}

const idIn = ({ body }: { body: { detail?: string } }) => /apr_[\w-]{22}/.exec(body.detail ?? '')?.[0] ?? ''
const decide = (person: Awaited<ReturnType<typeof newPerson>>, id: string, decision = 'approve') =>
  person.ask('POST', `/admin/approvals/${id}/decision`, { decision })

test('an erasure waits for another person, happens once, and the log has every step', async () => {
  await using fixture = await startShop(['erase'])
  const [ada, bob] = [await newPerson(fixture, ['owner']), await newPerson(fixture, ['privacy-officer'])]
  const erase = () => ada.ask('DELETE', '/v1/subjects/anna')
  const asked = await erase()
  assert.deepEqual([asked.status, asked.body.code], [403, 'approval_required'])
  const id = idIn(asked)
  assert.equal(idIn(await erase()), id, 'asking again is the same request')
  assert.equal((await decide(ada, id)).body.code, 'forbidden', 'nobody approves their own')
  assert.equal((await erase()).status, 403)
  const [waiting] = (await bob.ask('GET', '/admin/approvals')).body.items
  assert.deepEqual(
    [waiting.id, waiting.action, waiting.target, waiting.state, waiting.requestedBy],
    [id, 'erase', 'anna', 'waiting', ada.id],
  )
  const both = await Promise.all([decide(bob, id), decide(bob, id)])
  assert.deepEqual(both.map(({ status }) => status).toSorted(), [200, 409])
  const other = await fixture.call('DELETE', '/v1/subjects/anna')
  assert.equal(other.status, 403, 'it counts for the party that asked')
  const { status, body } = await erase()
  assert.deepEqual([status, body.erased.references], [200, 1])
  assert.equal((await erase()).body.code, 'approval_required', 'it counts once')
  const events = (await fixture.store.listAudit('shop', 999)).filter(({ approval }) => approval === id)
  assert.deepEqual(
    events.map(({ event, actor }) => [event, actor]),
    [
      ['approval.requested', ada.id],
      ['approval.granted', bob.id],
      ['approval.used', ada.id],
      ['subject.erased', ada.id],
    ],
  )
  assert.ok(!JSON.stringify(events).includes('anna'), 'the log names the subject by its pseudonym')
})

test('a refusal, an end in time, the wrong role and another tenant: nothing happens', async () => {
  await using fixture = await startShop(['erase', 'export'])
  const officer = await newPerson(fixture, ['privacy-officer'])
  const ask = () => fixture.call('DELETE', '/v1/subjects/anna')
  const refused = idIn(await ask())
  assert.equal((await decide(officer, refused, 'refuse')).body.state, 'refused')
  assert.equal((await decide(officer, refused)).body.code, 'conflict')
  const second = idIn(await ask())
  assert.notEqual(second, refused, 'a refused request is asked anew')
  const stranger = await newPerson(fixture, ['owner'], 'bank')
  assert.equal((await decide(stranger, second)).body.code, 'not_found')
  assert.deepEqual((await stranger.ask('GET', '/admin/approvals')).body.items, [])
  const operator = await newPerson(fixture, ['operator'])
  assert.equal((await decide(operator, second)).status, 403)
  assert.equal(
    (await fixture.call('POST', `/admin/approvals/${second}/decision`, { decision: 'approve' })).status,
    403,
  )
  fixture.clock.advance(24 * HOUR_MS)
  const late = await newPerson(fixture, ['privacy-officer'])
  assert.equal((await decide(late, second)).body.code, 'conflict')
  const states = (await late.ask('GET', '/admin/approvals')).body.items as { id: string; state: string }[]
  assert.equal(states.find(({ id }) => id === second)?.state, 'expired')
  const third = idIn(await ask())
  assert.notEqual(third, second)
  assert.equal((await decide(late, third)).status, 200)
  fixture.clock.advance(24 * HOUR_MS)
  assert.equal((await ask()).body.code, 'approval_required', 'an agreement ends too')
  const { store, clock, keys, settings } = fixture
  await sweep({ store, clock, keys, random: systemRandom }, settings)
  const expired = (await store.listAudit('shop', 999)).filter(({ event }) => event === 'approval.expired')
  assert.deepEqual(expired.map(({ approval }) => approval).toSorted(), [second, third].toSorted())
  assert.equal((await fixture.call('GET', '/v1/subjects/anna')).status, 200)
  assert.equal((await fixture.call('GET', '/v1/subjects/anna/export')).body.code, 'approval_required')
  assert.equal((await fixture.call('GET', '/v1/subjects/nobody/export')).body.code, 'not_found')
})

test('an agreement is for one target, and the rules cannot be loosened by one person', async () => {
  await using fixture = await startShop(['export'])
  const officer = await newPerson(fixture, ['privacy-officer'])
  await fixture.call('POST', '/v1/subjects/bert/references', { image: IMAGE, consent: CONSENT })
  const exported = (subject: string) => fixture.call('GET', `/v1/subjects/${subject}/export`)
  await decide(officer, idIn(await exported('anna')))
  assert.equal((await exported('bert')).body.code, 'approval_required')
  assert.equal((await exported('anna')).status, 200)
  const change = (approvals: readonly ApprovalAction[], days = {}) =>
    fixture.call('PUT', '/v1/privacy/rules', { preset: 'gdpr', days, approvals })
  const loosened = await change([])
  assert.equal(loosened.body.code, 'approval_required')
  await decide(officer, idIn(loosened))
  assert.equal(
    (await change([], { session: 0 })).body.code,
    'approval_required',
    'other rules than were agreed to',
  )
  assert.equal((await change([])).status, 200)
  assert.equal((await exported('bert')).status, 200)
})

test('a policy that would decide about people waits for a second person; a draft, a shadow and a way back do not', async () => {
  await using fixture = await startShop(['policy'])
  const owner = await newPerson(fixture, ['owner'])
  const why = 'as agreed'
  const publish = (version: number) => {
    const document = JSON.stringify({ name: 'ours', version, extends: 'standard', description: 'Ours.' })
    return fixture.call('POST', '/v1/policies', { document, why })
  }
  const move = (version: number, to: string, more = {}) =>
    fixture.call('POST', `/v1/policies/ours/versions/${version}/stage`, { to, why, ...more })
  const stage = (to: string, more = {}) => move(2, to, more)
  assert.deepEqual([(await publish(1)).status, (await publish(2)).status], [201, 201])
  const first = await move(1, 'active')
  assert.equal(first.body.code, 'approval_required')
  await decide(owner, idIn(first))
  assert.equal((await move(1, 'active')).status, 200)
  assert.equal((await stage('shadow')).status, 200)
  const asked = await stage('canary', { share: 10 })
  assert.equal(asked.body.code, 'approval_required')
  await decide(owner, idIn(asked))
  assert.equal((await stage('canary', { share: 90 })).body.code, 'approval_required', 'another share')
  assert.equal((await stage('canary', { share: 10 })).status, 200)
  assert.equal((await fixture.call('POST', '/v1/policies/ours/rollback', { why })).status, 200)
})

test('without the wish of the tenant nobody is asked', async () => {
  await using fixture = await startShop([])
  assert.equal((await fixture.call('GET', '/v1/subjects/anna/export')).status, 200)
  assert.equal((await fixture.call('DELETE', '/v1/subjects/anna')).status, 200)
  const events = (await fixture.store.listAudit('shop', 99)).map(({ event }) => event)
  assert.ok(!events.some((event) => event.startsWith('approval.')))
})

/**
 * The network between a node and PostgreSQL fails: what cannot be stored is not decided, callers hear `storage_unavailable`, the
 * node says that it is not ready, and all is well again without anybody's help when the network is.
 */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { isTerminal } from '@ipse/protocol'
import { openPostgresStore, POLICIES } from '../src/index.ts'
import { BRIEF } from './cluster-node.ts'
import { createPerson, type Fixture, startFixture } from './fixture.ts'
import { type FaultProxy, startFaultProxy } from './network-fault-proxy.ts'
import { startPostgres, type TestPostgres } from './postgres.ts'

const WISH = { purpose: 'liveness', policy: 'brief' } as const
/** After which a silent database is given up here, milliseconds; a busy machine may need seconds for an answer. */
const SILENCE_MS = 5_000
/** Statements of a capture after which the network fails, one after the other: the last ones are behind its end. */
const STATEMENTS = Array.from({ length: 20 }, (_, i) => 3 * i)

let postgres: TestPostgres
let proxy: FaultProxy
let fixture: Fixture
before(async () => {
  postgres = await startPostgres()
  const direct = new URL(await postgres.newDatabase())
  proxy = await startFaultProxy({ host: direct.hostname, port: Number(direct.port) })
  const url = new URL(direct)
  url.port = String(proxy.port)
  fixture = await startFixture({
    open: () => openPostgresStore({ url: url.href, connections: 3, silenceMs: SILENCE_MS }),
    more: { policies: { ...POLICIES, brief: BRIEF } },
  })
})
after(async () => {
  await fixture?.[Symbol.asyncDispose]()
  await proxy?.[Symbol.asyncDispose]()
  await postgres?.stop()
})

const ready = async () => (await fixture.call('GET', '/readyz')).status
const captured = async () => {
  const session = await fixture.createSession(WISH)
  return (await fixture.capture(session, createPerson(fixture.clock))).outcome?.outcome
}

test('connections that break anywhere in a capture: it passes once, can be gone on with, or expires undecided', async () => {
  const ends = new Map<string, number>()
  for (const statements of STATEMENTS) {
    const session = await fixture.createSession(WISH)
    proxy.resetAfter(statements)
    const { outcome } = await fixture.capture(session, createPerson(fixture.clock))
    proxy.heal()
    const { state, receipt, attempts } = await fixture.readSession(session.id)
    assert.equal(state === 'passed', receipt !== undefined)
    if (outcome?.outcome === 'pass') assert.equal(state, 'passed')
    if (state === 'bound' || state === 'created') assert.ok(attempts.length < 3)
    else if (!isTerminal(state)) fixture.clock.advance(700_000)
    const later = await fixture.readSession(session.id)
    if (!isTerminal(state) && later.state !== state) assert.equal(later.state, 'expired')
    const trail = await fixture.store.listSessionAudit('shop', session.id, 100)
    const accepted = trail.filter(({ decision }) => decision === 'accept').length
    assert.equal(accepted, later.state === 'passed' ? 1 : 0)
    ends.set(later.state, (ends.get(later.state) ?? 0) + 1)
  }
  assert.ok((ends.get('passed') ?? 0) > 0, 'the last ones are behind the end')
  assert.ok(ends.size > 1, 'the first ones are not')
})

test('a database that says nothing: refused in time, not ready, and back by itself', async () => {
  assert.deepEqual([await captured(), await ready()], ['pass', 200])
  const session = await fixture.createSession(WISH)
  proxy.stall()
  const [created, readyz] = await Promise.all([fixture.call('POST', '/v1/sessions', WISH), ready()])
  assert.deepEqual([created.status, created.body.code, readyz], [503, 'storage_unavailable', 503])
  assert.equal((await fixture.call('GET', '/healthz')).status, 200, 'the process is well')
  const { outcome, error } = await fixture.capture(session, createPerson(fixture.clock))
  assert.deepEqual([outcome, error], [undefined, 'internal'])
  proxy.heal()
  assert.equal((await fixture.readSession(session.id)).state, 'created')
  assert.deepEqual([await ready(), await captured()], [200, 'pass'])
})

test('a database that nobody reaches: the same at once', async () => {
  proxy.refuse()
  const { status, body, headers } = await fixture.call('POST', '/v1/sessions', WISH)
  assert.deepEqual([status, body.code], [503, 'storage_unavailable'])
  assert.doesNotMatch(JSON.stringify([body, headers]), /postgres|ECONN|127\.0\.0\.1/)
  assert.equal(await ready(), 503)
  proxy.heal()
  assert.deepEqual([await ready(), await captured()], [200, 'pass'])
})

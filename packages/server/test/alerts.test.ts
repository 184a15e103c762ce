/** The alert rules name metrics and labels that a running service has, and security events are counted where they happen. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { DECISIONS, ERRORS } from '@ipse/protocol'
import { NEW_STANDING } from '../src/domain/abuse/standing.ts'
import { SECURITY_EVENTS } from '../src/http/security-events.ts'
import { createPerson, startFixture } from './fixture.ts'

const RULES = readFileSync(new URL('../../../deploy/prometheus/ipse.rules.yml', import.meta.url), 'utf8')
/** Labels whose values are a closed list. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  decision: Object.keys(DECISIONS),
  would: [...Object.keys(DECISIONS), 'error'],
  code: Object.keys(ERRORS),
  event: Object.keys(SECURITY_EVENTS),
}

const metricsOf = async (fixture: Awaited<ReturnType<typeof startFixture>>) =>
  (await fixture.call('GET', '/metrics')).body as string

test('every alert names metrics of the service, and label values that exist', async () => {
  await using fixture = await startFixture()
  const metrics = await metricsOf(fixture)
  const expressions = RULES.split(/- alert: /).slice(1)
  assert.ok(expressions.length >= 12)
  for (const rule of expressions) {
    const names = [...rule.matchAll(/\bipse_\w+/g)].map(([name]) => name.replace(/_(count|bucket|sum)$/, ''))
    assert.ok(names.length > 0 || rule.includes('up{'), rule)
    for (const name of names) assert.match(metrics, new RegExp(`# TYPE ${name} `), name)
    for (const [, label = '', values = ''] of rule.matchAll(/(\w+)=~?"([^"]*)"/g))
      for (const value of values.split('|'))
        assert.ok(VALUES[label]?.includes(value) ?? ['job', 'status'].includes(label), `${label}=${value}`)
  }
})

test('wrong credentials, missing scopes and barred captures are counted, from nothing on', async () => {
  await using fixture = await startFixture({ named: { 'lockout.enabled': 'true' } })
  const count = async (event: string) =>
    Number(
      new RegExp(`ipse_security_events_total\\{event="${event}"\\} (\\d+)`).exec(
        await metricsOf(fixture),
      )?.[1],
    )
  for (const event of Object.keys(SECURITY_EVENTS)) assert.equal(await count(event), 0, event)
  await fixture.call('GET', '/v1/sessions', undefined, { authorization: 'Bearer nothing' })
  assert.equal(await count('credential-refused'), 1)
  const key = await fixture.newKey(['session:read'])
  await fixture.call('GET', '/v1/reviews', undefined, { authorization: `Bearer ${key}` })
  assert.equal(await count('scope-refused'), 1)

  const session = await fixture.createSession({ purpose: 'liveness', subject: 'anna' })
  const { keys, store, clock } = fixture
  const lockedUntil = clock.now() + 60_000
  await store.changeStandings('shop', [], () => ({
    standings: new Map([
      [
        `subject:${keys.mac('subject', ['shop', 'anna'])}`,
        { ...NEW_STANDING, lockedUntil, staleAt: undefined },
      ],
    ]),
    result: undefined,
  }))
  const { error } = await fixture.capture(session, createPerson(clock))
  assert.equal(error, 'session_wrong_state', 'the device learns no more than that')
  assert.equal(await count('capture-barred'), 1)
})

/** `ipse rollout`, `ipse models` and `ipse replay-decision` as an operator uses them. */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { assessed, digestOf, type Json, SIGNAL_NAMES, type Signal } from '@ipse/protocol'
import { createAuditor, decide, POLICIES, resolvePolicy, type Store } from '@ipse/server'
import { openInstallation, systemClock, systemRandom } from '../src/installation.ts'
import { emptyFolder, ipse } from './run.ts'

const STRICT = [
  {
    signal: 'capture-quality',
    atLeast: 101,
    otherwise: 'reject',
    reason: 'quality_too_low',
    missing: 'retry',
  },
]

/** A data folder, and commands on it. */
async function start() {
  const folder = emptyFolder()
  const data = join(folder, 'data')
  await using installation = await openInstallation(data)
  assert.ok(installation.created)
  const file = (version: number, more: object = {}) => {
    const path = join(folder, `bank-${version}.json`)
    writeFileSync(path, JSON.stringify({ name: 'bank', version, extends: 'standard', ...more }))
    return path
  }
  const run = async (...args: string[]) => {
    const { code, stdout, stderr } = await ipse([...args, '--data', data, '--json'])
    return { code, json: stdout === '' ? {} : JSON.parse(stdout), stderr }
  }
  const text = async (...args: string[]) => (await ipse([...args, '--data', data])).stdout
  const inStore = async <T>(work: (store: Store) => Promise<T>) => {
    await using opened = await openInstallation(data)
    return await work(opened.store)
  }
  return { file, run, text, inStore }
}

test('a policy goes from a draft into force and back, and the audit log says who and why', async () => {
  const { file, run, text, inStore } = await start()
  const why = ['--why', 'as agreed']
  assert.equal((await run('rollout', 'publish', file(1), ...why)).code, 0)
  assert.equal((await run('rollout', 'publish', file(1, { maxAttempts: 1 }), ...why)).code, 2)
  const active = await run('rollout', 'stage', 'bank', '1', 'active', ...why)
  assert.deepEqual([active.code, active.json.versions[0].stage], [0, 'active'])
  await run('rollout', 'publish', file(2, { rules: STRICT }), ...why)
  assert.equal((await run('rollout', 'stage', 'bank', '2', 'active', ...why)).code, 2, 'no step is left out')
  await run('rollout', 'stage', 'bank', '2', 'shadow', ...why)
  const row = { role: 'shadow', candidate: 2, version: 1, purpose: 'liveness', decision: 'accept' } as const
  await inStore((store) =>
    store.countOutcomes('default', 'bank', [
      { ...row, would: 'accept', count: 97 },
      { ...row, would: 'reject', reason: 'quality_too_low', count: 3 },
    ]),
  )
  const report = await run('rollout', 'report', 'bank')
  assert.deepEqual([report.code, report.json.shadows[0].acceptToReject.rate], [0, 0.03])
  assert.match(
    await text('rollout', 'report', 'bank'),
    /accept → reject +3 of 100, 3(\.00?)? % \(0\.62 % to 8\.5\d? %\)/,
  )
  const canary = await run('rollout', 'stage', 'bank', '2', 'canary', '--share', '5', ...why)
  assert.equal(canary.json.versions[0].share, 5)
  const back = await run('rollout', 'back', 'bank', ...why)
  assert.deepEqual([back.code, back.json.versions[0].stage], [0, 'retired'])
  const { versions } = (await run('rollout', 'list')).json
  assert.deepEqual(
    versions.map(({ version, stage }: Record<string, unknown>) => [version, stage]),
    [
      [1, 'active'],
      [2, 'retired'],
    ],
  )
  const entries = await inStore((store) => store.listAudit('default', 99))
  const ours = entries.filter(({ event }) => event.startsWith('policy.'))
  assert.equal(ours.length, 6)
  assert.ok(ours.every(({ actor, note }) => actor?.startsWith('ipse rollout: ') && note === 'as agreed'))
})

test('what cannot be rolled out ends with exit code 2 and a sentence', async () => {
  const { file, run } = await start()
  for (const [args, says] of [
    [['stage', 'bank', '1', 'shadow', '--why', 'x'], /not_found/],
    [['back', 'bank', '--why', 'x'], /not_found/],
    [['report', 'bank'], /no version of bank is published/],
    [['publish', file(1)], /--why/],
    [['publish', '/nowhere.json', '--why', 'x'], /nowhere/],
    [['publish', file(1, { maxAttempts: 9 }), '--why', 'x'], /maxAttempts must be/],
    [['stage', 'bank', '1', 'everywhere', '--why', 'x'], /draft, shadow, canary/],
    [['stage', 'bank', '1', 'canary', '--share', '0', '--why', 'x'], /1 to 100/],
  ] as const) {
    const { code, stderr } = await run('rollout', ...args)
    assert.equal(code, 2, `${args.join(' ')}: ${stderr}`)
    assert.match(stderr, says)
  }
})

/** Stores a session whose one attempt met every demand of the policy. */
async function decided(store: Store, n: number, altered = false): Promise<string> {
  const policy = resolvePolicy(POLICIES.standard!, [{ fmr: 0.001, threshold: 0.7 }])
  const signals = SIGNAL_NAMES.map((name): Signal => {
    const demands = policy.rules.filter((rule) => rule.signal === name).map(({ atLeast }) => atLeast)
    return { name, measurement: assessed(Math.max(0, ...demands), 1), samples: 9 }
  })
  const { decision, reasons } = decide(policy, signals, 'liveness')
  const basis = { policy, operatingPoints: [{ fmr: 0.001, threshold: 0.7 }], pads: [] }
  const id = `ses_${String(n).padEnd(22, 'A')}`
  const audit = createAuditor({ clock: systemClock, random: systemRandom, keys: { mac: () => 'mac' } })
  const session = {
    id,
    tenant: 'default',
    version: 1,
    purpose: 'liveness',
    state: 'submitted',
    policy: { name: 'standard', version: policy.version },
    createdAt: systemClock.now(),
    expiresAt: systemClock.now() + 1000,
    maxAttempts: 3,
    allowedOrigins: [],
    tokenId: 't',
    attempts: [],
    reasons: [],
    assurance: 'none',
    evidence: [],
  } as const
  await store.insertSession(session, audit.entry('session.created', 'default'))
  const record = {
    tenant: 'default',
    sessionId: id,
    attempt: 1,
    purpose: 'liveness',
    decidedAt: Date.UTC(2026, 10, n),
    basis: await digestOf(basis as unknown as Json),
    signals,
    decision: altered ? 'reject' : decision,
    reasons,
  } as const
  assert.ok(await store.changeSession(session, { state: 'passed' }, { decided: { record, basis } }))
  return id
}

test('a stored decision is replayed by another policy, side by side; many of them are counted', async () => {
  const { file, run, text, inStore } = await start()
  const ids = await inStore(async (store) => [
    await decided(store, 1),
    await decided(store, 2),
    await decided(store, 3),
  ])
  const [first = ''] = ids
  const plain = await run('replay-decision', first)
  assert.deepEqual([plain.code, plain.json.attempts[0].reproduced], [0, true])
  const strict = file(4, { rules: STRICT })
  const { candidate } = (await run('replay-decision', first, '--policy', strict)).json.attempts[0]
  assert.deepEqual(
    [candidate.decision, candidate.reasons, candidate.differs],
    ['reject', ['quality_too_low'], true],
  )
  const shown = await text('replay-decision', first, '--policy', strict)
  assert.match(shown, /standard\/3 decided accept/)
  assert.match(shown, /bank\/4 decides reject \(quality_too_low\)/)
  assert.match(shown, /capture-quality .* 101 +fail ←/)

  const all = (await run('replay-decision', '--all', '--policy', strict)).json
  assert.deepEqual([all.attempts, all.acceptToReject.count, all.differing.length], [3, 3, 3])
  const since = (await run('replay-decision', '--all', '--since', '2026-11-02', '--policy', 'standard')).json
  assert.deepEqual([since.attempts, since.agreement.rate], [2, 1])
  assert.equal((await run('replay-decision', '--all', '--of', 'bank')).json.attempts, 0)

  await run('rollout', 'publish', strict, '--why', 'x')
  const published = await run('replay-decision', first, '--policy', 'bank/4')
  assert.equal(published.json.attempts[0].candidate.decision, 'reject')
  assert.equal((await run('replay-decision', first, '--policy', 'bank/5')).code, 2)
  assert.equal((await run('replay-decision')).code, 2)
  assert.equal((await run('replay-decision', 'ses_none')).code, 2)

  const altered = await inStore((store) => decided(store, 4, true))
  const found = await run('replay-decision', '--all')
  assert.deepEqual([found.code, found.json.altered], [1, [{ sessionId: altered, attempt: 1 }]])
  assert.equal((await run('replay-decision', altered)).code, 1)
})

test('the models of every start are listed', async () => {
  const { run, inStore } = await start()
  const auditor = createAuditor({ clock: systemClock, random: systemRandom, keys: { mac: () => 'mac' } })
  const models = [{ id: 'face', version: '1', sha256: 'ab' }]
  await inStore((store) =>
    store.noteModelSet({ digest: 'd', models }, 1000, auditor.entry('models.changed', '')),
  )
  const { code, json } = await run('models', 'list')
  assert.equal(code, 0)
  assert.deepEqual(json.sets, [
    { digest: 'd', models, firstAt: '1970-01-01T00:00:01.000Z', lastAt: '1970-01-01T00:00:01.000Z' },
  ])
})

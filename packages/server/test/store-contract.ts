/** What every store must do. A second store passes `contract('postgres', open)` or is no store. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NEW_STANDING } from '../src/domain/abuse/standing.ts'
import type { ReviewRecord } from '../src/store/conduct-records.ts'
import type { PersonRecord } from '../src/store/people-records.ts'
import type {
  ApiKeyRecord,
  AuditEntry,
  ClientRecord,
  DeviceKeyRecord,
  ReferenceRecord,
  SessionRecord,
  Store,
} from '../src/store/store.ts'

let counter = 0
const unique = (prefix: string) => `${prefix}_${++counter}`

export function anAudit(change: Partial<AuditEntry> = {}): AuditEntry {
  return { id: unique('aud'), time: 1000, tenant: 'shop', event: 'session.created', ...change }
}

export function aSession(change: Partial<SessionRecord> = {}): SessionRecord {
  return {
    id: unique('ses'),
    tenant: 'shop',
    version: 1,
    purpose: 'liveness',
    state: 'created',
    policy: { name: 'standard', version: 1 },
    createdAt: 1000,
    expiresAt: 2000,
    maxAttempts: 3,
    allowedOrigins: ['https://shop.test'],
    allowedNetworks: ['192.0.2.0/24', '2001:db8::/32'],
    tokenId: 'token',
    attempts: [],
    reasons: [],
    assurance: 'none',
    evidence: [],
    ...change,
  }
}

export function aReference(change: Partial<ReferenceRecord> = {}): ReferenceRecord {
  return {
    id: unique('ref'),
    tenant: 'shop',
    subject: 'anna',
    source: 'capture',
    createdAt: 1000,
    model: 'm/1',
    scheme: 's/1',
    kekId: 'kek',
    sealed: new Uint8Array([1, 2, 3]),
    wrappedKey: new Uint8Array([4, 5]),
    ...change,
  }
}

const aKey = (change: Partial<ApiKeyRecord> = {}): ApiKeyRecord => ({
  kid: unique('kid'),
  tenant: 'shop',
  name: 'backend',
  scopes: ['session:create'],
  secretMac: 'mac',
  createdAt: 1000,
  ...change,
})

const aClient = (change: Partial<ClientRecord> = {}): ClientRecord => ({
  id: unique('cli'),
  tenant: 'shop',
  name: 'till',
  scopes: ['session:create'],
  createdAt: 1000,
  ...change,
})

export function aReview(change: Partial<ReviewRecord> = {}): ReviewRecord {
  const id = unique('rev')
  return {
    id,
    tenant: 'shop',
    standing: `device:${id}`,
    createdAt: 1000,
    score: 12,
    bruteForce: true,
    spoofTypes: ['surface'],
    sessions: ['ses_1'],
    ...change,
  }
}

export function aPerson(change: Partial<PersonRecord> = {}): PersonRecord {
  return { id: unique('per'), tenant: 'shop', name: 'Ada', roles: ['owner'], createdAt: 1000, ...change }
}

const aPasskey = (personId: string, id = unique('cred')) => ({
  id,
  personId,
  publicKey: new Uint8Array([1, 2]),
  counter: 0,
  createdAt: 1000,
})

export function contract(name: string, open: () => Promise<Store>): void {
  const check = (title: string, work: (store: Store) => Promise<void>) =>
    test(`${name}: ${title}`, async () => {
      const store = await open()
      try {
        await work(store)
      } finally {
        await store.close()
      }
    })

  check('gives back what was put in', async (store) => {
    const sealed = {
      model: 'm',
      scheme: 's',
      kekId: 'k',
      sealed: new Uint8Array([9]),
      wrappedKey: new Uint8Array([8]),
    }
    const session = aSession({
      subject: 'anna',
      jkt: 'thumb',
      deviceMac: 'mac',
      descriptionMac: 'words',
      referenceTemplate: sealed,
    })
    await store.insertSession(session, anAudit())
    const found = await store.findSession(session.id)
    assert.deepEqual({ ...found, referenceTemplate: undefined }, { ...session, referenceTemplate: undefined })
    assert.deepEqual([...(found?.referenceTemplate?.sealed ?? [])], [9])
    const key = aKey({ origins: ['https://shop.test'] })
    await store.insertApiKey(key, anAudit({ event: 'key.created' }))
    assert.deepEqual(await store.findApiKey(key.kid), key)
    const reference = aReference({ consent: { version: '1', textSha256: 'x', givenAt: 'y' } })
    await store.insertReference(reference, anAudit())
    const [kept] = await store.listReferences('shop', 'anna')
    assert.deepEqual([...(kept?.sealed ?? [])], [1, 2, 3])
    assert.deepEqual(kept?.consent, reference.consent)
  })

  check('keeps every right and limit of keys and clients', async (store) => {
    const limits = { origins: ['https://shop.test'], networks: ['10.0.0.0/8', '::1'] }
    const key = aKey({ ...limits, expiresAt: 5000 })
    assert.equal(await store.insertApiKey(key, anAudit({ event: 'key.created' })), true)
    assert.deepEqual(await store.findApiKey(key.kid), key)
    await store.touchApiKey(key.kid, 4000)
    assert.deepEqual(await store.findApiKey(key.kid), { ...key, lastUsedAt: 4000 })
    const jwks = [{ kty: 'EC', crv: 'P-256', x: 'x', y: 'y', kid: '1' }]
    const client = aClient({ ...limits, fingerprint: 'ab', san: 'spiffe://shop/till', jwks })
    assert.equal(await store.insertClient(client, anAudit({ event: 'client.added' })), true)
    assert.deepEqual(await store.findClient(client.id), client)
    assert.deepEqual(await store.listClients(), [client])
  })

  check('has so many live keys of a name at most, whoever asks at the same time', async (store) => {
    const make = (change: Partial<ApiKeyRecord> = {}) =>
      store.insertApiKey(aKey(change), anAudit({ time: 1000 }), { maxLive: 2 })
    assert.equal(await make({ expiresAt: 1000 }), true)
    const made = await Promise.all([make(), make(), make(), make()])
    assert.equal(made.filter((one) => one).length, 2)
    assert.equal(await make({ name: 'another' }), true)
    assert.equal(await make({ tenant: 'another' }), true)
    const [dead] = (await store.listApiKeys()).filter(
      ({ expiresAt, name }) => !expiresAt && name === 'backend',
    )
    await store.revokeApiKey(dead?.kid ?? '', anAudit())
    assert.equal(await make(), true)
  })

  check('gives a key its end with its successor, never a later one than it has', async (store) => {
    const [endless, brief] = [aKey(), aKey({ name: 'brief', expiresAt: 2000 })]
    for (const key of [endless, brief]) await store.insertApiKey(key, anAudit())
    for (const { kid } of [endless, brief])
      await store.insertApiKey(aKey(), anAudit({ event: 'key.rotated' }), { ends: { kid, at: 3000 } })
    assert.equal((await store.findApiKey(endless.kid))?.expiresAt, 3000)
    assert.equal((await store.findApiKey(brief.kid))?.expiresAt, 2000)
  })

  check(
    'finds the live client of a certificate, fingerprint before name, and takes none twice',
    async (store) => {
      const [pinned, named] = [aClient({ fingerprint: 'ab' }), aClient({ san: 'spiffe://shop/till' })]
      for (const client of [pinned, named]) assert.equal(await store.insertClient(client, anAudit()), true)
      assert.equal(await store.insertClient(aClient({ san: 'spiffe://shop/till' }), anAudit()), false)
      assert.equal(await store.insertClient(aClient({ fingerprint: 'ab', san: 'x:y' }), anAudit()), false)
      assert.equal(await store.insertClient(aClient(), anAudit()), true)
      assert.equal((await store.findCertificateClient('ab', 'spiffe://shop/till'))?.id, pinned.id)
      assert.equal((await store.findCertificateClient('cd', 'spiffe://shop/till'))?.id, named.id)
      assert.equal(await store.findCertificateClient('cd', 'spiffe://shop'), undefined)
      assert.equal(await store.findCertificateClient('cd', undefined), undefined)
      const audit = () => anAudit({ event: 'client.revoked' })
      assert.equal(await store.revokeClient(named.id, audit()), true)
      assert.equal(await store.revokeClient(named.id, audit()), false)
      assert.equal(await store.findCertificateClient('cd', 'spiffe://shop/till'), undefined)
      assert.equal((await store.findClient(named.id))?.revokedAt, 1000)
      assert.equal(await store.insertClient(aClient({ san: 'spiffe://shop/till' }), anAudit()), true)
    },
  )

  check(
    'keeps a key of a device once, moves its counter once, and forgets it with its subject',
    async (store) => {
      const key: DeviceKeyRecord = {
        tenant: 'shop',
        kind: 'webauthn',
        id: unique('credential'),
        subject: 'anna',
        level: 'valid',
        publicKey: new Uint8Array([1, 2, 3]),
        counter: 4,
        createdAt: 1000,
      }
      const { subject: _, ...app } = { ...key, kind: 'app-attest', level: 'strong' } as const
      assert.equal(await store.insertDeviceKey(key), true)
      assert.equal(await store.insertDeviceKey(app), true)
      assert.equal(
        await store.insertDeviceKey({ ...key, subject: 'eve', publicKey: new Uint8Array([9]) }),
        false,
      )
      assert.deepEqual(await store.findDeviceKey(key), key)
      assert.deepEqual(await store.findDeviceKey(app), app)
      assert.deepEqual(await store.listDeviceKeys('shop', 'anna'), [key])
      assert.deepEqual(await store.listDeviceKeys('bank', 'anna'), [])
      assert.equal(await store.findDeviceKey({ ...key, tenant: 'bank' }), undefined)
      const moves = await Promise.all(Array.from({ length: 8 }, () => store.advanceDeviceKey(key, 5)))
      assert.equal(moves.filter(Boolean).length, 1)
      assert.equal((await store.findDeviceKey(key))?.counter, 5)
      assert.equal((await store.findDeviceKey(app))?.counter, 4)
      assert.equal(await store.advanceDeviceKey({ ...key, tenant: 'bank', counter: 5 }, 6), false)
      await store.eraseSubject('bank', 'anna', anAudit())
      assert.ok(await store.findDeviceKey(key))
      await store.eraseSubject('shop', 'anna', anAudit())
      assert.equal(await store.findDeviceKey(key), undefined)
      assert.ok(await store.findDeviceKey(app))
    },
  )

  check('knows nothing that was not put in', async (store) => {
    assert.equal(await store.findSession('ses_none'), undefined)
    assert.equal(await store.findApiKey('none'), undefined)
    assert.deepEqual(await store.listReferences('shop', 'nobody'), [])
    assert.deepEqual(await store.listSessions('shop', { limit: 5 }), [])
  })

  check('changes a session once for each version, whoever asks at the same time', async (store) => {
    const session = aSession()
    await store.insertSession(session, anAudit())
    const tries = Array.from({ length: 8 }, (_, i) =>
      store.changeSession(session, { state: 'bound', jkt: `key${i}` }),
    )
    const changed = (await Promise.all(tries)).filter((result) => result !== undefined)
    assert.equal(changed.length, 1)
    assert.equal(changed[0]?.version, 2)
    assert.deepEqual(await store.findSession(session.id), changed[0])
  })

  check('writes a change with its audit entry and reference, or none of them', async (store) => {
    const session = aSession()
    await store.insertSession(session, anAudit())
    const reference = aReference()
    const audit = anAudit({ event: 'capture.decided' })
    assert.equal(
      await store.changeSession({ ...session, version: 7 }, { state: 'passed' }, { audit, reference }),
      undefined,
    )
    assert.deepEqual(await store.listReferences('shop', 'anna'), [])
    await store.insertReference(reference, anAudit())
    await assert.rejects(store.changeSession(session, { state: 'passed' }, { audit, reference }))
    assert.equal((await store.findSession(session.id))?.state, 'created')
    assert.ok(!(await store.listAudit('shop', 100)).some(({ id }) => id === audit.id))
  })

  check('removes optional members that a change sets to undefined', async (store) => {
    const sealed = {
      model: 'm',
      scheme: 's',
      kekId: 'k',
      sealed: new Uint8Array([9]),
      wrappedKey: new Uint8Array([8]),
    }
    const session = aSession({ referenceTemplate: sealed })
    await store.insertSession(session, anAudit())
    const changed = await store.changeSession(session, { referenceTemplate: undefined })
    assert.ok(changed && !('referenceTemplate' in changed))
  })

  check('remembers an idempotency key until its time is over', async (store) => {
    const first = aSession()
    const record = { tenant: 'shop', key: 'k', digest: 'd', sessionId: first.id, expiresAt: 5000 }
    assert.equal(await store.insertSession(first, anAudit(), record), undefined)
    const second = aSession()
    const again = await store.insertSession(second, anAudit(), {
      ...record,
      digest: 'e',
      sessionId: second.id,
    })
    assert.deepEqual([again?.digest, again?.sessionId], ['d', first.id])
    assert.equal(await store.findSession(second.id), undefined)
    const later = anAudit({ time: 6000 })
    assert.equal(await store.insertSession(second, later, { ...record, sessionId: second.id }), undefined)
    assert.equal(
      await store.insertSession(aSession(), anAudit(), { ...record, tenant: 'other', sessionId: 'x' }),
      undefined,
      'another tenant has keys of its own',
    )
  })

  check('lists sessions newest first, page by page, without gaps', async (store) => {
    for (let i = 0; i < 7; i++)
      await store.insertSession(aSession({ createdAt: 1000 + Math.floor(i / 2) }), anAudit())
    await store.insertSession(aSession({ tenant: 'other' }), anAudit())
    const whole = await store.listSessions('shop', { limit: 100 })
    assert.equal(whole.length, 7)
    const paged: SessionRecord[] = []
    for (;;) {
      const last = paged.at(-1)
      const page = await store.listSessions('shop', { limit: 2, ...(last ? { after: last } : {}) })
      if (page.length === 0) break
      paged.push(...page)
    }
    assert.deepEqual(paged, whole)
    assert.deepEqual(
      whole.map((s) => s.createdAt),
      whole.map((s) => s.createdAt).sort((a, b) => b - a),
    )
  })

  check('erases a subject and nothing else', async (store) => {
    await store.insertSession(aSession({ subject: 'anna' }), anAudit())
    await store.insertSession(aSession({ subject: 'bert' }), anAudit())
    await store.insertReference(aReference(), anAudit())
    await store.insertReference(aReference({ tenant: 'other' }), anAudit())
    const counts = await store.eraseSubject('shop', 'anna', anAudit({ event: 'subject.erased' }))
    assert.deepEqual(counts, { references: 1, sessions: 1 })
    assert.deepEqual(await store.listReferences('shop', 'anna'), [])
    assert.equal((await store.listReferences('other', 'anna')).length, 1)
    assert.equal((await store.listSessions('shop', { limit: 9, subject: 'bert' })).length, 1)
  })

  check('uses a value once, whoever asks at the same time', async (store) => {
    const tries = await Promise.all(Array.from({ length: 8 }, () => store.useOnce('proof', 'v', 5000)))
    assert.equal(tries.filter(Boolean).length, 1)
    assert.equal(await store.useOnce('transcript', 'v', 5000), true)
    await store.sweep(6000, 0)
    assert.equal(await store.useOnce('proof', 'v', 9000), true)
  })

  check('finds what is overdue and sweeps what is old and finished', async (store) => {
    const open = aSession({ expiresAt: 10 })
    const done = aSession({ state: 'passed', expiresAt: 10 })
    await store.insertSession(open, anAudit())
    await store.insertSession(done, anAudit())
    assert.deepEqual(
      (await store.listOverdueSessions(11, 9)).map(({ id }) => id),
      [open.id],
    )
    assert.deepEqual(await store.listOverdueSessions(9, 9), [])
    assert.equal((await store.sweep(5000, 1000)).sessions, 0, 'created at 1000 is not before 1000')
    assert.equal((await store.sweep(5000, 1001)).sessions, 1)
    assert.equal((await store.findSession(open.id))?.state, 'created')
  })

  check('finds traces of other sessions of the tenant, until their time is over', async (store) => {
    const [first, second, foreign] = [aSession(), aSession(), aSession({ tenant: 'other' })]
    for (const session of [first, second, foreign]) await store.insertSession(session, anAudit())
    const leave = (session: SessionRecord, kept: string[], sought: string[], now = 1000) =>
      store.leaveTraces({ tenant: session.tenant, sessionId: session.id, kept, sought, now, expiresAt: 5000 })
    assert.deepEqual(await leave(first, ['a', 'b', 'b'], ['a', 'b']), [], 'not its own')
    assert.deepEqual(await leave(first, ['a'], ['a']), [], 'a second attempt of the same session')
    assert.deepEqual(await leave(foreign, ['a'], ['a', 'b']), [], 'another tenant')
    assert.deepEqual(await leave(second, ['c'], ['a', 'c', 'd']), [{ sessionId: first.id, mac: 'a' }])
    assert.deepEqual(await leave(second, [], []), [])
    assert.deepEqual(await leave(second, [], ['a'], 5000), [], 'over, though not yet swept')
    assert.equal((await store.sweep(4999, 0)).others, 0)
    assert.equal((await store.sweep(5000, 0)).others, 4)
  })

  check('lets one of two copies see the other when both come at the same time', async (store) => {
    const sessions = [aSession(), aSession()]
    for (const session of sessions) await store.insertSession(session, anAudit())
    const found = await Promise.all(
      sessions.map(({ id, tenant }) =>
        store.leaveTraces({
          tenant,
          sessionId: id,
          kept: ['a'],
          sought: ['a'],
          now: 1000,
          expiresAt: 5000,
        }),
      ),
    )
    assert.deepEqual(found.map(({ length }) => length).toSorted(), [0, 1])
  })

  check('forgets the traces of a session with the session', async (store) => {
    const erased = aSession({ subject: 'anna' })
    const old = aSession({ state: 'passed', createdAt: 1 })
    const now = aSession()
    for (const session of [erased, old, now]) await store.insertSession(session, anAudit())
    const leave = ({ tenant, id }: SessionRecord, kept: string[], sought: string[]) =>
      store.leaveTraces({ tenant, sessionId: id, kept, sought, now: 1000, expiresAt: 5000 })
    await leave(erased, ['a'], [])
    await leave(old, ['b'], [])
    assert.equal((await leave(now, [], ['a', 'b'])).length, 2)
    await store.eraseSubject('shop', 'anna', anAudit({ event: 'subject.erased' }))
    assert.equal((await leave(now, [], ['a', 'b'])).length, 1)
    await store.sweep(1000, 2)
    assert.equal((await leave(now, [], ['a', 'b'])).length, 0)
  })

  check(
    'lets as many take as an allowance has, whoever asks at the same time, and all or none of several',
    async (store) => {
      const [small, large] = [
        { key: 'small', most: 3, endsAt: 1000 },
        { key: 'large', most: 100, endsAt: 1000 },
      ]
      const tries = await Promise.all(Array.from({ length: 9 }, () => store.takeAllowances([large, small])))
      assert.equal(tries.filter(({ taken }) => taken).length, 3)
      const refused = await store.takeAllowances([small, large])
      assert.deepEqual(refused, {
        taken: false,
        allowances: [
          { ...small, used: 3 },
          { ...large, used: 3 },
        ],
      })
      assert.deepEqual(await store.takeAllowances([]), { taken: true, allowances: [] })
      const next = { ...small, endsAt: 2000 }
      assert.deepEqual(await store.takeAllowances([next]), {
        taken: true,
        allowances: [{ ...next, used: 1 }],
      })
      const late = await store.takeAllowances([small])
      assert.deepEqual(late.allowances, [{ ...next, used: 2 }], 'a slower clock takes from the later window')
      assert.equal((await store.sweep(1000, 0)).others, 1)
      assert.equal((await store.sweep(2000, 0)).others, 1)
    },
  )

  check(
    'changes standings one after the other, with their audit and reviews or not at all',
    async (store) => {
      const count = (key: string) =>
        store.changeStandings('shop', [key], (before) => {
          const standing = before.get(key) ?? NEW_STANDING
          const consecutive = standing.consecutive + 1
          return {
            standings: new Map([[key, { ...standing, consecutive, staleAt: 500 }]]),
            audit: [anAudit({ event: 'lockout.begun' })],
            result: consecutive,
          }
        })
      const counted = await Promise.all(Array.from({ length: 8 }, () => count('subject:a')))
      assert.deepEqual(counted.toSorted(), [1, 2, 3, 4, 5, 6, 7, 8])
      await count('subject:b')
      const found = await store.findStandings(['subject:a', 'subject:b', 'subject:c'])
      assert.deepEqual([...found].map(([key, { consecutive }]) => [key, consecutive]).toSorted(), [
        ['subject:a', 8],
        ['subject:b', 1],
      ])
      const audit = anAudit()
      await store.appendAudit(audit)
      const twice = store.changeStandings('shop', ['subject:a'], () => ({
        standings: new Map([['subject:a', { ...NEW_STANDING, staleAt: undefined }]]),
        audit: [audit],
        result: undefined,
      }))
      await assert.rejects(twice)
      assert.equal((await store.findStandings(['subject:a'])).get('subject:a')?.consecutive, 8)
      await store.eraseSubject('shop', 'a', anAudit({ event: 'subject.erased', subjectMac: 'a' }))
      assert.deepEqual([...(await store.findStandings(['subject:a', 'subject:b'])).keys()], ['subject:b'])
      assert.equal((await store.sweep(499, 0)).others, 0)
      assert.equal((await store.sweep(500, 0)).others, 1)
    },
  )

  check('decides a review once, together with what follows from it', async (store) => {
    const reviews = [1, 2, 3].map((createdAt) => aReview({ createdAt }))
    const foreign = aReview({ tenant: 'other' })
    for (const review of [...reviews, foreign])
      await store.changeStandings(review.tenant, [], () => ({
        standings: new Map([[review.standing, { ...NEW_STANDING, blockedAt: 1, staleAt: undefined }]]),
        reviews: [review],
        result: undefined,
      }))
    const [first, second, third] = reviews
    assert.ok(first && second && third)
    assert.deepEqual(await store.listReviews('shop', 'open', { limit: 2 }), [third, second])
    assert.deepEqual(await store.listReviews('shop', 'open', { limit: 9, after: second }), [first])
    const decided = { ...second, decided: { decision: 'allow', reason: 'why', at: 9, by: 'key' } } as const
    const decide = () =>
      store.decideReview(
        decided,
        (before) => new Map([['device:new', { ...NEW_STANDING, lockouts: before?.blockedAt ?? 0 }]]),
        anAudit({ event: 'review.decided' }),
      )
    const tries = await Promise.all([decide(), decide(), decide()])
    assert.equal(tries.filter(Boolean).length, 1)
    assert.deepEqual(await store.findReview(second.id), decided)
    assert.deepEqual(await store.listReviews('shop', 'open', { limit: 9 }), [third, first])
    assert.deepEqual(await store.listReviews('shop', 'decided', { limit: 9 }), [decided])
    assert.equal((await store.findStandings(['device:new'])).get('device:new')?.lockouts, 1)
    const entries = await store.listAudit('shop', 99)
    assert.equal(entries.filter(({ event }) => event === 'review.decided').length, 1)
  })

  check('finds the audit trail of one session', async (store) => {
    const entries = [1, 2].map((time) => anAudit({ time, sessionId: 'ses_a' }))
    for (const entry of [...entries, anAudit({ sessionId: 'ses_b' }), anAudit()])
      await store.appendAudit(entry)
    assert.deepEqual(await store.listSessionAudit('shop', 'ses_a', 9), entries)
    assert.deepEqual(await store.listSessionAudit('other', 'ses_a', 9), [])
  })

  check('keeps the audit in order and by tenant', async (store) => {
    const entries = [1, 2, 3].map((time) => anAudit({ time, reasons: ['face_mismatch'], matchScore: 0.12 }))
    for (const entry of entries) await store.appendAudit(entry)
    await store.appendAudit(anAudit({ tenant: 'other' }))
    assert.deepEqual(await store.listAudit('shop', 10), entries)
    assert.equal((await store.listAudit('shop', 2)).length, 2)
  })

  check('keeps people by tenant, each identity once', async (store) => {
    const ada = aPerson({ createdAt: 1, identityMac: 'mac' })
    const bob = aPerson({ createdAt: 2, roles: ['reviewer', 'auditor'] })
    const eve = aPerson({ tenant: 'other' })
    for (const person of [ada, bob, eve]) assert.ok(await store.insertPerson(person, anAudit()))
    assert.equal(await store.insertPerson(aPerson({ identityMac: 'mac' }), anAudit()), false)
    assert.deepEqual(await store.findPerson(bob.id), bob)
    assert.deepEqual(await store.findPersonByIdentity('mac'), ada)
    assert.ok(await store.insertPasskey(aPasskey(bob.id), anAudit()))
    assert.deepEqual(await store.listPeople('shop'), [
      { ...ada, passkeys: 0 },
      { ...bob, passkeys: 1 },
    ])
    assert.equal((await store.listPeople()).length, 3)
    await store.changeRoles(ada.id, ['auditor'])
    assert.deepEqual((await store.findPerson(ada.id))?.roles, ['auditor'])
  })

  check('lets an invitation be used once, in its time, by the invited', async (store) => {
    const [ada, bob] = [aPerson(), aPerson()]
    const invite = { mac: 'i1', personId: ada.id, expiresAt: 2000 }
    assert.ok(await store.insertPerson(ada, anAudit(), invite))
    assert.ok(await store.insertPerson(bob, anAudit()))
    assert.deepEqual(await store.findInvitation('i1', 1999), invite)
    assert.equal(await store.findInvitation('i1', 2000), undefined)
    const late = anAudit({ time: 2000 })
    assert.equal(await store.insertPasskey(aPasskey(ada.id), late, 'i1'), false, 'expired')
    assert.equal(await store.insertPasskey(aPasskey(bob.id), anAudit(), 'i1'), false, "somebody else's")
    const tries = await Promise.all(
      ['a', 'b', 'c'].map((id) => store.insertPasskey(aPasskey(ada.id, id), anAudit(), 'i1')),
    )
    assert.equal(tries.filter(Boolean).length, 1)
    assert.equal((await store.listPasskeys(ada.id)).length, 1)
    await store.replaceInvitation({ mac: 'i2', personId: ada.id, expiresAt: 3000 }, anAudit())
    await store.replaceInvitation({ mac: 'i3', personId: ada.id, expiresAt: 3000 }, anAudit())
    assert.equal(await store.findInvitation('i2', 1000), undefined, 'void since there is another')
    assert.ok(await store.findInvitation('i3', 1000))
  })

  check('counts a passkey up once, keeps the last one, takes none twice', async (store) => {
    const [ada, bob] = [aPerson(), aPerson()]
    for (const person of [ada, bob]) await store.insertPerson(person, anAudit())
    const [first, second] = [aPasskey(ada.id), aPasskey(ada.id)]
    assert.ok(await store.insertPasskey(first, anAudit()))
    assert.equal(await store.insertPasskey({ ...first, personId: bob.id }, anAudit()), false)
    const tries = await Promise.all([1, 2, 3].map((counter) => store.usePasskey(first, counter, 1500)))
    assert.deepEqual(tries, [true, false, false])
    assert.deepEqual(await store.findPasskey(first.id), { ...first, counter: 1, lastUsedAt: 1500 })
    assert.equal(await store.deletePasskey(first.id, ada.id, anAudit()), false, 'the last one stays')
    assert.ok(await store.insertPasskey(second, anAudit()))
    assert.equal(await store.deletePasskey(second.id, bob.id, anAudit()), false, "not somebody else's")
    assert.ok(await store.deletePasskey(second.id, ada.id, anAudit({ event: 'passkey.removed' })))
    assert.equal((await store.listAudit('shop', 99)).at(-1)?.event, 'passkey.removed')
  })

  check('ends sessions of people: one, all, overdue, replaced, of the disabled', async (store) => {
    const [ada, bob] = [aPerson(), aPerson()]
    for (const person of [ada, bob]) {
      await store.insertPerson(person, anAudit())
      await store.insertPasskey(aPasskey(person.id), anAudit())
    }
    const begin = (mac: string, { id }: PersonRecord, replaces?: string, endsAt = 9000) =>
      store.insertPersonSession(
        { mac, personId: id, createdAt: 1000, seenAt: 1000, endsAt },
        anAudit(),
        replaces,
      )
    const found = async (mac: string) => (await store.findPersonSession(mac))?.person.id
    await begin('a1', ada)
    await begin('a2', ada, 'a1')
    assert.deepEqual([await found('a1'), await found('a2')], [undefined, ada.id])
    await store.touchPersonSession('a2', 1500)
    await store.touchPersonSession('a2', 1400)
    assert.equal((await store.findPersonSession('a2'))?.session.seenAt, 1500)
    await begin('a3', ada)
    assert.equal(await store.endPersonSessions({ mac: 'a3' }, anAudit()), 1)
    assert.equal(await store.endPersonSessions({ mac: 'a3' }, anAudit()), 0)
    await begin('a4', ada)
    await begin('b1', bob)
    assert.equal(await store.endPersonSessions({ personId: ada.id }, anAudit()), 2)
    assert.equal(await found('b1'), bob.id)
    assert.equal(await store.disablePerson(bob.id, anAudit({ time: 7 })), 'disabled')
    assert.equal(await found('b1'), undefined)
    assert.equal((await store.findPerson(bob.id))?.disabledAt, 7)
    await begin('a5', ada, undefined, 3000)
    await store.sweep(3000, 0)
    assert.equal(await found('a5'), undefined)
  })

  check('never disables the last owner who can sign in, however many ask', async (store) => {
    const owners = [1, 2, 3].map(() => aPerson())
    for (const person of owners) {
      await store.insertPerson(person, anAudit())
      await store.insertPasskey(aPasskey(person.id), anAudit())
    }
    await store.insertPerson(aPerson(), anAudit())
    const foreign = aPerson({ tenant: 'other' })
    await store.insertPerson(foreign, anAudit())
    const ends = await Promise.all(owners.map(({ id }) => store.disablePerson(id, anAudit())))
    assert.deepEqual(ends, ['disabled', 'disabled', 'last-owner'])
    assert.equal(await store.disablePerson('per_nobody', anAudit()), 'unknown')
    assert.equal(await store.disablePerson(foreign.id, anAudit()), 'disabled', 'could never sign in')
    const heir = aPerson({ identityMac: 'sso' })
    await store.insertPerson(heir, anAudit())
    assert.equal(await store.disablePerson(owners[2]!.id, anAudit()), 'disabled')
    assert.equal(await store.disablePerson(heir.id, anAudit()), 'last-owner')
  })

  check('revokes a key once', async (store) => {
    const key = aKey()
    await store.insertApiKey(key, anAudit())
    assert.equal(await store.revokeApiKey(key.kid, anAudit({ time: 77 })), true)
    assert.equal(await store.revokeApiKey(key.kid, anAudit({ time: 78 })), false)
    assert.equal((await store.findApiKey(key.kid))?.revokedAt, 77)
    assert.equal((await store.listApiKeys()).length, 1)
  })
}

/** `ipse abuse-report` over a data folder that holds one rejected session. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { assessed, canonicalJson, sha256, toBase64url, utf8 } from '@ipse/protocol'
import { loadKeyring, openKeys, openSqliteStore } from '@ipse/server'
import { emptyFolder, ipse, ipseJson } from './run.ts'

const SESSION = 'ses_AAAAAAAAAAAAAAAAAAAAAA'
const CREATED = Date.UTC(2026, 10, 21, 10)
const at = (ms: number) => new Date(CREATED + ms).toISOString()

/** A data folder with a session that was rejected as a print. */
async function folderWithSession(): Promise<string> {
  const data = emptyFolder()
  await ipse(['keys', 'create', '--data', data, '--name', 'shop', '--scopes', 'session:create'])
  const keys = await openKeys(await loadKeyring(join(data, 'keyring.json')))
  const evidence = [
    {
      signal: 'planarity',
      measurement: assessed(0.31, 0.31),
      samples: 12,
      verdict: 'fail',
      weight: 'decisive',
      reason: 'flat_surface',
      atLeast: 0.67,
    },
  ] as const
  const ended = { decision: 'reject', reasons: ['flat_surface'] } as const
  const receipt = await keys.signReceipt({
    iss: 'https://ipse.test',
    aud: 'shop',
    iat: CREATED / 1000,
    exp: CREATED / 1000 + 600,
    jti: 'rcp_1',
    sid: SESSION,
    purpose: 'liveness',
    ...ended,
    assurance: 'none',
    attempt: 1,
    policy: { name: 'standard', version: 3, digest: 'policy-digest' },
    models: [{ id: 'blazeface', version: '1', sha256: 'ab' }],
    challenge: { version: 'challenge/2', digest: 'challenge-digest' },
    transcript: 'T'.repeat(43),
    evidence,
    device: { jkt: 'device-key', virtualCamera: false },
  })
  const store = await openSqliteStore(join(data, 'ipse.sqlite'))
  const audit = { id: 'aud_1', time: CREATED, tenant: 'shop', sessionId: SESSION, requestId: 'req-7' }
  await store.insertSession(
    {
      id: SESSION,
      tenant: 'shop',
      version: 1,
      purpose: 'liveness',
      state: 'failed',
      policy: { name: 'standard', version: 3 },
      createdAt: CREATED,
      expiresAt: CREATED + 180_000,
      maxAttempts: 3,
      allowedOrigins: [],
      tokenId: 't',
      attempts: [
        { number: 1, startedAt: at(1000), endedAt: at(9000), asked: ['left'], frames: 80, ...ended },
      ],
      ...ended,
      assurance: 'none',
      evidence,
      receipt,
    },
    { ...audit, event: 'session.created' },
  )
  await store.close()
  return data
}

test('abuse-report says what was presented, what was found and how to see it again', async () => {
  const data = await folderWithSession()
  const page = join(data, 'report.html')
  const impact = 'Two <b>accounts</b> were locked.'
  const { code, json } = await ipseJson([
    'abuse-report',
    SESSION,
    '--data',
    data,
    '--impact',
    impact,
    '--html',
    page,
  ])
  assert.equal(code, 0)
  const { digest, ...rest } = json
  assert.equal(digest, toBase64url(await sha256(utf8(canonicalJson(rest as never)))))
  assert.deepEqual(rest.spoofTypes, [
    { type: 'surface', meaning: 'A print or a display in front of the camera.' },
  ])
  assert.deepEqual(rest.requestIds, ['req-7'])
  assert.deepEqual(rest.policy, { name: 'standard', version: 3, digest: 'policy-digest' })
  assert.deepEqual(rest.models, [{ id: 'blazeface', version: '1', sha256: 'ab' }])
  assert.equal(rest.businessImpact, impact)

  const html = readFileSync(page, 'utf8')
  assert.match(html, /Two &lt;b&gt;accounts&lt;\/b&gt; were locked\./)
  assert.match(html, /T{43}/)
  const text = await ipse(['abuse-report', SESSION, '--data', data])
  assert.equal(text.code, 0)
  for (const found of [
    'Spoof type: surface',
    'Attempt 1: the head was asked to go left; 80 frames arrived',
    'Business impact: (to be filled in)',
    'flat_surface',
  ])
    assert.ok(text.stdout.includes(found), found)

  const store = await openSqliteStore(join(data, 'ipse.sqlite'))
  const reported = (await store.listSessionAudit('shop', SESSION, 9)).filter(
    ({ event }) => event === 'abuse.reported',
  )
  await store.close()
  assert.deepEqual(
    reported.map(({ actor }) => actor),
    ['ipse abuse-report', 'ipse abuse-report'],
  )
  const missing = await ipse(['abuse-report', 'ses_BAAAAAAAAAAAAAAAAAAAAA', '--data', data])
  assert.deepEqual([missing.code, missing.stdout], [2, ''])
  assert.match(missing.stderr, /there is no session/)
})

/** The same on PostgreSQL: its tables, indexes and write-ahead log, as its server leaves them on the disk. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, test } from 'node:test'
import { openPostgresStore } from '../src/index.ts'
import { markersOf, scanFiles } from '../src/work/erasure-scan.ts'
import { CONSENT, startFixture } from './fixture.ts'
import { startPostgres } from './postgres.ts'
import { scriptedImage } from './scripted-engine.ts'
import { anAudit, aSession } from './store/records.ts'

// Segments of the log that are kept for later keep what stood in them: docs/privacy.md asks for this setting.
const server = await startPostgres(['-c', 'wal_recycle=off'])
after(() => server.stop())

const skip = server.folder === undefined && 'the files of a server at DATABASE_URL are out of reach'

test('postgres: of what was erased nothing is left in the files of the server', { skip }, async () => {
  const store = await openPostgresStore({ url: await server.newDatabase() })
  await using fixture = await startFixture({ open: async () => store })
  const subjects = Array.from({ length: 8 }, () => `subject-${randomBytes(8).toString('hex')}`)
  for (const subject of subjects) {
    const tokenId = randomBytes(16).toString('base64url')
    const receipt = randomBytes(900).toString('base64url')
    await store.insertSession(aSession({ subject, state: 'passed', tokenId, receipt }), anAudit())
    const image = Buffer.from(scriptedImage({})).toString('base64')
    const enrolled = await fixture.call('POST', `/v1/subjects/${subject}/references`, {
      image,
      consent: CONSENT,
    })
    assert.equal(enrolled.status, 201)
  }
  const gone = subjects.slice(0, 4)
  const markers = (await Promise.all(gone.map((subject) => markersOf(fixture, 'shop', subject)))).flat()
  const folder = [server.folder ?? '']
  const before = new Set((await scanFiles(folder, markers)).hits.map(({ of }) => of))
  assert.deepEqual([...before].sort(), [
    'data key',
    'keyed hash',
    'receipt',
    'session',
    'subject',
    'template',
  ])
  for (const subject of gone)
    assert.equal((await fixture.call('DELETE', `/v1/subjects/${subject}`)).status, 200)
  assert.ok((await scanFiles(folder, markers)).hits.length > 0, 'dead rows, until they are cleared away')
  await store.settle()
  const left = await scanFiles(folder, markers)
  assert.deepEqual(left.hits, [])
  assert.ok(left.bytes > 20_000_000)
})

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import fc from 'fast-check'
import { beginTranscript, extendTranscript, type TranscriptScope, toBase64url, utf8 } from '../src/index.ts'

const scope: TranscriptScope = {
  sessionId: 'ses_1',
  challengeId: 'chl_1',
  jkt: 'thumb',
  kid: 'kem_1',
  sdk: 'ipse-web/0.1.0',
}

async function digest(records: readonly Uint8Array[], of = scope): Promise<string> {
  let transcript = await beginTranscript(of)
  for (const record of records) transcript = await extendTranscript(transcript, record)
  return toBase64url(transcript.head)
}

test('T agrees with the recorded vector', async () => {
  const file = new URL('../../../vectors/protocol/transcript.json', import.meta.url)
  for (const vector of JSON.parse(readFileSync(file, 'utf8')) as {
    desc: string
    in: { scope: TranscriptScope; records: string[] }
    want: string
  }[]) {
    assert.equal(await digest(vector.in.records.map(utf8), vector.in.scope), vector.want, vector.desc)
  }
})

test('T changes with any change of records, their order, their borders or the scope', async () => {
  const record = fc.uint8Array({ minLength: 1, maxLength: 40 })
  await fc.assert(
    fc.asyncProperty(fc.array(record, { minLength: 2, maxLength: 6 }), fc.nat(), async (records, pick) => {
      const at = pick % records.length
      const t = await digest(records)
      const flipped = records.map((bytes, i) =>
        i === at ? bytes.map((byte, j) => (j === 0 ? byte ^ 1 : byte)) : bytes,
      )
      assert.notEqual(await digest(flipped), t)
      assert.notEqual(await digest(records.slice(1)), t)
      assert.notEqual(await digest([...records, new Uint8Array(0)]), t)
      assert.notEqual(await digest([Buffer.concat(records.slice(0, 2)), ...records.slice(2)]), t)
      assert.notEqual(await digest(records, { ...scope, jkt: 'other' }), t)
    }),
    { numRuns: 50 },
  )
})

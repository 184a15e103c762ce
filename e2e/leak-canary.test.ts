/**
 * What a real browser and a real service leave on their disks after a check: the very pictures that were taken, the token, and the
 * name are searched for in the browser's profile, its storages, the service's log and its files.
 */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { type Marker, scanFiles } from '@ipse/server'
import type { BrowserContext } from 'playwright-core'
import { openProfile } from './browser.ts'
import { type Service, startService } from './service.ts'
import { visit } from './visitor.ts'

const NAME = 'Ada Canary-Lovelace 4711'
const profile = mkdtempSync(join(tmpdir(), 'ipse-profile-'))
let service: Service
let context: BrowserContext

before(async () => {
  service = await startService()
  context = await openProfile(profile)
})

after(async () => {
  await context?.close()
  await service?.[Symbol.asyncDispose]()
  rmSync(profile, { recursive: true, force: true })
})

/** Runs in the page: hands out a piece from the middle of every picture that the element takes. */
function handOutPieces(): void {
  const own = HTMLCanvasElement.prototype.toBlob
  HTMLCanvasElement.prototype.toBlob = function (this: HTMLCanvasElement, done, ...rest) {
    own.call(
      this,
      (blob) => {
        void blob?.arrayBuffer().then((buffer) => {
          const middle = buffer.byteLength >> 1
          const piece = [...new Uint8Array(buffer.slice(middle, middle + 24))]
          void (globalThis as unknown as { keepPiece(piece: number[]): Promise<void> }).keepPiece(piece)
        })
        done(blob)
      },
      ...rest,
    )
  }
}

test('neither pictures nor the token are anywhere in the browser or the service after a check', async () => {
  const pieces: number[][] = []
  await context.exposeFunction('keepPiece', (piece: number[]) => void pieces.push(piece))
  await context.addInitScript(handOutPieces)
  const page = await context.newPage()
  let token = ''
  page.on('response', async (response) => {
    if (!response.url().endsWith('/api/sign-up')) return
    token = /"captureToken":"([^"]+)"/.exec(await response.text().catch(() => ''))?.[1] ?? ''
  })
  const wish = { kind: 'sign-up', name: NAME, person: 'subject-a', patient: true } as const
  const { session } = await visit(page, service, wish)
  assert.ok(session.attempts.length > 0)
  const frames = pieces.map((bytes): Marker => ({ of: 'picture', bytes: Uint8Array.from(bytes) }))
  // A picture of one colour has nothing in its middle that is its own.
  const marked = frames.filter(({ bytes }) => bytes.length === 24 && new Set(bytes).size > 12)
  assert.ok(marked.length >= 20, `${marked.length} pictures were taken`)
  assert.ok(token.length > 100, 'the page was given a token')

  const kept = await page.evaluate(async () => ({
    local: { ...localStorage },
    session: { ...sessionStorage },
    databases: await indexedDB.databases(),
    caches: await caches.keys(),
    workers: (await navigator.serviceWorker?.getRegistrations())?.length ?? 0,
  }))
  assert.deepEqual(kept, { local: {}, session: {}, databases: [], caches: [], workers: 0 })
  const cookies = (await context.cookies()).filter(
    ({ value }) => token.includes(value) || value.includes(session.id),
  )
  assert.deepEqual(cookies, [])

  await context.close()
  const secret = { of: 'token', bytes: Buffer.from(token.slice(-43)) }
  const left = await scanFiles([profile], [...marked, secret])
  assert.ok(left.files > 20 && left.bytes > 100_000, 'a profile was written')
  assert.deepEqual(left.hits, [], 'browser')
  const name = { of: 'name', bytes: Buffer.from(NAME) }
  const held = await scanFiles([service.dataDir], [...marked, secret])
  assert.deepEqual(held.hits, [], 'service')
  const ours = ['ipse.sqlite', 'ipse.sqlite-wal', 'ipse-keys.sqlite', 'ipse-keys.sqlite-wal'].map((file) =>
    join(service.dataDir, file),
  )
  const named = await scanFiles(ours, [name])
  assert.ok(named.files >= 2)
  assert.deepEqual(named.hits, [], 'the name is the relying party’s; Ipse has a pseudonym')
  for (const word of [
    token.slice(-43),
    NAME,
    ...marked.map(({ bytes }) => Buffer.from(bytes).toString('base64')),
  ])
    assert.ok(!service.output().includes(word), 'log')

  const planted = join(profile, 'planted')
  writeFileSync(
    planted,
    Buffer.concat([Buffer.alloc(999, 'x'), Buffer.from(marked[7]?.bytes ?? []), secret.bytes]),
  )
  const control = await scanFiles([profile], [...marked, secret])
  assert.deepEqual(
    control.hits.map(({ of }) => of).toSorted(),
    ['picture', 'token'],
    'the search finds what is there',
  )
})

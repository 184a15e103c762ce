/** Checkpoints: one of a size however many sign, verified by a stranger, and off the machine sooner or later. */
import assert from 'node:assert/strict'
import { createHmac, randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import { openCheckpoint, rootOf } from '@ipse/protocol'
import { Registry } from 'prom-client'
import {
  createKeyring,
  createShipping,
  openKeys,
  openSqliteStore,
  parseSettings,
  type Settings,
  type Ship,
  shipToAddress,
  shipToFile,
  signCheckpoints,
} from '../src/index.ts'
import { keepLogs } from '../src/log/keep.ts'
import { sha256 } from '../src/node-crypto.ts'
import { createPerson, createTestClock, startFixture } from './fixture.ts'
import { anAudit } from './store/records.ts'

const keys = await openKeys(await createKeyring((length) => new Uint8Array(randomBytes(length)), 0))
const publicUrl = 'https://ipse.test'

async function aLog() {
  const store = await openSqliteStore(':memory:')
  const clock = createTestClock()
  const context = { store, keys, clock, publicUrl }
  const append = async (count: number, tenant = 'shop') => {
    for (let done = 0; done < count; done++) await store.appendAudit(anAudit({ tenant }))
  }
  return { store, clock, context, append, [Symbol.asyncDispose]: () => store.close() }
}

suite('checkpoints', () => {
  test('of every log that has grown, and of no other', async () => {
    await using log = await aLog()
    await log.append(3)
    await log.append(2, 'other')
    assert.equal(await signCheckpoints(log.context), 2)
    assert.equal(await signCheckpoints(log.context), 0)
    await log.append(1)
    assert.equal(await signCheckpoints(log.context), 1)
    const { frontier } = await log.store.logHead('shop')
    const note = (await log.store.lastCheckpoint('shop'))?.note ?? ''
    const opened = await openCheckpoint(note, await keys.logVerifiers('ipse.test/log/shop'))
    assert.deepEqual([opened.size, opened.root], [4, Uint8Array.from(rootOf(frontier, sha256))])
    await assert.rejects(openCheckpoint(note, await keys.logVerifiers('ipse.test/log/other')))
  })

  test('one of a size, however many nodes sign at the same time', async () => {
    await using log = await aLog()
    await log.append(5)
    const made = await Promise.all(Array.from({ length: 6 }, () => signCheckpoints(log.context)))
    assert.equal(
      made.reduce((sum, count) => sum + count),
      1,
    )
    assert.equal((await log.store.listCheckpoints('shop', 0, 9)).length, 1)
  })

  test('their age is a metric, which also tells when nobody signs', async () => {
    await using fixture = await startFixture()
    const age = async () =>
      Number(/^ipse_audit_unsigned_seconds (\S+)$/m.exec((await fixture.call('GET', '/metrics')).body)?.[1])
    await fixture.createSession({ purpose: 'liveness' })
    fixture.clock.advance(90_000)
    assert.ok((await age()) >= 90)
    await signCheckpoints({ ...fixture, publicUrl })
    assert.equal(await age(), 0)
  })
})

suite('shipping', () => {
  test('appends every checkpoint to a file, once and in order', async () => {
    await using log = await aLog()
    const folder = mkdtempSync(join(tmpdir(), 'ipse-ship-'))
    try {
      const path = join(folder, 'checkpoints.txt')
      const shipping = createShipping(log.store, log.clock, [shipToFile(path)])
      for (let size = 1; size <= 3; size++) {
        await log.append(1)
        await signCheckpoints(log.context)
        log.clock.advance(1000)
      }
      assert.equal(await shipping.round(), 3)
      assert.equal(await shipping.round(), 0)
      const notes = (await log.store.listCheckpoints('shop', 0, 9)).map(({ note }) => `${note}\n`)
      assert.equal(readFileSync(path, 'utf8'), notes.join(''))
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  test('sends every checkpoint to an address, signed as Standard Webhooks are', async () => {
    const got: { headers: NodeJS.Dict<string | string[]>; body: string }[] = []
    const server = createServer(async (request, reply) => {
      let body = ''
      for await (const part of request) body += part
      got.push({ headers: request.headers, body })
      reply.end()
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    try {
      await using log = await aLog()
      await log.append(2)
      await signCheckpoints(log.context)
      const address = server.address()
      const port = typeof address === 'object' ? address?.port : 0
      const ship = shipToAddress(`http://127.0.0.1:${port}/in`, 'secret', log.clock)
      assert.equal(await createShipping(log.store, log.clock, [ship]).round(), 1)
      const [{ headers, body }] = got as [(typeof got)[0]]
      assert.equal(body, (await log.store.lastCheckpoint('shop'))?.note)
      const mac = createHmac('sha256', 'secret')
        .update(`${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`)
        .digest('base64')
      assert.equal(headers['webhook-signature'], `v1,${mac}`)
    } finally {
      server.close()
    }
  })

  test('goes on where it was stopped, after longer and longer pauses', async () => {
    await using log = await aLog()
    for (let size = 1; size <= 3; size++) {
      await log.append(1)
      await signCheckpoints(log.context)
      log.clock.advance(1)
    }
    const arrived: number[] = []
    let down = true
    let tries = 0
    const ship: Ship = async ({ size }) => {
      tries++
      if (down && size > 1) throw new Error('nobody there')
      arrived.push(size)
    }
    const shipping = createShipping(log.store, log.clock, [ship])
    await assert.rejects(shipping.round(), /nobody there/)
    assert.equal(await shipping.round(), 0, 'too early')
    log.clock.advance(5_000)
    await assert.rejects(shipping.round(), /nobody there/)
    log.clock.advance(5_000)
    assert.equal(await shipping.round(), 0, 'the second pause is longer')
    assert.equal(tries, 3)
    down = false
    log.clock.advance(5_000)
    assert.equal(await shipping.round(), 2)
    assert.deepEqual(arrived, [1, 2, 3])
  })

  test('an address that refuses has not taken it', async () => {
    const refusing = (async () => new Response('', { status: 503 })) as typeof fetch
    const clock = createTestClock()
    const ship = shipToAddress('https://elsewhere.test', '', clock, refusing)
    await assert.rejects(ship({ tenant: 'shop', size: 1, time: 0, note: 'note' }), /503/)
  })
})

suite('the end of a service', () => {
  const kept = (
    log: Awaited<ReturnType<typeof aLog>>,
    audit: Partial<Settings['audit']>,
    limitMs?: number,
  ) => {
    const troubles: unknown[] = []
    const settings = { audit: { ...parseSettings({}).audit, checkpointSeconds: 3600, ...audit } }
    const troubled = (error: unknown) => void troubles.push(error)
    const end = keepLogs({ ...log.context, settings, registry: new Registry(), troubled }, limitMs)
    return { end, troubles }
  }

  test('signs and ships what was written since the last round, of more logs than a round takes', async () => {
    await using log = await aLog()
    const folder = mkdtempSync(join(tmpdir(), 'ipse-ship-'))
    try {
      const path = join(folder, 'checkpoints.txt')
      const { end, troubles } = kept(log, { checkpointFile: path }, 600_000)
      const tenants = Array.from({ length: 501 }, (_, n) => `tenant-${n}`)
      for (const tenant of tenants) await log.append(1, tenant)
      await end()
      assert.deepEqual(troubles, [])
      assert.deepEqual(await log.store.listUnsignedHeads(9), [])
      assert.equal(readFileSync(path, 'utf8').match(/^ipse\.test\/log\/tenant-/gm)?.length, tenants.length)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  test('does not wait for an address that says nothing: what it did not take is sent after the next start', async () => {
    const silent = createServer(() => {})
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    try {
      await using log = await aLog()
      const address = silent.address()
      const port = typeof address === 'object' ? address?.port : 0
      await log.append(1)
      await signCheckpoints(log.context)
      const { end } = kept(log, { checkpointUrl: `http://127.0.0.1:${port}/`, checkpointSecret: 's' }, 50)
      await end()
      assert.deepEqual(
        (await log.store.listUnsentCheckpoints(9)).map(({ size }) => size),
        [1],
      )
    } finally {
      silent.closeAllConnections()
      silent.close()
    }
  })

  test('comes after the captures that end with it: their entries are under its checkpoint', async () => {
    const fixture = await startFixture({ named: { 'audit.checkpointSeconds': '3600' } })
    const session = await fixture.createSession({ purpose: 'liveness' })
    const person = createPerson(fixture.clock)
    let closed: Promise<unknown> | undefined
    await fixture
      .capture(session, {
        ...person,
        onStep(...step) {
          closed ??= fixture.app.close().then(async () => {
            const { frontier, signedSize } = await fixture.store.logHead('shop')
            const events = (await fixture.store.listAudit('shop', 99)).map(({ event }) => event)
            assert.ok(events.includes('capture.abandoned'), events.join())
            assert.equal(signedSize, frontier.size)
          })
          person.onStep?.(...step)
        },
      })
      .catch(() => {})
    assert.ok(closed)
    await closed
    await fixture.store.close()
  })
})

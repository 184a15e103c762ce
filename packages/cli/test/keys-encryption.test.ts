/** `ipse keys rotate-encryption`, `rewrap`, `destroy` and `ipse templates renew`, with a key in the keyring and behind HTTP. */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { changeKeyring, loadKeyring, openKeys, openSqliteStore, openVault } from '@ipse/server'
import { startTransit } from '../../server/test/transit-server.ts'
import { systemClock, systemRandom } from '../src/installation.ts'
import { openKek } from '../src/kek.ts'
import { emptyFolder, ipse, ipseJson } from './run.ts'

const KEYRING = {
  provider: 'keyring',
  keys: '',
  transitUrl: '',
  transitMount: 'transit',
  transitKey: 'ipse',
  transitToken: '',
  timeoutMs: 2000,
  module: '',
}

/** An installation with some enrolled templates, and what opens them again. */
async function enrolled(settings = KEYRING) {
  const data = join(emptyFolder(), 'data')
  await ipse(['keys', 'create', '--name', 'a', '--scopes', 'session:create', '--data', data])
  async function open() {
    const keys = await openKeys(await loadKeyring(join(data, 'keyring.json')))
    const kek = await openKek(settings, keys)
    const store = await openSqliteStore(join(data, 'ipse.sqlite'))
    const given = { store, keys, kek, clock: systemClock, random: systemRandom }
    return { store, vault: openVault(given), [Symbol.asyncDispose]: () => store.close() }
  }
  const vector = Float32Array.from({ length: 16 }, (_, i) => Math.sin(i))
  await using open_ = await open()
  for (let n = 0; n < 5; n++) {
    const owner = { tenant: 'shop', subject: n === 0 ? 'anna' : 'bert', recordId: `ref_${n}` }
    const sealed = await open_.vault.sealTemplate({ modelId: 'm', vector }, owner, [16])
    await open_.store.insertReference(
      {
        ...sealed,
        id: owner.recordId,
        tenant: 'shop',
        subject: owner.subject,
        source: 'image',
        createdAt: 1,
      },
      { id: `aud_${n}`, time: 1, tenant: 'shop', event: 'reference.enrolled' },
    )
  }
  return {
    data,
    /** How many open to the face that was enrolled. */
    async count() {
      await using opened = await open()
      let good = 0
      for (const reference of await opened.store.listAllReferences({ limit: 99 })) {
        const { tenant, subject, id } = reference
        const template = await opened.vault.openTemplate(reference, { tenant, subject, recordId: id })
        const back = template?.bare(template.template).vector ?? []
        if (vector.every((value, i) => Math.abs(value - (back[i] ?? 9)) < 1e-6)) good++
      }
      return good
    },
  }
}

/** The time of a key's lead is over: a test does not wait for it. */
async function leadIsOver(data: string): Promise<void> {
  const change = (wrapsFrom: number | undefined) =>
    wrapsFrom === undefined ? {} : { wrapsFrom: wrapsFrom - 120_000 }
  await changeKeyring(
    join(data, 'keyring.json'),
    {},
    (ring) => ({ ...ring, encryption: ring.encryption.map((one) => ({ ...one, ...change(one.wrapsFrom) })) }),
    systemRandom.bytes,
  )
}

test('a key-encryption key is rotated, everything moves over, and only then the old one is destroyed', async () => {
  const { data, count } = await enrolled()
  const at = ['--data', data]
  const before = await ipseJson(['keys', 'encryption', ...at])
  const [old] = before.json.keys as { id: string; state: string; keys: number }[]
  assert.deepEqual([old?.state, old?.keys], ['wrapping', 5])
  const id = old?.id ?? ''
  const short = await ipse(['keys', 'rotate-encryption', '--lead', '0m', ...at])
  assert.deepEqual([short.code, /shorter than 1m/.test(short.stderr)], [2, true])
  const rotated = await ipseJson(['keys', 'rotate-encryption', ...at])
  assert.deepEqual([rotated.code, rotated.json.state], [0, 'waiting'])
  const twice = await ipse(['keys', 'rotate-encryption', ...at])
  assert.deepEqual([twice.code, /waits for its time/.test(twice.stderr)], [2, true])
  await leadIsOver(data)
  const early = await ipse(['keys', 'destroy', id, ...at])
  assert.deepEqual(
    [early.code, /5 keys are still wrapped with .* "ipse keys rewrap"/.test(early.stderr)],
    [2, true],
  )
  assert.deepEqual((await ipseJson(['keys', 'rewrap', ...at])).json, {
    kekId: rotated.json.id,
    rewrapped: 5,
    failed: 0,
  })
  const replays = await ipse(['keys', 'destroy', id, ...at])
  assert.deepEqual([replays.code, /--forget-replays/.test(replays.stderr)], [2, true])
  const gone = await ipseJson(['keys', 'destroy', id, '--forget-replays', ...at])
  assert.deepEqual([gone.code, gone.json], [0, { id, destroyed: true }])
  const again = await ipse(['keys', 'destroy', id, '--forget-replays', ...at])
  assert.deepEqual([again.code, /there is no key-encryption key/.test(again.stderr)], [2, true])
  assert.equal(await count(), 5)
  const store = await openSqliteStore(join(data, 'ipse.sqlite'))
  const events = (await store.listAudit('', 99)).map(({ event, key }) => [event, key])
  await store.close()
  assert.deepEqual(events, [
    ['encryption-key.rotated', rotated.json.id],
    ['encryption-key.rewrapped', rotated.json.id],
    ['encryption-key.destroyed', id],
  ])
})

test('templates are renewed in place, all of them or those of one subject', async () => {
  const { data, count } = await enrolled()
  const keyIds = async () => {
    const store = await openSqliteStore(join(data, 'ipse.sqlite'))
    const references = await store.listAllReferences({ limit: 99 })
    await store.close()
    return references.map(({ key }) => ('id' in key ? key.id : ''))
  }
  const first = await keyIds()
  const one = await ipseJson(['templates', 'renew', '--tenant', 'shop', '--subject', 'anna', '--data', data])
  assert.deepEqual(one.json, { renewed: 1, skipped: 0 })
  const second = await keyIds()
  assert.deepEqual(second.filter((id) => first.includes(id)).length, 4)
  assert.deepEqual((await ipseJson(['templates', 'renew', '--data', data])).json, { renewed: 5, skipped: 0 })
  assert.equal((await keyIds()).filter((id) => second.includes(id)).length, 0)
  assert.equal(await count(), 5)
  assert.equal(
    ((await ipseJson(['keys', 'encryption', '--data', data])).json.keys as { keys: number }[])[0]?.keys,
    5,
  )
})

test('the same with a key service: its versions wrap, move over and are destroyed; without it nothing opens', async () => {
  const server = await startTransit()
  const settings = {
    ...KEYRING,
    provider: 'transit',
    transitUrl: server.url,
    transitToken: server.token,
    timeoutMs: 200,
  }
  const { data, count } = await enrolled(settings)
  const env = {
    IPSE_KEK_PROVIDER: 'transit',
    IPSE_KEK_TRANSIT_URL: server.url,
    IPSE_KEK_TRANSIT_TOKEN: server.token,
    IPSE_KEK_TIMEOUT_MS: '200',
  }
  const run = async (...args: string[]) => {
    const { code, stdout, stderr } = await ipse([...args, '--data', data, '--json'], env)
    assert.ok(![stdout, stderr].join().includes(server.token))
    return { code, json: JSON.parse(stdout) }
  }
  assert.equal((await run('keys', 'rotate-encryption')).json.id, 'transit-ipse-v2')
  assert.equal((await run('keys', 'destroy', 'transit-ipse-v1')).code, 2)
  assert.deepEqual((await run('keys', 'rewrap')).json, { kekId: 'transit-ipse-v2', rewrapped: 5, failed: 0 })
  assert.deepEqual((await run('keys', 'destroy', 'transit-ipse-v1')).json, {
    id: 'transit-ipse-v1',
    destroyed: true,
  })
  assert.equal(await count(), 5)
  const finding = async () =>
    ((await run('doctor')).json.findings as { name: string; status: string; detail: string }[]).find(
      ({ name }) => name === 'key-encryption key',
    )
  assert.deepEqual(await finding(), {
    name: 'key-encryption key',
    status: 'ok',
    detail: 'transit: transit-ipse-v2 wraps; 5 keys are wrapped',
  })
  await server[Symbol.asyncDispose]()
  assert.equal((await finding())?.status, 'fail')
  const down = await run('keys', 'rewrap')
  assert.deepEqual([down.code, down.json.error.code], [3, 'storage_unavailable'])
  await assert.rejects(count(), { code: 'storage_unavailable' })
})

test("a module of the operator's own is a provider; one that is not is refused at the start", async () => {
  const folder = emptyFolder()
  const path = join(folder, 'kek.mjs')
  // A class, as people write them: its methods are on the prototype.
  writeFileSync(
    path,
    `class Xor {
      #mask = new Uint8Array(32).fill(90)
      async list() { return [{ id: 'xor', state: 'wrapping' }] }
      async current() { return 'xor' }
      async wrap(key) { return { kekId: 'xor', wrapped: key.map((byte, i) => byte ^ this.#mask[i]) } }
      async unwrap({ wrapped }) { return Uint8Array.from(wrapped, (byte, i) => byte ^ this.#mask[i]) }
    }
    export default () => new Xor()`,
  )
  const { count } = await enrolled({ ...KEYRING, provider: 'module', module: path })
  assert.equal(await count(), 5)
  const bad = join(folder, 'bad.mjs')
  writeFileSync(bad, 'export default () => ({ wrap() {} })')
  const keys = await openKeys(await loadKeyring(join((await enrolled()).data, 'keyring.json')))
  for (const [module, why] of [
    [bad, /lacks list, current, unwrap/],
    [join(folder, 'none.mjs'), /cannot be used/],
    ['', /missing/],
  ] as const)
    await assert.rejects(openKek({ ...KEYRING, provider: 'module', module }, keys), {
      code: 'settings_invalid',
      message: why,
    })
})

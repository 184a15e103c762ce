/** `ipse audit` as people run it: over a data folder, an export, a web server, and a store that somebody has edited. */
import assert from 'node:assert/strict'
import { chmodSync, cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { before, suite, test } from 'node:test'
import { createAuditor, sha256 } from '@ipse/server'
import { installedLog } from '../src/audit/installed.ts'
import { verifyLog } from '../src/audit/verify.ts'
import { openExistingInstallation, systemClock, systemRandom } from '../src/installation.ts'
import { openStore } from '../src/store.ts'
import { emptyFolder, ipse, ipseJson } from './run.ts'

const folder = emptyFolder()
const data = join(folder, 'data')
const exported = join(folder, 'exported')

/** Entries as other commands would leave them, without the time that hundreds of those take. */
async function append(count: number, tenant = 'shop'): Promise<void> {
  await using installation = await openExistingInstallation(data)
  const { store, keys } = installation
  const auditor = createAuditor({ clock: systemClock, random: systemRandom, keys })
  for (let done = 0; done < count; done++)
    await store.appendAudit(auditor.entry('subject.read', tenant, { subject: `person ${done}` }))
}

/** The data folder after somebody with the store's file has had their way with it. */
function editedCopy(sql: string): string {
  const copy = join(emptyFolder(), 'data')
  cpSync(data, copy, { recursive: true })
  chmodSync(copy, 0o700)
  const database = new DatabaseSync(join(copy, 'ipse.sqlite'))
  database.exec(sql)
  database.close()
  return copy
}

const audit = (...args: readonly string[]) => ipseJson(['audit', ...args])
const first = (json: Record<string, unknown>) => (json.logs as Record<string, unknown>[])[0] ?? {}

before(async () => {
  const made = await ipse([
    'keys',
    'create',
    '--name',
    'a',
    '--scopes',
    'all',
    '--tenant',
    'shop',
    '--data',
    data,
  ])
  assert.equal(made.code, 0, made.stderr)
  await append(299)
  assert.equal((await audit('export', exported, '--data', data, '--tenant', 'shop')).json.size, 300)
})

suite('ipse audit verify', () => {
  test('over a data folder: all logs, and the key event is in one', async () => {
    const { code, json } = await audit('verify', '--data', data)
    assert.deepEqual([code, json.ok, json.size, json.firstBad], [0, true, 300, undefined])
    const { entries } = (await audit('show', '--data', data, '--last', '300')).json as {
      entries: { event: string }[]
    }
    assert.deepEqual(
      [entries.length, entries[0]?.event, entries[1]?.event],
      [300, 'key.created', 'subject.read'],
    )
  })

  test('over an export, with keys from elsewhere, and no data folder near', async () => {
    const keys = join(folder, 'keys.txt')
    cpSync(join(exported, 'keys'), keys)
    const { code, json } = await audit('verify', exported, '--log-key', keys)
    assert.deepEqual([code, json.ok, json.size, first(json).keysFrom], [0, true, 300, 'given'])
  })

  test('names the entry that somebody changed in the store, whatever they changed', async () => {
    for (const [place, sql] of [
      [41, `update audit set entry = replace(entry, 'subject.read', 'subject.erased') where position = 41`],
      [150, `update audit set entry = replace(entry, '"time":1', '"time":2') where position = 150`],
      [299, `update audit set entry = entry || ' ' where position = 299`],
      [
        7,
        'update audit set position = case position when 7 then -1 else position end where position in (7, 9);' +
          ' update audit set position = 7 where position = 9; update audit set position = 9 where position = -1',
      ],
      [256, 'delete from audit where position = 298'],
    ] as const) {
      const copy = editedCopy(sql)
      // In this process: only how it is printed would be tested more than once.
      await using installation = await openExistingInstallation(copy)
      const log = await installedLog(installation, 'http://localhost:8420', 'shop')
      const { ok, firstBad } = await verifyLog(log, { sha256, head: log.head })
      assert.deepEqual([ok, firstBad], [false, place], sql)
    }
  })

  test('sees that the end was cut off in the store, head and all, by a checkpoint that was shipped', async () => {
    // Whoever has the store can make it look like an earlier one; 256 entries have one subtree as their frontier.
    const copy = editedCopy(`delete from audit where position >= 256; delete from checkpoints;
      update tenants set log_size = 256, log_signed = 0,
        log_frontier = (select hash from log_nodes where level = 1 and position = 0) where tenant = 'shop'`)
    assert.equal((await audit('verify', '--data', copy)).json.ok, true, 'by itself it is whole')
    const { code, json } = await audit('verify', '--data', copy, '--checkpoint', join(exported, 'checkpoint'))
    assert.deepEqual([code, json.ok, json.firstBad], [1, false, 256])
  })

  test('says it in words, and what is a mistake of the caller', async () => {
    const copy = join(emptyFolder(), 'export')
    cpSync(exported, copy, { recursive: true })
    const bundle = join(copy, 'tile/entries/000')
    writeFileSync(
      bundle,
      readFileSync(bundle).toString('latin1').replace('subject.read', 'subject.reap'),
      'latin1',
    )
    const { code, stdout } = await ipse(['audit', 'verify', copy])
    assert.equal(code, 1)
    assert.match(stdout, /NOT OK .*\/log\/shop: 300 entries/)
    assert.match(stdout, /first wrong entry: 1\n/)
    assert.equal((await ipse(['audit', 'verify', join(folder, 'nowhere')])).code, 2)
    const alien = join(folder, 'alien.json')
    const head = { origin: 'elsewhere/log', size: 0, root: '', note: '', keys: [] }
    writeFileSync(alien, JSON.stringify({ format: 'ipse-log-state/1', ...head }))
    const strange = await ipse(['audit', 'verify', '--data', data, '--state', alien])
    assert.equal(strange.code, 2, 'what is of a log that is not here is held against nothing')
    assert.equal((await ipse(['audit', 'verify', exported, '--log-key', join(folder, 'nowhere')])).code, 2)
    assert.equal(
      (await ipse(['audit', 'export', join(folder, 'x'), '--data', data, '--tenant', 'nobody'])).code,
      2,
    )
  })

  test('over a file with an entry a line, against a checkpoint', async () => {
    const { entries } = (await audit('show', exported, '--last', '300')).json as { entries: object[] }
    const file = join(folder, 'log.jsonl')
    const sorted = (value: object) => JSON.stringify(value)
    writeFileSync(file, entries.map((entry) => `${sorted(entry)}\n`).join(''))
    const options = ['--checkpoint', join(exported, 'checkpoint'), '--log-key', join(exported, 'keys')]
    assert.deepEqual((await audit('verify', file, ...options)).json.ok, true)
    assert.equal((await audit('verify', file)).code, 1, 'a file alone proves nothing')
  })
})

suite('over the years', () => {
  test('a log that only grows is cosigned; one that is rolled back or rewritten is refused with both checkpoints', async () => {
    const server = createServer((request, reply) => {
      const path = join(exported, (request.url ?? '').split('?')[0] ?? '')
      if (existsSync(path)) reply.end(readFileSync(path))
      else reply.writeHead(404).end()
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    try {
      const address = server.address()
      const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
      const [state, key, seen] = ['state.json', 'witness.json', 'seen.json'].map((name) =>
        join(folder, name),
      ) as [string, string, string]
      const look = () => audit('witness', url, '--state', state, '--key', key, '--name', 'witness.test/w1')
      const old = join(folder, 'old')
      cpSync(exported, old, { recursive: true })

      assert.deepEqual(await look().then(({ code, json }) => [code, json.ok, json.size]), [0, true, 300])
      assert.equal((await audit('verify', url, '--state', seen)).code, 0)
      await append(10)
      assert.equal((await audit('export', exported, '--data', data, '--tenant', 'shop')).json.size, 310)
      const grown = await look()
      assert.deepEqual([grown.code, grown.json.size], [0, 310])
      assert.match(String(grown.json.note), /\n— witness\.test\/w1 \S+\n$/)
      const verified = await audit(
        'verify',
        url,
        '--state',
        seen,
        '--log-key',
        join(exported, 'keys'),
        '--log-key',
        String(grown.json.key),
      )
      assert.equal(verified.code, 0)

      cpSync(old, exported, { recursive: true })
      const back = await look()
      assert.deepEqual([back.code, (back.json.problem as { kind: string }).kind], [1, 'rolled-back'])
      assert.equal((back.json.problem as { evidence: string[] }).evidence.length, 2)
      const again = await audit('verify', url, '--state', seen)
      assert.equal(again.code, 1)
      assert.deepEqual(
        (first(again.json).problems as { kind: string }[]).map(({ kind }) => kind),
        ['rolled-back'],
      )
    } finally {
      server.close()
    }
  })

  test('a store that was rewritten with all its hashes is not what was remembered', async () => {
    const state = join(folder, 'own.json')
    const options = ['--data', data, '--tenant', 'shop', '--state', state]
    assert.equal((await audit('verify', ...options)).code, 0)
    await using store = await openStoreOf(data)
    const { frontier } = await store.value.logHead('shop')
    const database = new DatabaseSync(join(data, 'ipse.sqlite'))
    // All that it takes to pass for whole: another history of the same length, signed with the stolen key.
    database.exec(`delete from audit where tenant = 'shop'; delete from log_nodes; delete from checkpoints;
      update tenants set log_size = 0, log_signed = 0, log_frontier = null where tenant = 'shop'`)
    database.close()
    await append(frontier.size)
    await audit('export', join(folder, 'forged'), '--data', data, '--tenant', 'shop')
    assert.equal((await audit('verify', '--data', data, '--tenant', 'shop')).code, 0, 'by itself it is whole')
    const { code, json } = await audit('verify', ...options)
    assert.equal(code, 1)
    assert.ok((first(json).problems as { kind: string }[]).some(({ kind }) => kind === 'forked'))
  })

  test('a key of the log is rotated, and the log says so', async () => {
    const { code, json } = await ipseJson(['keys', 'rotate-log', '--lead', '6m', '--data', data])
    assert.deepEqual(
      [code, (json.keys as { state: string }[]).map(({ state }) => state)],
      [0, ['waiting', 'signing']],
    )
    assert.equal((await audit('verify', '--data', data, '--tenant', '')).json.size, 1)
    assert.equal((await ipseJson(['keys', 'rotate-log', '--data', data])).code, 2, 'one waits already')
  })
})

async function openStoreOf(path: string) {
  const value = await openStore({ url: '', keysUrl: '', connections: 1 }, join(path, 'ipse.sqlite'))
  return { value, [Symbol.asyncDispose]: () => value.close() }
}

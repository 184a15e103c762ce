/** A service that is stopped leaves no entry of its logs without a checkpoint: the ones that were shipped cover all of them. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { IpseClient } from '@ipse/client'
import { openCheckpoint, rootOf } from '@ipse/protocol'
import { sha256 } from '@ipse/server'
import { openInstallation } from '../src/installation.ts'
import { emptyFolder, ipseJson, serve } from './run.ts'

test('everything that a stopped service answered is under a checkpoint that left the machine', async () => {
  const data = join(emptyFolder(), 'data')
  const shipped = join(emptyFolder(), 'checkpoints.txt')
  const { json } = await ipseJson(['keys', 'create', '--name', 't', '--scopes', 'all', '--data', data])
  // So rarely that none is signed while the test runs.
  const never = ['--set', 'audit.checkpointSeconds=3600', '--set', `audit.checkpointFile=${shipped}`]
  const service = await serve(['--data', data, ...never])
  const client = new IpseClient({ baseUrl: service.ready.url, apiKey: json.key as string })
  const session = await client.createSession({ purpose: 'liveness' })
  assert.equal(await service.stop('SIGTERM'), 0, service.stderr())

  await using installation = await openInstallation(data)
  const { store, keys } = installation
  const tenants = await store.listLogs()
  assert.ok(tenants.includes('default'))
  for (const tenant of tenants) {
    const { frontier } = await store.logHead(tenant)
    const note = (await store.lastCheckpoint(tenant))?.note ?? ''
    assert.ok(readFileSync(shipped, 'utf8').includes(note), tenant)
    const origin = note.slice(0, note.indexOf('\n'))
    const { size, root } = await openCheckpoint(note, await keys.logVerifiers(origin))
    assert.deepEqual([size, root], [frontier.size, Uint8Array.from(rootOf(frontier, sha256))])
  }
  const entries = await store.listAudit('default', 99)
  assert.ok(entries.some(({ event, sessionId }) => event === 'session.created' && sessionId === session.id))
})

/** Backup and restore by command: embedded to embedded, embedded to PostgreSQL and back, and what is refused. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { startPostgres } from '../../server/test/postgres.ts'

const IPSE = fileURLToPath(new URL('../bin/ipse.mjs', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'ipse-backup-'))
const server = await startPostgres()
after(async () => {
  await server.stop()
  rmSync(folder, { recursive: true })
})

interface Ran {
  readonly code: number
  readonly json: Record<string, unknown>
  readonly stderr: string
}

async function ipse(words: readonly string[], environment: Record<string, string> = {}): Promise<Ran> {
  const env = { ...process.env, IPSE_STORE_URL: '', ...environment }
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [IPSE, ...words, '--json'], {
      env,
    })
    return { code: 0, json: JSON.parse(stdout), stderr }
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string }
    return { code, json: stdout ? JSON.parse(stdout) : {}, stderr }
  }
}

const data = (name: string) => join(folder, name)
/** A folder with the keyring of the first one and no store. */
function heir(name: string): string {
  cpSync(data('first'), data(name), {
    recursive: true,
    filter: (path) => !path.includes('ipse.sqlite') && !path.includes('keys.sqlite'),
  })
  return data(name)
}
const keys = async (name: string, environment?: Record<string, string>) =>
  ((await ipse(['keys', 'list', '--data', data(name)], environment)).json.keys as { kid: string }[]).map(
    ({ kid }) => kid,
  )

test('a backup is restored, embedded or in PostgreSQL, and refused where something is', async () => {
  const create = [
    'keys',
    'create',
    '--tenant',
    'shop',
    '--name',
    'backend',
    '--scopes',
    'all',
    '--data',
    data('first'),
  ]
  assert.equal((await ipse(create)).code, 0)
  const file = join(folder, 'a.sqlite')
  const made = await ipse(['backup', file, '--data', data('first')])
  assert.equal(made.code, 0, made.stderr)
  assert.equal(statSync(file).mode & 0o077, 0, 'its owner only')
  const again = await ipse(['backup', file, '--data', data('first')])
  assert.deepEqual([again.code, /there already/.test(again.stderr)], [2, true])

  heir('second')
  const restored = await ipse(['restore', file, '--data', data('second')])
  assert.equal(restored.code, 0, restored.stderr)
  assert.deepEqual(await keys('second'), await keys('first'))
  const twice = await ipse(['restore', file, '--data', data('second')])
  assert.deepEqual([twice.code, /not empty/.test(twice.stderr)], [2, true])

  heir('third')
  const environment = { IPSE_STORE_URL: await server.newDatabase() }
  const moved = await ipse(['restore', file, '--data', data('third')], environment)
  assert.equal(moved.code, 0, moved.stderr)
  assert.ok(!JSON.stringify(moved.json).includes(new URL(environment.IPSE_STORE_URL).password))
  assert.deepEqual(await keys('third', environment), await keys('first'))
  assert.equal((await ipse(create.with(-1, data('third')), environment)).code, 0, 'the store goes on')
  const back = join(folder, 'b.sqlite')
  const out = await ipse(['backup', back, '--data', data('third')], environment)
  assert.equal(out.code, 0, out.stderr)
  heir('fourth')
  assert.equal((await ipse(['restore', back, '--data', data('fourth')])).code, 0)
  assert.deepEqual((await keys('fourth')).toSorted(), (await keys('third', environment)).toSorted())
  const doctor = await ipse(['doctor', '--data', data('third')], environment)
  assert.match(JSON.stringify(doctor.json), /PostgreSQL 18/)
})

test('a file that is none, and a store of another keyring, are refused', async () => {
  heir('fifth')
  const nonsense = join(folder, 'nonsense')
  writeFileSync(nonsense, 'not a database at all, however long it is')
  const refused = await ipse(['restore', nonsense, '--without-keys', '--data', data('fifth')])
  assert.deepEqual([refused.code, /no sound backup/.test(refused.stderr)], [2, true])
  assert.equal(readFileSync(nonsense, 'utf8').slice(0, 3), 'not', 'it is left as it was')

  const other = [
    'keys',
    'create',
    '--tenant',
    'shop',
    '--name',
    'x',
    '--scopes',
    'all',
    '--data',
    data('other'),
  ]
  assert.equal((await ipse(other)).code, 0)
  cpSync(join(data('first'), 'ipse.sqlite'), join(data('other'), 'ipse.sqlite'))
  for (const side of ['-wal', '-shm']) rmSync(join(data('other'), `ipse.sqlite${side}`), { force: true })
  const strange = await ipse(['keys', 'list', '--data', data('other')])
  assert.deepEqual([strange.code, /another keyring/.test(strange.stderr)], [2, true])
  const nowhere = { IPSE_STORE_URL: 'mysql://somewhere' }
  const wrong = await ipse(['keys', 'list', '--data', data('first')], nowhere)
  assert.deepEqual([wrong.code, /store\.url/.test(wrong.stderr)], [2, true])
})

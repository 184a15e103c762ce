/** `ipse people` as an operator uses it; e2e/console.test.ts takes its links up in a browser. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { emptyFolder, ipse, ipseJson } from './run.ts'

test('an invitation is shown once, renewed, and listed without its secret', async () => {
  const data = join(emptyFolder(), 'data')
  const env = { IPSE_SERVER_ADMIN_URL: 'https://admin.example' }
  const flags = ['people', 'invite', '--data', data, '--json']
  const made = await ipse(
    [...flags, '--role', 'owner,auditor', '--name', 'Ada Lovelace', '--tenant', 'shop'],
    env,
  )
  assert.equal(made.code, 0, made.stderr)
  const { id, link, roles, tenant, expiresAt } = JSON.parse(made.stdout)
  assert.match(link, /^https:\/\/admin\.example\/admin\/#invitation=[\w-]{43}$/)
  assert.deepEqual([roles, tenant], [['owner', 'auditor'], 'shop'])
  assert.equal(Math.round((Date.parse(expiresAt) - Date.now()) / 3_600_000), 24)
  const again = JSON.parse((await ipse([...flags, '--person', id], env)).stdout)
  assert.deepEqual([again.id, again.roles], [id, roles])
  assert.notEqual(again.link, link)
  const { stdout } = await ipse(['people', 'list', '--data', data, '--json'])
  assert.deepEqual(
    JSON.parse(stdout).people.map((person: Record<string, unknown>) => [
      person.id,
      person.state,
      person.passkeys,
    ]),
    [[id, 'invited', 0]],
  )
  const secret = again.link.split('=')[1]
  const kept = readFileSync(join(data, 'ipse.sqlite'), 'latin1')
  assert.ok(!stdout.includes(secret) && !kept.includes(secret), 'the store holds a keyed hash')
  // Nobody could sign in as this owner yet: they are not the last one who can.
  assert.deepEqual((await ipseJson(['people', 'disable', id, '--data', data])).json, { id, disabled: true })
  assert.equal((await ipse([...flags, '--person', id])).code, 2, 'the disabled are not invited again')
})

test('what cannot be is refused in a sentence', async () => {
  const data = join(emptyFolder(), 'data')
  const wrong: readonly (readonly [readonly string[], RegExp])[] = [
    [['--role', 'root', '--name', 'Ada'], /owner, operator, reviewer, auditor, privacy-officer/],
    [['--role', 'owner'], /--name and --role, or --person alone/],
    [['--role', 'owner', '--name', '<Ada>'], /a name is/],
    [['--role', 'owner', '--name', 'Ada', '--tenant', 'A B'], /a tenant is/],
    [['--person', 'per_nobody'], /not_found/],
  ]
  for (const [flags, sentence] of wrong) {
    const { code, stderr, stdout } = await ipse(['people', 'invite', '--data', data, ...flags])
    assert.deepEqual([code, stdout], [2, ''], flags.join(' '))
    assert.match(stderr, sentence)
  }
})

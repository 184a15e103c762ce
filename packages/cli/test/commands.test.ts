import assert from 'node:assert/strict'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { createEngine } from '@ipse/engine'
import { FIXTURES } from '@ipse/lab'
import { loadFixture } from '@ipse/lab/node'
import type { Command } from 'commander'
import { netpbmToPng } from '../src/eval/netpbm.ts'
import { COMMAND_NAMES, createProgram } from '../src/program.ts'
import { emptyFolder, ipse, ipseJson, photograph } from './run.ts'

const folder = emptyFolder()
const file = (name: string, content: string | Uint8Array) => {
  writeFileSync(join(folder, name), content)
  return join(folder, name)
}
/** Close photographs of two people, cut from the group photographs. */
const engine = await createEngine({ threads: 1 })
const portraits = await Promise.all(
  FIXTURES.slice(0, 2).map(async (fixture) => {
    const { portrait } = await loadFixture(
      fixture,
      async (jpeg) => (await engine.measure(jpeg)).mesh?.landmarks,
    )
    return file(`${fixture.name}.jpg`, portrait)
  }),
)
await engine.close()
const [a = '', b = ''] = portraits
const blank = file(
  'blank.png',
  netpbmToPng(Buffer.concat([Buffer.from('P5 64 64 255\n'), Buffer.alloc(4096, 128)])) ?? '',
)
const text = file('text.jpg', 'not an image')
const missing = join(folder, 'missing.jpg')

test('verify says match for one person and non-match for two, with score and threshold', async () => {
  const same = await ipseJson(['verify', a, a])
  assert.equal(same.code, 0)
  assert.equal(same.json.decision, 'match')
  const other = await ipseJson(['verify', a, b])
  assert.equal(other.code, 1)
  assert.equal(other.json.decision, 'non-match')
  for (const { json } of [same, other]) {
    const { score, threshold, fmr, similarity, model, dataset } = json as Record<string, number>
    assert.equal((score ?? Number.NaN) >= (threshold ?? Number.NaN), json.decision === 'match')
    assert.equal((similarity ?? Number.NaN) >= 0.5, json.decision === 'match')
    assert.ok(fmr && fmr > 0 && fmr < 1 && model && dataset)
  }
})

test('verify decides at the rate that is asked for, and refuses one that was never measured', async () => {
  const loose = await ipseJson(['verify', a, a, '--fmr', '0.1'])
  const strict = await ipseJson(['verify', a, a, '--fmr', '1e-3'])
  assert.ok((loose.json.threshold as number) < (strict.json.threshold as number))
  assert.ok((strict.json.fmr as number) <= 1e-3)
  const impossible = await ipse(['verify', a, a, '--fmr', '1e-12'])
  assert.equal(impossible.code, 2)
  assert.match(impossible.stderr, /this model was measured at/)
})

test('detect lists faces, pose and quality; landmarks when asked; no face is an answer', async () => {
  const found = await ipseJson(['detect', photograph(1), '--landmarks'])
  assert.equal(found.code, 0)
  assert.ok((found.json.faces as unknown[]).length >= 2)
  assert.equal((found.json.landmarks as unknown[]).length, 468)
  assert.ok(found.json.pose && found.json.quality)
  const none = await ipseJson(['detect', blank])
  assert.equal(none.code, 1)
  assert.deepEqual(none.json.faces, [])
  const plain = await ipse(['detect', a])
  assert.match(plain.stdout, /^1 face in/)
})

test('eval match reports what scripts read, counts failures to acquire and writes both kinds of report', async () => {
  const pairs = file(
    'pairs.csv',
    `a,b,mated\n${a},${a},1\n${a},${b},0\n${b},${b},1\n${a},${blank},0\n${text},${b},1\n`,
  )
  const svg = join(folder, 'det.svg')
  const { code, json } = await ipseJson(['eval', 'match', '--pairs', pairs, '--report', svg])
  assert.equal(code, 0)
  assert.deepEqual([json.mated, json.nonMated, json.failureToAcquire], [2, 1, 2])
  assert.deepEqual([json.auc, json.eer], [1, 0])
  assert.deepEqual((json.tarAtFmr as Record<string, number>)['0.01'], 1)
  assert.deepEqual((json.tarAtFmr as Record<string, number>)['0.001'], 1)
  assert.deepEqual(json.pairsLeftOut, { mated: 1, nonMated: 1 })
  assert.deepEqual((json.failures as { reason: string }[]).map(({ reason }) => reason).sort(), [
    'image_unreadable',
    'no-face',
  ])
  assert.match(readFileSync(svg, 'utf8'), /^<svg /)
  const html = join(folder, 'det.html')
  const plain = await ipse(['eval', 'match', '--pairs', pairs, '--report', html])
  assert.match(plain.stdout, /no: 1 of 2995 non-mated pairs/)
  assert.match(readFileSync(html, 'utf8'), /<svg /)
})

test('doctor measures, names every model with its hash, and fails when something is wrong', async () => {
  const data = join(emptyFolder(), 'data')
  const fresh = await ipseJson(['doctor', '--data', data])
  assert.equal(fresh.code, 0)
  const findings = fresh.json.findings as { name: string; status: string; detail: string }[]
  const status = Object.fromEntries(findings.map((finding) => [finding.name, finding.status]))
  assert.deepEqual(
    [status.node, status.settings, status['data folder'], status.models],
    ['ok', 'ok', 'warn', 'ok'],
  )
  assert.notEqual(status.measurement, 'fail')
  assert.throws(() => statSync(data), { code: 'ENOENT' })
  assert.equal((await ipse(['keys', 'create', '--name', 'k', '--scopes', 'all', '--data', data])).code, 0)
  const made = await ipse(['doctor', '--data', data])
  assert.equal(made.code, 0)
  assert.match(made.stdout, /ok {4}keyring/)
  assert.match(made.stdout, /ok {4}store/)
  writeFileSync(join(data, 'keyring.json'), '{}')
  const broken = await ipseJson(['doctor', '--data', data, '--set', 'server.port=abc'])
  assert.equal(broken.code, 1)
  const failed = (broken.json.findings as { name: string; status: string; advice?: string }[]).filter(
    (finding) => finding.status === 'fail',
  )
  assert.deepEqual(
    failed.map(({ name }) => name),
    ['settings', 'keyring'],
  )
  for (const { advice } of failed) assert.ok(advice)
})

test('keys are made for their owner only, shown once, listed without secrets and revoked once', async () => {
  const data = join(emptyFolder(), 'data')
  const args = ['--name', 'shop', '--scopes', 'session:create,session:read', '--data', data]
  const { json } = await ipseJson(['keys', 'create', ...args, '--origin', 'https://shop.example'])
  const { key, kid } = json as { key: string; kid: string }
  assert.match(key, /^ipse_live_[0-9a-f]{16}_[A-Za-z0-9_-]{43}$/)
  assert.deepEqual(
    [json.tenant, json.scopes, json.origins],
    ['default', ['session:create', 'session:read'], ['https://shop.example']],
  )
  for (const name of ['', 'keyring.json', 'ipse.sqlite'])
    assert.equal(statSync(join(data, name)).mode & 0o077, 0, name)
  const listed = await ipse(['keys', 'list', '--data', data, '--json'])
  assert.ok(listed.stdout.includes(kid) && !listed.stdout.includes(key.split('_')[3] ?? key))
  assert.ok(!readFileSync(join(data, 'ipse.sqlite'), 'latin1').includes(key.split('_')[3] ?? key))
  assert.equal((await ipse(['keys', 'revoke', kid, '--data', data])).code, 0)
  assert.equal((await ipse(['keys', 'revoke', kid, '--data', data])).code, 2)
  assert.match((await ipse(['keys', 'list', '--data', data])).stdout, /revoked/)
})

test('purge reports what it did', async () => {
  const data = join(emptyFolder(), 'data')
  await ipse(['keys', 'create', '--name', 'k', '--scopes', 'all', '--data', data])
  const { code, json } = await ipseJson(['purge', '--data', data, '--set', 'retention.sessionDays=7'])
  assert.equal(code, 0)
  assert.deepEqual(json, { expired: 0, deleted: {}, othersDeleted: 0 })
})

test('every command has help and --json, and is a sentence in the list that loads none of them', async () => {
  const visit = (command: Command, path: string): void => {
    assert.match(command.description(), /^\S.{10}/, path)
    assert.ok(command.helpInformation().startsWith(`Usage: ${path} `), path)
    if (command.commands.length === 0)
      assert.ok(
        command.options.some(({ long }) => long === '--json'),
        path,
      )
    for (const child of command.commands) visit(child, `${path} ${child.name()}`)
  }
  visit(await createProgram(COMMAND_NAMES), 'ipse')
  const list = (await createProgram([])).helpInformation()
  for (const name of COMMAND_NAMES) assert.match(list, new RegExp(`^  ${name} +\\S`, 'm'))
})

test('help and version are on standard output', async () => {
  for (const args of [
    ['help', 'keys'],
    ['keys', 'create', '--help'],
  ]) {
    const { code, stdout, stderr } = await ipse(args)
    assert.deepEqual([code, stderr], [0, ''], args.join(' '))
    assert.match(stdout, /^Usage: ipse[\s\S]*\n {2}(create|--scopes) /, args.join(' '))
  }
  assert.match((await ipse(['--version'])).stdout, /^\d+\.\d+\.\d+\n$/)
})

/** What was tried at the command line, the exit code that must come back, and what it must say. */
const BAD: [name: string, args: string[], says: RegExp, code?: number][] = [
  ['an unknown command', ['recognise', a], /unknown command/],
  ['an unknown option', ['detect', a, '--fast'], /unknown option/],
  ['too few arguments', ['verify', a], /missing required argument/],
  ['too many arguments', ['verify', a, b, a], /too many arguments/],
  ['a missing file', ['verify', a, missing], /missing\.jpg: there is no such file/],
  ['a folder', ['detect', folder], /this is a folder/],
  ['no image', ['detect', text], /image_unreadable/],
  ['an empty file', ['detect', file('empty.jpg', '')], /image_unreadable/],
  [
    'half a photograph',
    ['verify', a, file('half.jpg', readFileSync(a).subarray(0, 4000))],
    /image_unreadable/,
  ],
  [
    'a photograph without a face',
    ['verify', a, blank],
    /reference_unusable: .*blank\.png: no face was found/,
  ],
  ['a rate that is none', ['verify', a, b, '--fmr', '2'], /between 0 and 1/],
  ['a rate in words', ['verify', a, b, '--fmr', 'low'], /between 0 and 1/],
  ['a manifest that is not there', ['detect', a, '--manifest', missing], /no such file/],
  ['a manifest that is not JSON', ['detect', a, '--manifest', text], /model_invalid/, 3],
  ['no list of pairs', ['eval', 'match'], /required option '--pairs/],
  ['an empty list', ['eval', 'match', '--pairs', file('none.csv', '')], /columns a, b, mated/],
  [
    'a list with other columns',
    ['eval', 'match', '--pairs', file('other.csv', 'x,y\n1,2\n')],
    /columns a, b, mated/,
  ],
  [
    'a list that names a missing image',
    ['eval', 'match', '--pairs', file('gone.csv', 'a,b,mated\nq.jpg,r.jpg,1\n')],
    /no such file/,
  ],
  [
    'a list of one kind',
    ['eval', 'match', '--pairs', file('one.csv', `a,b,mated\n${a},${b},1\n`)],
    /no non-mated pair/,
  ],
  ['a report of another kind', ['eval', 'match', '--pairs', text, '--report', 'x.pdf'], /\.svg or \.html/],
  ['a key without scopes', ['keys', 'create', '--name', 'x'], /required option '--scopes/],
  ['a scope that is none', ['keys', 'create', '--name', 'x', '--scopes', 'root'], /Unknown: root/],
  [
    'a tenant that is none',
    ['keys', 'create', '--name', 'x', '--scopes', 'all', '--tenant', 'A B', '--data', join(folder, 'd')],
    /tenant/,
  ],
  [
    'an origin that is none',
    [
      'keys',
      'create',
      '--name',
      'x',
      '--scopes',
      'all',
      '--origin',
      'shop.example',
      '--data',
      join(folder, 'd'),
    ],
    /origin/,
  ],
  ['keys of a folder that is none', ['keys', 'list', '--data', join(folder, 'nothing')], /no data folder/],
  [
    'a data folder that is a file',
    ['keys', 'create', '--name', 'x', '--scopes', 'all', '--data', text],
    /text\.jpg/,
  ],
  [
    'a key that is not there',
    ['keys', 'revoke', '0123456789abcdef', '--data', join(folder, 'd')],
    /not_found/,
  ],
  [
    'a setting that is none',
    ['serve', '--set', 'server.colour=red'],
    /server\.colour: there is no such setting/,
  ],
  ['a setting without value', ['serve', '--set', 'server.port'], /name=value/],
  ['a port that is none', ['serve', '--port', '70000'], /0 to 65535/],
  [
    'all the world over plain HTTP',
    ['serve', '--host', '0.0.0.0', '--port', '0', '--data', join(folder, 'w')],
    /other machines would reach Ipse over plain HTTP/,
  ],
  [
    'a plain public address',
    ['serve', '--port', '0', '--set', 'server.publicUrl=http://ipse.example', '--data', join(folder, 'w')],
    /no camera to plain HTTP/,
  ],
  ['a site in production', ['serve', '--site', 'x.ts'], /--site needs --dev/],
  [
    'a site that is not there',
    ['serve', '--dev', '--site', join(folder, 'no.ts'), '--port', '0', '--data', join(folder, 's')],
    /--site .*no\.ts/,
  ],
]

describe('bad input', { concurrency: 2 }, () => {
  for (const [name, args, says, wanted = 2] of BAD) {
    test(`refuses ${name} with exit code ${wanted} and a sentence`, async () => {
      const { code, stdout, stderr } = await ipse([...args, '--json'])
      assert.equal(code, wanted, stderr)
      assert.match(stderr, says)
      assert.ok(!stderr.includes('    at '), 'no stack')
      assert.equal(typeof JSON.parse(stdout).error.code, 'string')
    })
  }
})

test('without a command the help is shown on standard error', async () => {
  const { code, stdout, stderr } = await ipse([])
  assert.deepEqual([code, stdout], [2, ''])
  assert.match(stderr, /Usage: ipse/)
})

test('without --json an error leaves standard output empty', async () => {
  for (const args of [
    ['verify', a],
    ['detect', missing],
  ])
    assert.equal((await ipse(args)).stdout, '')
})

test('settings that are wrong in the environment are all named at once', async () => {
  const { code, stderr } = await ipse(['serve'], {
    IPSE_SERVER_PORT: 'x',
    IPSE_COLOUR: 'red',
    IPSE_CAPTURE_WIDTH: '1',
  })
  assert.equal(code, 2)
  for (const name of ['server.port', 'IPSE_COLOUR', 'capture.width'])
    assert.match(stderr, new RegExp(name.replace('.', '\\.')))
})

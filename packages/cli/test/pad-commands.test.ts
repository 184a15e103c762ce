/** `eval pad`, `calibrate`, `policies` and `assess` as people run them, on pictures and clips of the laboratory. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { createEngine } from '@ipse/engine'
import {
  createActor,
  createActorFeed,
  createClip,
  createSubject,
  FIXTURES,
  type ScriptedStep,
} from '@ipse/lab'
import { type FixtureSource, loadFixture, loadPhoto, toJpeg, writeMjpeg } from '@ipse/lab/node'
import type { Calibration, Evidence } from '@ipse/protocol'
import { POLICIES, parsePolicy, resolvePolicy } from '@ipse/server'
import { padNetwork, REDNESS } from './pad-networks.ts'
import { emptyFolder, ipse, ipseJson, serve } from './run.ts'

const folder = emptyFolder()
const file = (name: string, content: string | Uint8Array) => {
  writeFileSync(join(folder, name), content)
  return join(folder, name)
}

interface PadJson {
  readonly bonaFide: { readonly n: number; readonly nonResponses: number }
  readonly species: readonly {
    readonly name: string
    readonly n: number
    readonly responses: number
    readonly nonResponses: number
    readonly apcer: number
    readonly apnrr: number
    readonly upper95: number
  }[]
  readonly worst: { readonly name: string; readonly apcer: number }
  readonly atApcer: readonly {
    readonly target: number
    readonly claim: { readonly supported: boolean; readonly needs?: number }
    readonly bpcer?: number
  }[]
  readonly threshold: { readonly value: number; readonly source: string }
}

interface AssessJson {
  readonly decision: string
  readonly against: readonly string[]
  readonly assurance: string
  readonly live: boolean
  readonly frames: { readonly read: number; readonly measured: number; readonly turns: number }
  readonly evidence: readonly (Evidence & { readonly needs?: string })[]
}

/** Pictures of four people, and of the same with the lines of a display over them, so many pixels apart. */
const PERIODS_PX = [4, 4.5, 5, 5.5, 6, 6.5, 7, 7.5]
const engine = await createEngine({ threads: 1 })
const rows = ['path,label,species,subject']
const sources: (FixtureSource & { readonly name: string })[] = []
for (const fixture of FIXTURES.slice(0, 5)) {
  const source = await loadFixture(fixture, async (jpeg) => (await engine.measure(jpeg)).mesh?.landmarks)
  sources.push({ name: fixture.name, ...source })
  file(`${fixture.name}.jpg`, source.portrait)
  // A neighbour's face comes into the first one's picture.
  if (fixture === FIXTURES[0]) continue
  rows.push(`${fixture.name}.jpg,bona-fide,,${fixture.name}`)
  const photo = await loadPhoto(source.portrait)
  for (const period of PERIODS_PX) {
    const data = photo.data.map((value, i) => {
      const line = Math.sin((2 * Math.PI * (Math.floor(i / 3) % photo.width)) / period)
      return Math.max(0, Math.min(255, value + 24 * line))
    })
    file(`${fixture.name}-${period}.jpg`, await toJpeg({ ...photo, data }, 92))
    rows.push(`${fixture.name}-${period}.jpg,attack,display-lines,${fixture.name}`)
  }
}
await engine.close()
const [victim, other] = sources
rows.push('nothing.png,attack,display-lines,subject-a')
file('nothing.png', 'no image')
const samples = file('pad.csv', rows.join('\n'))
const count = 4 * PERIODS_PX.length
const policyFile = join(folder, 'policies.json')

test('eval pad counts by species, keeps non-responses apart and claims only what the samples carry', async () => {
  const page = join(folder, 'pad.html')
  const { code, json } = await ipseJson([
    ...['eval', 'pad', '--samples', samples, '--score', 'moire', '--report', page],
  ])
  assert.equal(code, 0)
  const { bonaFide, species, worst, atApcer, threshold } = json as unknown as PadJson
  const [lines] = species
  assert.ok(lines)
  assert.deepEqual([bonaFide.n, bonaFide.nonResponses], [4, 0])
  assert.equal(species.length, 1)
  assert.deepEqual([lines.name, lines.n], ['display-lines', count + 1])
  assert.ok(lines.nonResponses >= 1 && lines.apnrr > 0)
  assert.equal(lines.apcer, 0)
  assert.ok(Math.abs(lines.upper95 - (1 - 0.025 ** (1 / lines.responses))) < 1e-12)
  assert.deepEqual([worst.name, worst.apcer], ['display-lines', 0])
  assert.deepEqual(threshold, { value: 0, source: 'policy standard' })
  assert.deepEqual(
    atApcer.map(({ target, claim, bpcer }) => [target, claim.supported, typeof bpcer, claim.needs]),
    [
      [0.1, true, 'number', undefined],
      [0.05, false, 'undefined', 59],
      [0.01, false, 'undefined', 299],
    ],
  )
  const html = readFileSync(page, 'utf8')
  assert.ok(
    html.includes('<svg') && html.includes('not claimed') && !/<script|https?:\/\/(?!www\.w3)/.test(html),
  )
})

test('the networks that come with Ipse are evaluated with a warning, and never calibrated', async () => {
  const few = file('few.csv', `${rows.slice(0, 3).join('\n')}\n`)
  const { code, stderr, stdout } = await ipse(['eval', 'pad', '--samples', few, '--json'])
  assert.equal(code, 0)
  assert.match(stderr, /WARNING: .* do NOT separate attacks/)
  const { networks, threshold, warnings } = JSON.parse(stdout)
  assert.equal(networks.length, 2)
  assert.match(threshold.source, /no operating point was measured/)
  assert.equal(warnings.length, 1)
  const out = join(folder, 'never.json')
  const refused = await ipse(['calibrate', '--samples', few, '--out', out])
  assert.equal(refused.code, 2)
  assert.match(refused.stderr, /must not gate; name your own/)
  assert.ok(!existsSync(out))
})

test('calibrate writes a policy with what was measured, or nothing when the samples cannot carry it', async () => {
  const base = ['calibrate', '--samples', samples, '--score', 'moire', '--out', policyFile]
  const short = file('short.csv', `${rows.slice(0, 4).join('\n')}\n`)
  const few = await ipseJson([...base, '--samples', short, '--apcer', '0.01'])
  assert.equal(few.code, 1)
  assert.deepEqual([few.json.written, few.json.refused], [null, 'too-few-samples'])
  assert.match(few.json.why as string, /needs 299 responses of each: display-lines has 2/)
  assert.ok(!existsSync(policyFile))

  const { code, json } = await ipseJson([...base, '--apcer', '0.1', '--max-bpcer', '0.5', '--name', 'branch'])
  assert.equal(code, 0)
  const { calibration, warnings } = json as unknown as { calibration: Calibration; warnings: string[] }
  assert.equal(warnings.length, 1 + Number(calibration.atLeast <= 0))
  assert.match(warnings[0] ?? '', /use --holdout/)
  const document = JSON.parse(readFileSync(policyFile, 'utf8'))
  assert.deepEqual(document.calibration, [calibration])
  assert.deepEqual(calibration.dataset, {
    name: 'pad.csv',
    sha256: createHash('sha256').update(readFileSync(samples)).digest('hex'),
  })
  assert.ok(calibration.bySubject && calibration.heldOut === undefined)
  assert.ok((calibration.measured.species['display-lines']?.n ?? 0) >= 29)
  assert.equal(Object.keys(calibration.models).length, 2)
  const policy = parsePolicy(document, POLICIES)
  assert.deepEqual(policy.rules.at(-1), {
    signal: 'moire',
    atLeast: calibration.atLeast,
    otherwise: 'review',
    reason: 'display_suspected',
    missing: 'retry',
  })
})

test("an operator's network is calibrated by itself, and its policy file holds the network's hash", async () => {
  const network = padNetwork(folder, 'redness', REDNESS, 1.4)
  const manifest = file('manifest.json', JSON.stringify({ models: [network] }))
  const lines = [rows[0]]
  for (const { name, portrait } of sources.slice(1)) {
    const photo = await loadPhoto(portrait)
    lines.push(`${name}.jpg,bona-fide,,${name}`)
    for (let shade = 0; shade < PERIODS_PX.length; shade++) {
      const data = photo.data.map((value, i) => (i % 3 === 0 ? value * (0.75 - shade / 50) : value))
      file(`${name}-pale-${shade}.jpg`, await toJpeg({ ...photo, data }, 92))
      lines.push(`${name}-pale-${shade}.jpg,attack,pale-print,${name}`)
    }
  }
  const list = file('pale.csv', lines.join('\n'))
  const out = join(folder, 'redness-policy.json')
  const { code, json } = await ipseJson([
    ...['calibrate', '--samples', list, '--manifest', manifest, '--apcer', '0.1', '--out', out],
  ])
  assert.equal(code, 0, JSON.stringify(json))
  const { models, model, measured, atLeast } = json.calibration as Calibration
  assert.deepEqual([model, models], ['redness', { redness: network.sha256 }])
  assert.equal(measured.species['pale-print']?.rate, 0)
  assert.equal(measured.bonaFide.rate, 0)
  const policy = parsePolicy(JSON.parse(readFileSync(out, 'utf8')), POLICIES)
  const resolved = resolvePolicy(policy, [{ fmr: 1e-3, threshold: 0.5 }])
  assert.deepEqual(
    resolved.rules
      .filter(({ signal }) => signal === 'texture')
      .map((rule) => [rule.model, rule.atLeast, rule.apcer]),
    [['redness', atLeast, 0]],
  )
})

test('a policy file is listed, shown, checked and used; one that is not sound stops the service', async () => {
  const list = await ipseJson(['policies', 'list', '--policies', policyFile])
  assert.deepEqual(
    (list.json.policies as { name: string; shipped: boolean }[]).filter(({ shipped }) => !shipped),
    (list.json.policies as { name: string }[]).filter(({ name }) => name === 'branch'),
  )
  const shown = await ipseJson(['policies', 'show', 'branch', '--policies', policyFile])
  assert.equal(shown.json.name, 'branch')
  const check = await ipse(['policies', 'check', policyFile])
  assert.equal(check.code, 0)
  assert.match(check.stdout, /further demand +moire at least/)
  assert.equal((await ipse(['policies', 'show', 'branch'])).code, 2)

  const args = ['--set', `policies.path=${policyFile}`]
  {
    await using running = await serve(['--data', join(folder, 'data'), ...args])
    assert.equal((await fetch(`${running.ready.listening}/healthz`)).status, 200)
  }
  const doctor = await ipseJson(['doctor', '--data', join(folder, 'data'), ...args])
  const finding = (doctor.json.findings as { name: string; detail: string }[]).find(
    ({ name }) => name === 'policies',
  )
  assert.match(finding?.detail ?? '', /branch\/1; 1 from files/)

  const document = JSON.parse(readFileSync(policyFile, 'utf8'))
  const bad = file(
    'bad.json',
    JSON.stringify({ ...document, rules: [{ ...document.rules[0], atLeast: 'x' }] }),
  )
  for (const command of [
    ['serve', '--port', '0', '--data', join(folder, 'data'), '--set', `policies.path=${bad}`],
    ['policies', 'check', bad],
  ]) {
    const { code, stderr } = await ipse(command)
    assert.equal(code, 2)
    assert.match(stderr, /^policy_invalid: .*bad\.json: rules\[0\]\.atLeast must be a number/)
  }
  const models = Object.fromEntries(
    Object.keys(document.calibration[0].models).map((id) => [id, 'a'.repeat(64)]),
  )
  const stale = { ...document, calibration: [{ ...document.calibration[0], models }] }
  const other = file('stale.json', JSON.stringify(stale))
  const refused = await ipse([
    ...['serve', '--port', '0', '--data', join(folder, 'data'), '--set', `policies.path=${other}`],
  ])
  assert.equal(refused.code, 2)
  assert.match(refused.stderr, /policy_invalid: policy branch: .* calibrate again/)
})

test('lists with mistakes are refused with line and code', async () => {
  const cases: readonly (readonly [string, string, RegExp])[] = [
    ['path,label\nx,attack\n', 'invalid_request', /path, label, species/],
    [
      'path,label,species\nmissing.jpg,attack,print\n',
      'invalid_request',
      /line 2: .*missing\.jpg: there is no/,
    ],
    ['path,label,species\npad.csv,genuine,\n', 'invalid_request', /line 2: label must be/],
  ]
  for (const [csv, code, message] of cases) {
    const { code: exit, json } = await ipseJson(['eval', 'pad', '--samples', file('bad.csv', csv)])
    const { error } = json as { error: { code: string; message: string } }
    assert.deepEqual([exit, error.code], [2, code])
    assert.match(error.message, message)
  }
  const unknown = await ipse(['eval', 'pad', '--samples', samples, '--score', 'frame-cadence'])
  assert.equal(unknown.code, 2)
  assert.match(unknown.stderr, /a recording has the scores single-face/)
})

const TURN: readonly ScriptedStep[] = [
  { atMs: 0, step: { kind: 'hold' } },
  { atMs: 1200, step: { kind: 'head-pose', direction: 'left', targetDeg: 20 } },
  { atMs: 3000, step: { kind: 'center' } },
]

test('a recording of a person has nothing against it, and is never accepted under any policy', async () => {
  assert.ok(victim && other)
  const subject = createSubject(victim.photo, victim.landmarks)
  const feed = createActorFeed({ subject, actor: createActor({ seed: 5 }), seed: 5 })
  const clip = join(folder, 'clip.mjpeg')
  await writeMjpeg(createClip({ feed, fps: 10, durationMs: 4500, script: TURN }), clip)
  const reference = join(folder, `${victim.name}.jpg`)
  const { code, json } = await ipseJson(['assess', clip, '--reference', reference])
  const { decision, against, evidence, frames, assurance, live } = json as unknown as AssessJson
  const line = (name: string) => evidence.find(({ signal }) => signal === name)
  assert.deepEqual([code, against, assurance, live], [0, [], 'none', false])
  assert.ok(decision === 'retry' || decision === 'review')
  assert.deepEqual([frames.read, frames.measured], [45, 45])
  assert.ok(frames.turns >= 1)
  for (const name of ['planarity', 'match', 'identity-continuity', 'moire', 'sensor-noise'])
    assert.equal(line(name)?.verdict, 'pass', name)
  assert.equal(line('challenge-response')?.verdict, 'insufficient')
  assert.equal(line('challenge-response')?.needs, 'nothing was asked')
  assert.equal(line('frame-cadence')?.measurement.status, 'failure-to-assess')

  const wrong = await ipseJson(['assess', clip, '--reference', join(folder, `${other.name}.jpg`)])
  assert.deepEqual([wrong.code, wrong.json.decision, wrong.json.against], [1, 'reject', ['match']])
  const passive = await ipseJson(['assess', reference, '--policy', 'passive'])
  assert.notEqual(passive.json.decision, 'accept')
  assert.equal(passive.json.assurance, 'none')
  const nobody = await ipse(['assess', file('broken.jpg', 'x')])
  assert.equal(nobody.code, 2)
  assert.match(nobody.stderr, /image_unreadable: .*broken\.jpg/)
})

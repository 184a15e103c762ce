/**
 * A receipt names a policy by name, version and digest. Whoever changes what a version means breaks every receipt that
 * names it: the digests of the shipped policies are pinned, as receipts carry them, at fixed operating points.
 */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { digestOf, type Json } from '@ipse/protocol'
import { POLICIES, resolvePolicy, type Threshold } from '../src/domain/policies/index.ts'
import type { PadSlot } from '../src/domain/policies/pad-rules.ts'

const FILE = 'vectors/policies/digests.json'

interface Case {
  readonly desc: string
  readonly in: { readonly points: readonly Threshold[]; readonly pads: readonly PadSlot[] }
  /** Digest by name/version; versions that are no longer shipped stay. */
  readonly want: Readonly<Record<string, string>>
}

const cases = JSON.parse(readFileSync(new URL(`../../../${FILE}`, import.meta.url), 'utf8')) as Case[]

test('a shipped policy means under its version what it always meant', async (t) => {
  assert.ok(cases.length > 0)
  for (const { desc, in: given, want } of cases)
    for (const policy of Object.values(POLICIES)) {
      const id = `${policy.name}/${policy.version}`
      const digest = await digestOf(resolvePolicy(policy, given.points, given.pads) as unknown as Json)
      await t.test(`${id}, ${desc}`, () => {
        const pinned = want[id]
        assert.ok(
          pinned,
          `${id} is new: add "${id}": "${digest}" to ${FILE} (“${desc}”), and leave the other lines`,
        )
        assert.equal(
          digest,
          pinned,
          `${id} no longer means what its receipts say: raise its version by one and add the new line to ${FILE}; never change a line that is there`,
        )
      })
    }
})

test('the digest hangs on every rule, on the challenge and on the thresholds', async () => {
  const { points, pads } = cases[0]!.in
  const digest = (policy: (typeof POLICIES)[string], at = points) =>
    digestOf(resolvePolicy(policy, at, pads) as unknown as Json)
  const standard = POLICIES.standard!
  const [first, ...others] = standard.rules
  const changed = [
    await digest(standard),
    await digest({ ...standard, rules: others }),
    await digest({ ...standard, rules: [{ ...first!, missing: 'review' }, ...others] }),
    await digest({ ...standard, challenge: { ...standard.challenge, holdFrames: 9 } }),
    await digest({ ...standard, virtualCamera: 'block' }),
    await digest(standard, [{ fmr: 0.001, threshold: 0.71 }]),
  ]
  assert.equal(new Set(changed).size, changed.length)
})

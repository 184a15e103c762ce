/** What every store must do with allowances, standings and reviews. */
import assert from 'node:assert/strict'
import { NEW_STANDING } from '../../src/domain/abuse/standing.ts'
import type { Check } from './contract.ts'
import { anAudit, aReview } from './records.ts'

export function conduct(check: Check): void {
  check(
    'lets as many take as an allowance has, whoever asks at the same time, and all or none of several',
    async (store) => {
      const [small, large] = [
        { key: 'small', most: 3, endsAt: 1000 },
        { key: 'large', most: 100, endsAt: 1000 },
      ]
      const tries = await Promise.all(Array.from({ length: 9 }, () => store.takeAllowances([large, small])))
      assert.equal(tries.filter(({ taken }) => taken).length, 3)
      const refused = await store.takeAllowances([small, large])
      assert.deepEqual(refused, {
        taken: false,
        allowances: [
          { ...small, used: 3 },
          { ...large, used: 3 },
        ],
      })
      assert.deepEqual(await store.takeAllowances([]), { taken: true, allowances: [] })
      const next = { ...small, endsAt: 2000 }
      assert.deepEqual(await store.takeAllowances([next]), {
        taken: true,
        allowances: [{ ...next, used: 1 }],
      })
      const late = await store.takeAllowances([small])
      assert.deepEqual(late.allowances, [{ ...next, used: 2 }], 'a slower clock takes from the later window')
      assert.equal(await store.sweepEnded(1000, 9), 1)
      assert.equal(await store.sweepEnded(2000, 9), 1)
    },
  )

  check(
    'changes standings one after the other, with their audit and reviews or not at all',
    async (store) => {
      const count = (key: string) =>
        store.changeStandings('shop', [key], (before) => {
          const standing = before.get(key) ?? NEW_STANDING
          const consecutive = standing.consecutive + 1
          return {
            standings: new Map([[key, { ...standing, consecutive, staleAt: 500 }]]),
            audit: [anAudit({ event: 'lockout.begun' })],
            result: consecutive,
          }
        })
      const counted = await Promise.all(Array.from({ length: 8 }, () => count('subject:a')))
      assert.deepEqual(counted.toSorted(), [1, 2, 3, 4, 5, 6, 7, 8])
      await count('subject:b')
      const found = await store.findStandings('shop', ['subject:a', 'subject:b', 'subject:c'])
      assert.deepEqual([...found].map(([key, { consecutive }]) => [key, consecutive]).toSorted(), [
        ['subject:a', 8],
        ['subject:b', 1],
      ])
      const review = aReview()
      const twice = store.changeStandings('shop', ['subject:a'], () => ({
        standings: new Map([['subject:a', { ...NEW_STANDING, staleAt: undefined }]]),
        audit: [anAudit()],
        reviews: [review, review],
        result: undefined,
      }))
      await assert.rejects(twice)
      assert.equal((await store.findStandings('shop', ['subject:a'])).get('subject:a')?.consecutive, 8)
      await store.eraseSubject(
        'shop',
        'a',
        anAudit({ event: 'subject.erased', subject: { mac: 'a', pseudonym: 'subj_a' } }),
      )
      assert.deepEqual(
        [...(await store.findStandings('shop', ['subject:a', 'subject:b'])).keys()],
        ['subject:b'],
      )
      assert.equal(await store.sweepEnded(499, 9), 0)
      assert.equal(await store.sweepEnded(500, 9), 1)
    },
  )

  check('decides a review once, together with what follows from it', async (store) => {
    const reviews = [1, 2, 3].map((createdAt) => aReview({ createdAt }))
    const foreign = aReview({ tenant: 'other' })
    for (const review of [...reviews, foreign])
      await store.changeStandings(review.tenant, [], () => ({
        standings: new Map([[review.standing, { ...NEW_STANDING, blockedAt: 1, staleAt: undefined }]]),
        reviews: [review],
        result: undefined,
      }))
    const [first, second, third] = reviews
    assert.ok(first && second && third)
    assert.deepEqual(await store.listReviews('shop', 'open', { limit: 2 }), [third, second])
    assert.deepEqual(await store.listReviews('shop', 'open', { limit: 9, after: second }), [first])
    const decided = { ...second, decided: { decision: 'allow', reason: 'why', at: 9, by: 'key' } } as const
    const decide = () =>
      store.decideReview(
        decided,
        (before) => new Map([['device:new', { ...NEW_STANDING, lockouts: before?.blockedAt ?? 0 }]]),
        anAudit({ event: 'review.decided' }),
      )
    const tries = await Promise.all([decide(), decide(), decide()])
    assert.equal(tries.filter(Boolean).length, 1)
    assert.deepEqual(await store.findReview('shop', second.id), decided)
    assert.deepEqual(await store.listReviews('shop', 'open', { limit: 9 }), [third, first])
    assert.deepEqual(await store.listReviews('shop', 'decided', { limit: 9 }), [decided])
    assert.equal((await store.findStandings('shop', ['device:new'])).get('device:new')?.lockouts, 1)
    const entries = await store.listAudit('shop', 99)
    assert.equal(entries.filter(({ event }) => event === 'review.decided').length, 1)
  })
}

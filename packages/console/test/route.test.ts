import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hrefOf, parseRoute, type Route } from '../src/route.ts'

test('an address leads where it was made for', () => {
  const routes: readonly Route[] = [
    { screen: 'reviews' },
    { screen: 'reviews', item: 'rev_AbC-_0' },
    { screen: 'keys' },
  ]
  for (const route of routes) assert.deepEqual(parseRoute(hrefOf(route)), route)
})

test('what is no address of ours leads to the overview, and opens nothing', () => {
  for (const hash of ['', '#', '#refused', '#/nowhere', '#/reviews/a/b', '#/__proto__', '#invitation=x'])
    assert.deepEqual(parseRoute(hash), { screen: 'overview' }, hash)
  for (const hash of ['#/sessions/..', '#/sessions/a%2Fb', `#/sessions/${'a'.repeat(65)}`, '#/sessions/a?b'])
    assert.deepEqual(parseRoute(hash), { screen: 'sessions' }, hash)
})

/** Settings: one table, strict reading, all problems at once, no secret in any of them. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { IpseError } from '@ipse/protocol'
import { parseSettings, SETTINGS } from '../src/index.ts'

function problems(sources: Parameters<typeof parseSettings>[0]): string[] {
  try {
    parseSettings(sources)
  } catch (error) {
    assert.ok(error instanceof IpseError && error.code === 'settings_invalid')
    return error.message.split('\n')
  }
  return []
}

test('without any source every setting has its default, grouped and frozen', () => {
  const settings = parseSettings()
  assert.equal(settings.server.publicUrl, 'http://localhost:8420')
  assert.equal(settings.capture.inFlight, 3)
  assert.throws(() => Object.assign(settings.capture, { inFlight: 99 }), TypeError)
  for (const row of SETTINGS) assert.match(row.env, /^IPSE_[A-Z_]+$/)
  assert.equal(new Set(SETTINGS.map(({ env }) => env)).size, SETTINGS.length)
})

test('named values win over the environment', () => {
  const environment = {
    IPSE_CAPTURE_MAX_FRAME_BYTES: '50000',
    IPSE_SERVER_PORT: '1',
    PATH: '/bin',
    IPSE_API_KEY: 'x',
  }
  const settings = parseSettings({ environment, named: { 'server.port': '2' } })
  assert.deepEqual([settings.capture.maxFrameBytes, settings.server.port], [50_000, 2])
})

test('every problem is named at once', () => {
  const found = problems({
    environment: { IPSE_SERVER_PORT: 'eighty', IPSE_NO_SUCH: '1', IPSE_SERVER_PORT_FILE: '/x' },
    named: {
      'capture.quality': '101',
      'server.publicUrl': 'https://a.test/path',
      'server.development': 'yes',
      'no.such': '1',
    },
  })
  for (const name of [
    'server.port',
    'IPSE_NO_SUCH',
    'IPSE_SERVER_PORT_FILE',
    'capture.quality',
    'server.publicUrl',
    'server.development',
    'no.such',
  ])
    assert.ok(
      found.some((line) => line.startsWith(name)),
      name,
    )
  assert.equal(found.length, 7)
})

test('addresses with a user, path, query or another scheme are refused', () => {
  for (const url of [
    'ftp://a.test',
    'https://u:p@a.test',
    'https://a.test/?q',
    'https://a.test#f',
    'a.test',
    '//a.test',
    '',
  ])
    assert.equal(problems({ named: { 'server.publicUrl': url } }).length, 1, url)
  assert.equal(
    parseSettings({ named: { 'server.publicUrl': 'https://a.test/' } }).server.publicUrl,
    'https://a.test',
  )
})

test('secrets come from files too, and never appear in a problem', () => {
  const readFile = (path: string) => {
    if (path !== '/run/token') throw new Error('no such file')
    return 'hush\n'
  }
  const settings = parseSettings({ environment: { IPSE_METRICS_TOKEN_FILE: '/run/token' }, readFile })
  assert.equal(settings.metrics.token, 'hush')
  const found = problems({ environment: { IPSE_METRICS_TOKEN_FILE: '/elsewhere' }, readFile })
  assert.deepEqual(found, ['IPSE_METRICS_TOKEN_FILE: the file cannot be read'])
})

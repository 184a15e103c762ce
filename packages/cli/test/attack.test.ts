import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { emptyFolder, ipse, ipseJson } from './run.ts'

test('the laboratory attacks a service that it starts, and writes what came of it', async () => {
  const page = join(emptyFolder(), 'report.html')
  const { code, json } = await ipseJson([
    ...['attack', '--spawn', '--quick', '--subjects', 'subject-g,subject-h', '--bona-fide', '1'],
    ...['--instruments', 'another-person,wrong-sequence', '--presentations', '1', '--report', page],
  ])
  const { bonaFide, matrix, worst, unexpected } = json as {
    bonaFide: { sessions: number; accepted: number }
    matrix: { method: string; instrument: string; presentations: number; accepted: number; upper95: number }[]
    worst: { rate: number }
    unexpected: string[]
  }
  assert.equal(code, 0, JSON.stringify(unexpected))
  assert.equal(bonaFide.sessions, 1)
  assert.deepEqual(
    matrix.map(({ method, instrument, presentations, accepted }) => [
      method,
      instrument,
      presentations,
      accepted,
    ]),
    [
      ['direct-client', 'another-person', 1, 0],
      ['direct-client', 'wrong-sequence', 1, 0],
    ],
  )
  assert.equal(worst.rate, 0)
  assert.ok(Number(json.cpuSecondsPerSession) > 0)
  assert.match(readFileSync(page, 'utf8'), /^<!doctype html>/)
})

test('a command line that cannot be right is refused before anything starts', async () => {
  for (const [args, says] of [
    [[], /--url/],
    [['--spawn', '--url', 'http://localhost:1'], /--url/],
    [['--url', 'nonsense', '--key', 'k'], /--url/],
    [['--url', 'http://localhost:1'], /API key/],
    [['--url', 'http://localhost:1', '--key', 'k', '--instruments', 'hologram'], /hologram/],
    [['--url', 'http://localhost:1', '--key', 'k', '--set', 'capture.width=640'], /--spawn/],
    [['--spawn', '--report', 'report.pdf'], /\.html/],
    [['--spawn', '--presentations', '0'], /whole number/],
    [['--spawn', '--browser-presentations', 'few'], /whole number/],
    [['--url', 'http://localhost:1', '--key', 'k', '--subjects', 'nobody'], /nobody/],
  ] as const) {
    const { code, stderr } = await ipse(['attack', ...args])
    assert.equal(code, 2, `${args.join(' ')}: ${stderr}`)
    assert.match(stderr, says)
  }
})

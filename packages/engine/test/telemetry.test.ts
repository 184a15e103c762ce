/** A run of the engine opens no socket and writes no file: a face product must not talk behind its operator's back. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { closeSync, mkdirSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { photographPath } from './photographs.ts'

const folder = mkdtempSync(join(tmpdir(), 'ipse-telemetry-'))
after(() => rmSync(folder, { recursive: true }))

const subject = join(import.meta.dirname, 'telemetry-subject.ts')
const linux = process.platform === 'linux'

/** Runs the engine in a process whose home, temporary and working folders are fresh; standard output goes to a file. */
function run(name: string, before: readonly string[]): { report: Record<string, unknown>; left: string[] } {
  const root = join(folder, name)
  const places = { HOME: join(root, 'home'), TMPDIR: join(root, 'tmp'), XDG_CACHE_HOME: join(root, 'cache') }
  const cwd = join(root, 'work')
  for (const place of [...Object.values(places), cwd]) mkdirSync(place, { recursive: true })
  const report = join(folder, `${name}.json`)
  const out = openSync(report, 'w')
  const [command, ...rest] = [...before, process.execPath, subject, photographPath('sample5')]
  const result = spawnSync(command!, rest, {
    cwd,
    env: { ...places, PATH: process.env.PATH },
    stdio: ['ignore', out, 'pipe'],
    timeout: 60_000,
  })
  closeSync(out)
  assert.equal(result.status, 0, String(result.stderr))
  const left = [...Object.values(places), cwd].flatMap((place) =>
    readdirSync(place).map((file) => join(place, file)),
  )
  return { report: JSON.parse(readFileSync(report, 'utf8')), left }
}

test('a run leaves nothing in home, temporary, cache and working folders, and holds no socket', () => {
  const { report, left } = run('plain', [])
  assert.ok(Number(report.faces) > 0)
  assert.equal(report.numbers, 1152)
  assert.deepEqual(left, [])
  assert.deepEqual(report.sockets, [])
  assert.equal(report.telemetry, '1')
  if (linux) assert.equal(report.runtime, true, 'the library was looked at while it was loaded')
})

const traced = linux && spawnSync('strace', ['-V']).status === 0

test('the kernel sees no socket and no file opened for writing', {
  skip: traced ? false : 'strace is not installed',
}, (t) => {
  const log = join(folder, 'strace.log')
  const calls = 'trace=network,open,openat,creat,rename,renameat,renameat2,mkdir,mkdirat,unlink,unlinkat'
  const { left } = run('traced', ['strace', '-f', '-qq', '-e', calls, '-o', log])
  assert.deepEqual(left, [])
  const lines = readFileSync(log, 'utf8').split('\n')
  assert.ok(lines.some((line) => line.includes('libonnxruntime')))
  const network = lines.filter((line) => /\b(socket|connect|sendto|sendmsg|bind)\(/.test(line))
  assert.deepEqual(network, [])
  const writing = lines.filter(
    (line) =>
      /\b(open|openat|creat)\(.*\b(O_WRONLY|O_RDWR|O_CREAT)\b/.test(line) &&
      !/"\/dev\/(null|tty|shm\/)|"\/proc\//.test(line) &&
      !/ENOENT|EACCES|EROFS/.test(line),
  )
  const changing = lines.filter(
    (line) => /\b(rename\w*|mkdir\w*|unlink\w*)\(/.test(line) && !/ENOENT/.test(line),
  )
  t.diagnostic(`${lines.length} calls seen`)
  assert.deepEqual([...writing, ...changing], [])
})

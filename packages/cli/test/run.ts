/** Runs the command as people do, and finds the photographs that the engine's packages bring along. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

export const IPSE = join(import.meta.dirname, '../bin/ipse.mjs')

const engine = createRequire(import.meta.resolve('@ipse/engine'))
const demo = join(dirname(engine.resolve('@vladmandic/face-api/package.json')), 'demo')

/** sample1 … sample6: groups of two or three people, not the same in each. */
export function photograph(number: 1 | 2 | 3 | 4 | 5 | 6): string {
  return join(demo, `sample${number}.jpg`)
}

export interface Result {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** The command's environment: ours without settings that the developer may have. */
export function cleanEnvironment(more: Record<string, string> = {}): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith('IPSE_'))
  return { ...Object.fromEntries(kept), ...more }
}

export function ipse(args: readonly string[], env: Record<string, string> = {}): Promise<Result> {
  return new Promise((resolve) => {
    const options = { env: cleanEnvironment(env), timeout: 120_000 }
    execFile(process.execPath, [IPSE, ...args], options, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1
      resolve({ code, stdout, stderr })
    })
  })
}

export async function ipseJson(
  args: readonly string[],
): Promise<{ code: number; json: Record<string, unknown> }> {
  const { code, stdout } = await ipse([...args, '--json'])
  return { code, json: JSON.parse(stdout) as Record<string, unknown> }
}

/** Gone when the test file has ended. */
export function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'ipse-cli-'))
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
  return folder
}

export interface Running extends AsyncDisposable {
  readonly child: ChildProcess
  /** What `--json` printed when the service was ready. */
  readonly ready: { readonly url: string; readonly dataDir: string; readonly listening: string }
  readonly stderr: () => string
  /** Asks it to stop and waits; the exit code. */
  stop(signal?: NodeJS.Signals): Promise<number | null>
}

/** Starts `ipse serve` on a free port and waits until it is ready. */
export async function serve(args: readonly string[]): Promise<Running> {
  const child = spawn(process.execPath, [IPSE, 'serve', '--port', '0', '--json', ...args], {
    env: cleanEnvironment(),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  let errors = ''
  child.stderr.on('data', (chunk) => {
    errors += chunk
  })
  const ready = new Promise<string>((resolve, reject) => {
    let text = ''
    child.stdout.on('data', (chunk) => {
      text += chunk
      if (text.includes('\n}')) resolve(text)
    })
    ended.then((code) => reject(new Error(`ended with ${code}: ${errors}`)))
  })
  const stop = async (signal: NodeJS.Signals = 'SIGINT') => {
    if (child.exitCode === null) child.kill(signal)
    return ended
  }
  return {
    child,
    ready: JSON.parse(await ready),
    stderr: () => errors,
    stop,
    [Symbol.asyncDispose]: async () => {
      await stop('SIGTERM')
    },
  }
}

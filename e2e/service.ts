/** Starts the real service with the example site, as `npm start` does, on a free port with a data folder of its own. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { IpseClient } from '@ipse/client'

export const ROOT: string = join(import.meta.dirname, '..')
const IPSE = join(ROOT, 'packages/cli/bin/ipse.mjs')
const SITE = join(ROOT, 'examples/relying-party/site.ts')
/** The engine loads in under a second; a busy machine may take many times that. */
const START_LIMIT_MS = 60_000

export interface Service extends AsyncDisposable {
  readonly url: string
  readonly client: IpseClient
  /** Key of `client`, of the example's tenant. */
  readonly apiKey: string
  readonly dataDir: string
  readonly process: ChildProcess
  /** Everything the service wrote to standard output and standard error. */
  output(): string
}

export interface CommandResult {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs `ipse …` to its end. */
export async function ipse(...args: readonly string[]): Promise<CommandResult> {
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [IPSE, ...args], { cwd: ROOT })
    return { code: 0, stdout, stderr }
  } catch (error) {
    const { code, signal, stdout, stderr } = error as CommandResult & { signal?: string }
    return { code, stdout, stderr: signal ? `${stderr}ended by ${signal}` : stderr }
  }
}

async function address(child: ChildProcess, output: () => string): Promise<string> {
  const started = performance.now()
  while (performance.now() - started < START_LIMIT_MS) {
    const found = /https?:\/\/(?:localhost|127\.0\.0\.1):\d+/.exec(output())
    if (found) return found[0]
    if (child.exitCode !== null) break
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`the service did not start:\n${output()}`)
}

export async function startService(...options: readonly string[]): Promise<Service> {
  const dataDir = mkdtempSync(join(tmpdir(), 'ipse-e2e-'))
  const child = spawn(
    process.execPath,
    [IPSE, 'serve', '--dev', '--port', '0', '--data', dataDir, '--site', SITE, ...options],
    { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] },
  )
  let text = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (text += chunk))
  const output = () => text
  const stop = async () => {
    if (child.exitCode === null) {
      const ended = new Promise((resolve) => child.once('exit', resolve))
      child.kill('SIGINT')
      await ended
    }
    rmSync(dataDir, { recursive: true, force: true })
  }
  try {
    const url = await address(child, output)
    // A second key of the example's tenant: it sees the sessions that the site opens.
    const scopes = ['--tenant', 'example', '--name', 'e2e', '--scopes', 'all', '--json']
    const key = await ipse('keys', 'create', '--data', dataDir, ...scopes)
    const { key: apiKey } = JSON.parse(key.stdout) as { key: string }
    const client = new IpseClient({ baseUrl: url, apiKey })
    return { url, client, apiKey, dataDir, process: child, output, [Symbol.asyncDispose]: stop }
  } catch (error) {
    await stop()
    throw error
  }
}

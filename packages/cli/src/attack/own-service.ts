/** A service of our own to attack: the real command in a process of its own, with a data folder that is thrown away. */
import { spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { IpseError } from '@ipse/protocol'
import { createApiKey, type Scope } from '@ipse/server'
import { EXIT } from '../command.ts'
import { openInstallation, storeSettings, systemClock, systemRandom } from '../installation.ts'

const IPSE = fileURLToPath(new URL('../../bin/ipse.mjs', import.meta.url))
/** SIGINT is not among them: it ends the run with a report of what was done, and only then the service. */
const STOPS = ['SIGTERM', 'SIGHUP'] as const
export const ATTACK_SCOPES: readonly Scope[] = ['session:create', 'session:read', 'subject:delete']

/** Whatever store the environment names: what is attacked here keeps its own. */
const EMBEDDED = { url: '', keysUrl: '', connections: 1 }

export interface OwnService extends AsyncDisposable {
  readonly url: string
  readonly apiKey: string
}

/** A key with what attacking needs, made in the data folder of the service that is attacked. */
export async function makeKey(data: string, store = storeSettings()): Promise<string> {
  await using installation = await openInstallation(data, store)
  const { keys } = installation
  const details = { tenant: 'attack', name: 'ipse attack', scopes: ATTACK_SCOPES }
  return (await createApiKey(installation.store, keys, systemRandom, systemClock, details)).key
}

/** @throws IpseError `internal` with what the service said when it does not start */
export async function startOwnService(settings: readonly string[]): Promise<OwnService> {
  const data = await mkdtemp(join(tmpdir(), 'ipse-attack-'))
  const child = spawn(
    process.execPath,
    [
      IPSE,
      'serve',
      '--port',
      '0',
      '--json',
      '--log-level',
      'error',
      '--data',
      data,
      '--set',
      'store.url=',
      ...settings.flatMap((setting) => ['--set', setting]),
    ],
    // A group of its own: an interrupt from the terminal reaches the run alone.
    { stdio: ['ignore', 'pipe', 'pipe'], detached: true },
  )
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  // Whoever ends the run from outside ends the service too, and nothing stays behind.
  const abandon = () => {
    child.kill('SIGKILL')
    rmSync(data, { recursive: true, force: true })
    process.exit(EXIT.fault)
  }
  for (const signal of STOPS) process.once(signal, abandon)
  const stop = async () => {
    for (const signal of STOPS) process.off(signal, abandon)
    if (child.exitCode === null) child.kill('SIGTERM')
    await ended
    await rm(data, { recursive: true, force: true })
  }
  try {
    let errors = ''
    child.stderr.on('data', (chunk) => {
      errors = `${errors}${chunk}`.slice(-4000)
    })
    const ready = await new Promise<string>((resolve, reject) => {
      let text = ''
      child.stdout.on('data', (chunk) => {
        text += chunk
        if (text.includes('\n}')) resolve(text)
      })
      ended.then(() => reject(new IpseError('internal', `the service did not start: ${errors}`)))
    })
    const { url } = JSON.parse(ready) as { url: string }
    return { url, apiKey: await makeKey(data, EMBEDDED), [Symbol.asyncDispose]: stop }
  } catch (error) {
    await stop()
    throw error
  }
}

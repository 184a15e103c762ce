/** The settings of `ipse serve`: environment and `--set`, then the command's flags, then defaults that only the CLI knows. */
import { existsSync } from 'node:fs'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import { isLoopback, type Settings } from '@ipse/server'
import { isGiven, readSettings } from '../installation.ts'

export interface ServeFlags {
  readonly set: Readonly<Record<string, string>>
  readonly dev?: boolean
  readonly port?: string
  readonly host?: string
}

/** @throws IpseError `settings_invalid` */
export async function serveSettings(flags: ServeFlags): Promise<Settings> {
  const named: Record<string, string> = { ...flags.set }
  if (flags.dev) named['server.development'] = 'true'
  if (flags.port !== undefined) named['server.port'] = flags.port
  if (flags.host !== undefined) named['server.host'] = flags.host
  const asked = readSettings(named)
  const { host } = asked.server
  const port = asked.server.port === 0 ? await freePort(host) : asked.server.port
  const defaults: Record<string, string> = { 'server.port': String(port) }
  // Browsers call loopback "localhost", and give it a camera without TLS.
  if (!isGiven('server.publicUrl', 'IPSE_SERVER_PUBLIC_URL', named) && isLoopback(host))
    defaults['server.publicUrl'] = `${asked.tls.certificate === '' ? 'http' : 'https'}://localhost:${port}`
  if (!isGiven('element.dir', 'IPSE_ELEMENT_DIR', named)) defaults['element.dir'] = builtElement()
  if (!isGiven('console.dir', 'IPSE_CONSOLE_DIR', named)) defaults['console.dir'] = builtConsole()
  return readSettings({ ...named, ...defaults })
}

/** The folder that `npm run build` puts the element into; empty when it has not been built. */
function builtElement(): string {
  const folder = fileURLToPath(new URL('../dist', import.meta.resolve('@ipse/web')))
  return existsSync(folder) ? folder : ''
}

/** The same for the console, which is private and has no name to be found by. */
function builtConsole(): string {
  const folder = fileURLToPath(new URL('../../../console/dist', import.meta.url))
  return existsSync(folder) ? folder : ''
}

/** The public URL has to be known before the service listens, so the free port is taken, noted and given back. */
function freePort(host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen({ host, port: 0 }, () => {
      const address = probe.address()
      const port = typeof address === 'object' && address ? address.port : 0
      probe.close(() => resolve(port))
    })
  })
}

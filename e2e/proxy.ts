/** Starts a recipe of deploy/ for real: its own file, with nothing but addresses and folders changed. */
import { execFileSync, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Authority, createAuthority, type Issued } from '../packages/server/test/certificates.ts'
import { ROOT } from './service.ts'

export const PROXIES = ['nginx', 'caddy'] as const
export type ProxyName = (typeof PROXIES)[number]

/** A busy machine may take many times the second that a proxy needs. */
const START_LIMIT_MS = 30_000

export const USER = { name: 'visitor', password: 'of the closed group' } as const

export interface Place {
  /** Where the recipe's files go; /etc/ipse of a real machine. */
  readonly folder: string
  /** Issued the certificates of the proxy, and those of clients. */
  readonly authority: Authority
  /** In the place of 443. */
  readonly port: number
  readonly capturePort: number
  readonly apiPort: number
}

export async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve))
  const address = probe.address()
  await new Promise((resolve) => probe.close(resolve))
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** Certificates and users, as docs/deploy.md says they lie. */
export async function preparePlace(): Promise<Place> {
  const folder = mkdtempSync(join(tmpdir(), 'ipse-recipe-'))
  const authority = await createAuthority()
  mkdirSync(join(folder, 'tls'))
  const put = (name: string, { certificate, key }: Issued) => {
    writeFileSync(join(folder, `tls/${name}.pem`), certificate)
    writeFileSync(join(folder, `tls/${name}-key.pem`), key, { mode: 0o600 })
  }
  for (const name of ['capture', 'api']) {
    const names = [{ type: 'dns', value: `${name}.example` }] as const
    put(name, await authority.issue({ name: `${name}.example`, use: 'server', names }))
  }
  writeFileSync(join(folder, 'tls/client-ca.pem'), authority.certificate)
  const [port, capturePort, apiPort] = [await freePort(), await freePort(), await freePort()]
  return { folder, authority, port, capturePort, apiPort }
}

/** What the recipe tells its reader to change; each must be there, or the recipe has changed under the test. */
function adapted(text: string, { folder, port, capturePort, apiPort }: Place, preload = false): string {
  const changes: readonly (readonly [string | RegExp, string])[] = [
    [/(listen |https_port )443/g, `$1${port}`],
    [/10\.0\.0\.5:8420/g, `127.0.0.1:${capturePort}`],
    [/10\.0\.0\.5:8421/g, `127.0.0.1:${apiPort}`],
    [/10\.20\.0\.0\/16/g, '127.0.0.1/32'],
    [/\/etc\/ipse/g, folder],
    ...(preload ? [['includeSubDomains"', 'includeSubDomains; preload"'] as const] : []),
  ]
  return changes.reduce((before, [from, to]) => {
    const after = before.replaceAll(from, to)
    if (after === before) throw new Error(`the recipe does not say ${from}`)
    return after
  }, text)
}

function writeNginx(place: Place, { basic, preload }: Options): string[] {
  const recipe = adapted(readFileSync(join(ROOT, 'deploy/nginx/ipse.conf'), 'utf8'), place, preload)
  const { folder } = place
  const hash = execFileSync('openssl', ['passwd', '-apr1', USER.password], { encoding: 'utf8' }).trim()
  writeFileSync(join(folder, 'nginx/users'), `${USER.name}:${hash}\n`)
  writeFileSync(join(folder, 'nginx/ipse.conf'), recipe.replaceAll('/var/log/nginx', folder))
  const user = process.getuid?.() === 0 ? 'user root;' : ''
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${folder}/nginx/temp-${name};`)
    .join('\n')
  writeFileSync(
    join(folder, 'nginx.conf'),
    `daemon off; master_process off; pid ${folder}/nginx.pid; ${user}
events {}
http { access_log off; ${temporary}
include ${folder}/nginx/ipse.conf; }`,
  )
  if (basic) copyBasic('nginx/basic.conf', place)
  return ['nginx', '-p', folder, '-e', 'stderr', '-c', join(folder, 'nginx.conf')]
}

function writeCaddy(place: Place, { basic, preload }: Options): string[] {
  const recipe = adapted(readFileSync(join(ROOT, 'deploy/caddy/Caddyfile'), 'utf8'), place, preload)
  const hashing = ['hash-password', '--plaintext', USER.password]
  const hash = execFileSync('caddy', hashing, { encoding: 'utf8' }).trim()
  writeFileSync(join(place.folder, 'caddy/users'), `${USER.name} ${hash}\n`)
  const path = join(place.folder, 'caddy/Caddyfile')
  writeFileSync(path, recipe)
  if (basic) copyBasic('caddy/basic.caddy', place)
  return ['caddy', 'run', '--config', path, '--adapter', 'caddyfile']
}

/** Into both folders: visitors and relying parties are asked for a password. */
function copyBasic(file: string, { folder }: Place): void {
  const [proxy = '', name = ''] = file.split('/')
  const text = readFileSync(join(ROOT, 'deploy', file), 'utf8').replaceAll('/etc/ipse', folder)
  for (const site of ['capture.d', 'api.d']) writeFileSync(join(folder, proxy, site, name), text)
}

/** What the recipes offer and leave off. */
export interface Options {
  /** Basic authentication. */
  readonly basic?: boolean
  /** The word that lets browsers preload HSTS. */
  readonly preload?: boolean
}

/** Runs until it is disposed of. */
export async function startProxy(
  name: ProxyName,
  place: Place,
  options: Options = {},
): Promise<AsyncDisposable> {
  rmSync(join(place.folder, name), { recursive: true, force: true })
  for (const site of ['capture.d', 'api.d']) mkdirSync(join(place.folder, name, site), { recursive: true })
  const [command = '', ...args] = name === 'nginx' ? writeNginx(place, options) : writeCaddy(place, options)
  const env = { ...process.env, XDG_DATA_HOME: place.folder, XDG_CONFIG_HOME: place.folder }
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], env })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
  const ended = new Promise((resolve) => child.once('exit', resolve))
  const stop = async () => {
    if (child.exitCode === null) child.kill('SIGTERM')
    await ended
  }
  const started = performance.now()
  while (!(await accepts(place.port))) {
    if (child.exitCode !== null || performance.now() - started > START_LIMIT_MS) {
      await stop()
      throw new Error(`${name} did not start:\n${output}`)
    }
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  return { [Symbol.asyncDispose]: stop }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}

export function removePlace({ folder }: Place): void {
  rmSync(folder, { recursive: true, force: true })
}

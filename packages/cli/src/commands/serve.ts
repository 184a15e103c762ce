/** `ipse serve`: the service in one process, from settings to a graceful end. */
import { IpseError } from '@ipse/protocol'
import {
  type CertificateSource,
  createServer,
  type Dependencies,
  listenersOf,
  type OpenListener,
  openListeners,
  type Settings,
} from '@ipse/server'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { loadAttestationTrust } from '../attestation.ts'
import { EXIT, note } from '../command.ts'
import { type EngineFlags, engineFlags, startEngine } from '../engine.ts'
import {
  type DataFlags,
  dataFlags,
  type Installation,
  openInstallation,
  type SettingFlags,
  settingFlags,
  systemClock,
  systemRandom,
} from '../installation.ts'
import { openKek } from '../kek.ts'
import { loadPolicies } from '../policies.ts'
import { followKeyring } from '../serve/keyring.ts'
import { openTls, refuseDevelopmentKey, refuseExposure } from '../serve/listening.ts'
import { serveSettings } from '../serve/serve-settings.ts'
import { untilStopped } from '../serve/signals.ts'
import { mountSite } from '../serve/site.ts'

interface Flags extends DataFlags, SettingFlags, EngineFlags {
  readonly dev?: boolean
  readonly port?: string
  readonly host?: string
  readonly site?: string
  readonly logLevel?: string
  readonly json?: boolean
}

/** A stop that takes longer than this is forced, milliseconds; a capture step ends after eight seconds. */
const STOP_LIMIT_MS = 10_000

export function addServe(program: Command): void {
  const command = program
    .command('serve')
    .option('--dev', 'development: allows simulated cameras and --site')
    .option(
      '--port <port>',
      'port to listen on, 0 for a free one (default: setting server.port, 8420)',
      parsePort,
    )
    .option('--host <address>', 'address to listen on (default: setting server.host, 127.0.0.1)')
    .option('--site <module>', 'module of a site that answers every path that Ipse does not own (with --dev)')
    .addOption(
      new Option('--log-level <level>', 'what goes to the log on standard error').choices([
        'silent',
        'error',
        'warn',
        'info',
        'debug',
      ]),
    )
    .option('--json', 'print one JSON document when the service is ready')
    .addHelpText(
      'after',
      `
Examples:
  ipse serve
  ipse serve --dev --site examples/relying-party/site.ts
  ipse serve --set server.publicUrl=https://ipse.example --set server.trustedProxies=10.0.0.2
  ipse serve --set tls.certificate=chain.pem --set tls.key=key.pem --set server.publicUrl=https://ipse.example

Settings come from IPSE_… variables or --set; see docs/reference/settings.md. Keyring and store are made in the data
folder at the first start. Proxies, TLS and listeners: docs/deploy.md. SIGHUP reads the certificate again. Ctrl-C stops the service; nothing stays behind but the data folder.`,
    )
    .action(serve)
  engineFlags(settingFlags(dataFlags(command)))
}

function parsePort(text: string): string {
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535)
    throw new InvalidArgumentError('It must be a number from 0 to 65535.')
  return text
}

async function serve(flags: Flags): Promise<void> {
  if (flags.site !== undefined && !flags.dev)
    throw new IpseError(
      'invalid_request',
      '--site needs --dev: a production site runs in a process of its own',
    )
  const settings = await serveSettings(flags)
  refuseExposure(settings)
  const certificate = await openTls(settings)
  const attestation = loadAttestationTrust(settings)
  const policies = await loadPolicies(settings.policies.path)
  await using installation = await openInstallation(flags.data, settings.store)
  await refuseDevelopmentKey(settings, installation)
  const kek = await openKek(settings.kek, installation.keys)
  const engine = await startEngine(flags, settings.engine.concurrency)
  try {
    await run(flags, settings, installation, { engine, policies, attestation, kek }, certificate)
  } finally {
    kek.close?.()
    await engine.close()
  }
}

async function run(
  flags: Flags,
  settings: Settings,
  installation: Installation,
  given: Pick<Dependencies, 'engine' | 'policies' | 'attestation' | 'kek'>,
  certificate: CertificateSource | undefined,
): Promise<void> {
  const { store, keys } = installation
  const fallback = flags.site === undefined ? undefined : await mountSite(flags.site, settings, installation)
  const log = { level: flags.logLevel ?? (flags.dev ? 'warn' : 'info'), stream: process.stderr }
  const app = await createServer(
    {
      ...given,
      store,
      keys,
      clock: systemClock,
      random: systemRandom,
      log,
      ...(fallback ? { fallback } : {}),
    },
    settings,
  )
  const keyring = followKeyring(installation)
  const { listeners, close } = await openListeners(app, listenersOf(settings), {
    certificate,
    trustedProxies: settings.server.trustedProxies,
  })
  try {
    const stopped = untilStopped(
      certificate && (() => void Promise.all([certificate.reload(), keyring.reload()])),
    )
    announce(flags, settings, installation, listeners)
    note(`${await stopped}: stopping`)
    setTimeout(() => process.exit(EXIT.fault), STOP_LIMIT_MS).unref()
  } finally {
    keyring.close()
    await close()
  }
}

function announce(
  flags: Flags,
  settings: Settings,
  { folder, created }: Installation,
  listeners: readonly OpenListener[],
): void {
  const url = settings.server.publicUrl
  const development = settings.server.development
  const facts = {
    url,
    listening: listeners[0]?.url,
    listeners,
    dataDir: folder.path,
    dataDirCreated: created,
    development,
  }
  if (flags.json) {
    process.stdout.write(`${JSON.stringify({ ...facts, pid: process.pid }, null, 2)}\n`)
    return
  }
  const lines = [
    `Ipse is ready: ${url}`,
    `  data folder   ${folder.path}${created ? ' (made just now)' : ''}`,
    `  API           ${settings.server.apiUrl || url}/openapi.json`,
    ...(listeners.length > 1
      ? listeners.map((at) => `  ${at.surfaces.join(', ').padEnd(12)}  ${at.url}`)
      : []),
    flags.site === undefined
      ? '  next          make an API key: ipse keys create --name NAME --scopes all'
      : `  next          open ${url} in a browser, sign up, then sign in`,
    ...(development ? ['  development   simulated cameras are allowed; not for real use'] : []),
    'Ctrl-C stops it.',
  ]
  process.stdout.write(`${lines.join('\n')}\n`)
}

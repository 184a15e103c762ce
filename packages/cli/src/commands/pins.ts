/** `ipse pins`: the pins of a server's TLS key, for the client, for Android and for iOS, and when they end. */
import type { X509Certificate } from 'node:crypto'
import { IpseError } from '@ipse/protocol'
import { type Command, Option } from 'commander'
import { type Answer, answering, EXIT } from '../command.ts'
import { parseDuration } from '../duration.ts'
import { systemClock } from '../installation.ts'
import { fetchCertificate, pinOfKey, readCertificate, readKey } from '../pins/certificate.ts'
import { androidConfiguration, HOST, iosPropertyList } from '../pins/snippets.ts'

interface PinFlags {
  readonly certificate?: string
  readonly backup: readonly string[]
  readonly until: number
}

const DAY_MS = 86_400_000
/** Apps are to be shipped anew before that, days. */
const PIN_SET_DAYS = 365
/** A certificate that ends sooner is worth a word, days. */
const SOON_DAYS = 30

export function addPins(program: Command): void {
  const command = program
    .command('pins')
    .argument(
      '[host]',
      'server, with :port where it is not 443; with --certificate only the name in the snippets',
    )
    .option('--certificate <file>', 'take the certificate from a PEM file instead of the server')
    .option(
      '--backup <file>',
      'certificate or key, in PEM, of a spare key; may be given several times',
      (path: string, before: readonly string[]) => [...before, path],
      [],
    )
    .addOption(
      new Option('--until <time>', 'how long from now Android is to check the pins')
        .argParser(parseDuration)
        .default(PIN_SET_DAYS * DAY_MS, `${PIN_SET_DAYS}d`),
    )
    .addHelpText(
      'after',
      `
Examples:
  openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out spare.pem
  ipse pins ipse.example --backup spare.pem
  ipse pins --certificate /etc/ipse/tls.pem --backup spare.pem

The pin is of the key, not of the certificate: renew with the same key and the pins stay.`,
    )
  answering(command, printPins)
}

async function printPins(target: string | undefined, flags: PinFlags): Promise<Answer> {
  const [given, port = '443'] = (target ?? '').split(':')
  if (given !== '' && !HOST.test(given ?? ''))
    throw new IpseError('invalid_request', `${target} is no host name`)
  if (!/^\d{1,5}$/.test(port)) throw new IpseError('invalid_request', `${port} is no port`)
  if (!given && flags.certificate === undefined)
    throw new IpseError('invalid_request', 'name a server, or a file with --certificate')
  const certificate =
    flags.certificate === undefined
      ? await fetchCertificate(given!, Number(port))
      : await readCertificate(flags.certificate)
  const host = given || nameOf(certificate)
  const current = await pinOfKey(certificate.publicKey)
  const spare = await Promise.all(flags.backup.map(async (path) => pinOfKey(await readKey(path))))
  if (spare.includes(current))
    throw new IpseError('invalid_request', '--backup names the key that is in use: it is no spare one')
  const pins = [current, ...spare]
  const now = systemClock.now()
  const until = new Date(now + flags.until).toISOString().slice(0, 10)
  const certificateEnds = certificate.validToDate.toISOString()
  const advice = adviceOn(certificate.validToDate.getTime() - now, pins.length, until)
  const android = androidConfiguration(host, pins, until)
  const ios = iosPropertyList(host, pins)
  return {
    exit: EXIT.done,
    json: { host, current, spare, pins, certificateEnds, until, android, ios, advice },
    text: [
      `# ${host}: certificate until ${certificateEnds.slice(0, 10)}`,
      ...pins.map((pin, index) => `sha256/${pin}  ${index === 0 ? 'in use' : 'spare'}`),
      ...advice.map((line) => `! ${line}`),
      `\n# @ipse/client\nnew IpseClient({ …, pins: ${JSON.stringify(pins)} })`,
      `\n# Android: res/xml/network_security_config.xml\n${android}`,
      `# iOS: into Info.plist\n${ios}`,
    ].join('\n'),
  }
}

/** @throws IpseError `invalid_request` when the certificate is not for one name */
function nameOf({ subjectAltName = '' }: X509Certificate): string {
  const names = [...subjectAltName.matchAll(/DNS:([^,]+)/g)].map(([, name = '']) => name.trim())
  const [name] = names
  if (names.length === 1 && name !== undefined && HOST.test(name)) return name
  throw new IpseError(
    'invalid_request',
    'the certificate is not for one name: say which, before --certificate',
  )
}

function adviceOn(leftMs: number, pins: number, until: string): string[] {
  const left = Math.floor(leftMs / DAY_MS)
  return [
    ...(pins < 2
      ? [
          'There is one pin only: make a spare key, keep it elsewhere, and name it with --backup. @ipse/client asks for two pins, and without a spare one a lost key locks every app out.',
        ]
      : []),
    ...(left < 0
      ? ['The certificate has ended.']
      : left < SOON_DAYS
        ? [
            `The certificate ends in ${left} days: renew it with the same key (certbot: --reuse-key), or with the spare one.`,
          ]
        : []),
    `Android checks these pins until ${until}: ship the app anew before that. iOS and @ipse/client check them for ever.`,
    'Before a key is changed, ship pins that name the next one, and wait until the old app is gone.',
  ]
}

/**
 * The settings table: the one home of every setting, its default, its unit and its explanation.
 * How texts become values: parse-settings.ts. Policies are data, not settings.
 */
import { RETENTION_PRESETS } from '@ipse/protocol'

/** Retired signing keys stay published so long, seconds. */
export const LONGEST_RECEIPT_S = 86_400

export type Kind = 'string' | 'integer' | 'boolean' | 'url' | 'list' | 'listen'
interface Values {
  string: string
  integer: number
  boolean: boolean
  url: string
  list: readonly string[]
  /** `host:port`; empty for none. */
  listen: string
}

export interface Row<N extends string, K extends Kind> {
  /** `group.camelCase`, as in `--set group.camelCase=value`. */
  readonly name: N
  readonly type: K
  readonly default: Values[K]
  readonly help: string
  readonly unit?: string
  readonly min?: number
  readonly max?: number
  readonly recommend?: string
  /** The only texts that are taken. */
  readonly choices?: readonly string[]
  /** Never shown; may be read from the file that `<env>_FILE` names. */
  readonly secret?: boolean
}

/** `capture.maxFrameBytes` → `IPSE_CAPTURE_MAX_FRAME_BYTES`. */
function envName(name: string): string {
  return `IPSE_${name
    .replace(/([A-Z])/g, '_$1')
    .replaceAll('.', '_')
    .toUpperCase()}`
}

function setting<const N extends string, K extends Kind>(
  name: N,
  row: Omit<Row<N, K>, 'name'>,
): Row<N, K> & { readonly env: string } {
  return { name, ...row, env: envName(name) }
}

export const SETTINGS = [
  setting('server.host', {
    type: 'string',
    default: '127.0.0.1',
    help: 'Address to listen on.',
    recommend: 'Loopback, behind a proxy that terminates TLS.',
  }),
  setting('server.port', {
    type: 'integer',
    default: 8420,
    min: 0,
    max: 65_535,
    help: 'Port to listen on; 0 takes a free one.',
  }),
  setting('server.publicUrl', {
    type: 'url',
    default: 'http://localhost:8420',
    help: 'Address under which browsers and relying parties reach Ipse: issuer of receipts, own origin of captures.',
    recommend: 'https:// everywhere but on localhost: browsers give no camera otherwise.',
  }),
  setting('server.trustedProxies', {
    type: 'list',
    default: [],
    help: 'Addresses or CIDR ranges of proxies whose X-Forwarded-* headers are believed, separated by commas.',
  }),
  setting('server.proxyClientCertificates', {
    type: 'boolean',
    default: false,
    help: 'Believes X-Client-Cert, X-Client-Cert-SHA256 and X-Client-Cert-San from server.trustedProxies, and from nobody else.',
    recommend: 'Only when the proxy verifies client certificates and clears these headers from outside.',
  }),
  setting('server.apiListen', {
    type: 'listen',
    default: '',
    help: "host:port of the relying parties' surface: /v1, /oauth, /openapi.json. Empty: the port of server.port.",
    recommend: 'An address that the internet does not reach.',
  }),
  setting('server.adminListen', {
    type: 'listen',
    default: '',
    help: 'host:port of administration: /admin, /metrics, /healthz, /readyz. Empty: the port of server.port.',
    recommend: 'Loopback, or the network of the operators.',
  }),
  setting('server.apiUrl', {
    type: 'url',
    default: '',
    help: 'Address under which relying parties reach the API where it is not server.publicUrl. Empty: the same.',
  }),
  setting('server.adminUrl', {
    type: 'url',
    default: '',
    help: 'Address under which people reach /admin/ where it is not server.publicUrl: what passkeys are bound to. Empty: the same.',
    recommend:
      'Set it with server.adminListen, and do not change it: passkeys of another host name do not open it.',
  }),
  setting('tls.certificate', {
    type: 'string',
    default: '',
    help: 'PEM file with the certificate and its intermediates: every listener speaks TLS 1.3. Empty: no TLS of its own.',
    recommend: 'Renew it in place: a changed file is taken within seconds, or at SIGHUP, without a restart.',
  }),
  setting('tls.key', {
    type: 'string',
    default: '',
    help: 'PEM file with the private key of tls.certificate.',
    recommend: 'Readable by the service only.',
  }),
  setting('tls.clientCertificates', {
    type: 'string',
    default: 'off',
    choices: ['off', 'optional', 'required'],
    help: 'Whether the API asks relying parties for a certificate; one that does not verify is refused either way.',
    recommend: 'required, on an own server.apiListen: browsers have none.',
  }),
  setting('tls.clientCa', {
    type: 'string',
    default: '',
    help: "PEM file with the authorities that issue relying parties' certificates.",
  }),
  setting('server.development', {
    type: 'boolean',
    default: false,
    help: 'Allows policies that accept simulated cameras.',
    recommend: 'false in production; receipts name the policy either way.',
  }),
  setting('element.dir', {
    type: 'string',
    default: '',
    help: 'Folder with the built <ipse-check> element, served under /web/. Empty: not served.',
  }),
  setting('element.file', {
    type: 'string',
    default: 'ipse-check.js',
    help: 'File name of the element module inside element.dir.',
  }),
  setting('capture.width', {
    type: 'integer',
    default: 640,
    min: 320,
    max: 1920,
    unit: 'pixels',
    help: 'Frame width asked of the browser.',
  }),
  setting('capture.height', {
    type: 'integer',
    default: 480,
    min: 240,
    max: 1080,
    unit: 'pixels',
    help: 'Frame height asked of the browser.',
  }),
  setting('capture.framesPerSecond', {
    type: 'integer',
    default: 8,
    min: 5,
    max: 30,
    unit: '1/s',
    help: 'Frame rate asked of the browser; a head turn lasts about half a second and is followed from 8 on.',
  }),
  setting('capture.calmFramesPerSecond', {
    type: 'integer',
    default: 6,
    min: 5,
    max: 30,
    unit: '1/s',
    help: 'Frame rate asked while the head keeps still, follows the dot or the mouth opens; never more than capture.framesPerSecond.',
  }),
  setting('capture.inFlight', {
    type: 'integer',
    default: 3,
    min: 1,
    max: 10,
    unit: 'frames',
    help: 'Frames that may be under way before one is answered.',
  }),
  setting('capture.quality', {
    type: 'integer',
    default: 85,
    min: 50,
    max: 100,
    unit: 'percent',
    help: 'JPEG quality asked of the browser.',
  }),
  setting('capture.maxFrameBytes', {
    type: 'integer',
    default: 400_000,
    min: 20_000,
    max: 5_000_000,
    unit: 'bytes',
    help: 'Largest frame that is taken.',
  }),
  setting('capture.helloLimitMs', {
    type: 'integer',
    default: 10_000,
    min: 50,
    max: 60_000,
    unit: 'milliseconds',
    help: 'Time for each message of the handshake.',
  }),
  setting('capture.idleLimitMs', {
    type: 'integer',
    default: 8_000,
    min: 50,
    max: 60_000,
    unit: 'milliseconds',
    help: 'Longest silence during a capture.',
  }),
  setting('capture.submitLimitMs', {
    type: 'integer',
    default: 8_000,
    min: 50,
    max: 60_000,
    unit: 'milliseconds',
    help: 'Time between the last step and the signed end of the capture.',
  }),
  setting('engine.concurrency', {
    type: 'integer',
    default: 2,
    min: 1,
    max: 64,
    unit: 'images',
    help: 'Images that are measured at the same time.',
    recommend: 'The number of cores.',
  }),
  setting('engine.queueLimit', {
    type: 'integer',
    default: 64,
    min: 1,
    max: 10_000,
    unit: 'images',
    help: 'Images that may wait; beyond it Ipse answers engine_unavailable at once.',
  }),
  setting('engine.deadlineMs', {
    type: 'integer',
    default: 5_000,
    min: 50,
    max: 60_000,
    unit: 'milliseconds',
    help: 'Longest time from asking for a measurement to having it.',
  }),
  setting('receipt.lifetimeSeconds', {
    type: 'integer',
    default: 600,
    min: 30,
    max: LONGEST_RECEIPT_S,
    unit: 'seconds',
    help: 'How long a receipt may be used after it was signed.',
    recommend: 'As short as the relying party needs to fetch and check it.',
  }),
  setting('attestation.appleRootFile', {
    type: 'string',
    default: '',
    help: 'PEM file with Apple’s App Attestation root certificate. Empty: App Attest is not verified and never counts.',
  }),
  setting('attestation.appleAppIds', {
    type: 'list',
    default: [],
    help: 'Apps whose attestations count, as TEAMID.bundle.identifier, separated by commas.',
  }),
  setting('attestation.appleDevelopment', {
    type: 'boolean',
    default: false,
    help: 'Takes keys of Apple’s development environment too, as valid and never strong.',
    recommend: 'false in production.',
  }),
  setting('attestation.playPackage', {
    type: 'string',
    default: '',
    help: 'Android package whose Play Integrity verdicts count. Empty: they are not verified and never count.',
  }),
  setting('attestation.playCertificates', {
    type: 'list',
    default: [],
    help: 'SHA-256 of the certificates that sign the Android app, base64url, separated by commas.',
  }),
  setting('attestation.playDecryptionKeyFile', {
    type: 'string',
    default: '',
    help: 'File with the response decryption key of the Play Console, base64.',
    recommend: 'Readable by the service alone.',
  }),
  setting('attestation.playVerificationKeyFile', {
    type: 'string',
    default: '',
    help: 'File with the response verification key of the Play Console, base64.',
  }),
  setting('attestation.webauthnRpId', {
    type: 'string',
    default: '',
    help: 'Host name that WebAuthn authenticators are bound to. Empty: WebAuthn is not verified and never counts.',
  }),
  setting('attestation.webauthnOrigins', {
    type: 'list',
    default: [],
    help: 'Exact origins of the pages that ask for WebAuthn, separated by commas. Empty: the origin of server.publicUrl.',
  }),
  setting('oauth.dpopNonce', {
    type: 'boolean',
    default: false,
    help: 'Proofs of possession over HTTP must bring a nonce of ours (RFC 9449 §8), so that none can be made in advance.',
    recommend: 'On, where programs answer use_dpop_nonce by asking again; most libraries do.',
  }),
  setting('oauth.issuer', {
    type: 'string',
    default: '',
    help: 'Issuer (iss) of access tokens of an identity provider of your own. Empty: only tokens that Ipse issued.',
  }),
  setting('oauth.audience', {
    type: 'string',
    default: '',
    help: 'Audience (aud) that its tokens must name, exactly.',
  }),
  setting('oauth.jwksUri', {
    type: 'string',
    default: '',
    help: 'https address of its public keys. A token never chooses where keys come from.',
  }),
  setting('oauth.tenantClaim', {
    type: 'string',
    default: 'tenant',
    help: 'Claim of its tokens that names the tenant. Scopes are the words of "scope" that Ipse knows.',
  }),
  setting('people.oidcIssuer', {
    type: 'string',
    default: '',
    help: 'OpenID Connect issuer that people sign in with. Empty: passkeys only.',
    recommend: 'Its redirect address is /admin/oidc/callback under server.adminUrl.',
  }),
  setting('people.oidcClientId', {
    type: 'string',
    default: '',
    help: 'Client id of Ipse at people.oidcIssuer.',
  }),
  setting('people.oidcClientSecret', {
    type: 'string',
    default: '',
    secret: true,
    help: 'Client secret at people.oidcIssuer (client_secret_post). Empty: a public client, with PKCE alone.',
  }),
  setting('people.oidcScope', {
    type: 'string',
    default: 'openid profile',
    help: 'Scopes asked of people.oidcIssuer, separated by spaces.',
  }),
  setting('people.oidcRoleClaim', {
    type: 'string',
    default: 'roles',
    help: 'Claim of the ID token with the values that people.oidcRoleMap maps: a text, or a list of texts.',
  }),
  setting('people.oidcRoleMap', {
    type: 'list',
    default: [],
    help: 'value=role, separated by commas: which value of the claim gives which role. Who has no mapped value is refused.',
    recommend: 'Groups made for Ipse alone.',
  }),
  setting('people.oidcTenant', {
    type: 'string',
    default: 'default',
    help: 'Tenant of the people who sign in with people.oidcIssuer.',
  }),
  setting('console.dir', {
    type: 'string',
    default: '',
    help: 'Folder with the built console, served under /admin/. Empty: not served.',
  }),
  setting('rollout.guard', {
    type: 'boolean',
    default: false,
    help: 'Takes a canary back that rejects or turns away more than what is in force, beyond what chance explains, or cannot decide; looked at every minute. It does not become active either.',
    recommend: 'On, where policies are promoted under load.',
  }),
  setting('policies.path', {
    type: 'string',
    default: '',
    help: "JSON file with a policy of the operator's own, or folder of such files. Empty: the shipped ones only.",
    recommend: 'Read only for the service; "ipse policies check" says what a file changes.',
  }),
  setting('retention.sessionDays', {
    type: 'integer',
    default: 30,
    min: 1,
    max: 3650,
    unit: 'days',
    help: 'How long finished sessions are kept. Frames are never kept.',
    recommend: 'As short as disputes need.',
  }),
  setting('retention.preset', {
    type: 'string',
    default: 'gdpr',
    choices: RETENTION_PRESETS,
    help: 'Rules of retention of tenants that have set none of their own: docs/privacy.md has them.',
    recommend: 'bipa where the people are in Illinois.',
  }),
  setting('retention.backupDays', {
    type: 'integer',
    default: 30,
    min: 0,
    max: 3650,
    unit: 'days',
    help: 'How long backups of the store are kept: receipts of erasures say until when a backup may still hold what was erased. 0: there are none.',
    recommend: 'What the backups really do, and shorter for the keys than for the data.',
  }),
  setting('retention.replayDays', {
    type: 'integer',
    default: 30,
    min: 1,
    max: 365,
    unit: 'days',
    help: 'How long a capture can be recognised when it is sent again, by keyed hashes; never longer than its session is kept.',
    recommend: 'As long as a stolen recording is worth something.',
  }),
  setting('media.keep', {
    type: 'string',
    default: 'none',
    choices: ['none', 'until-decision', 'review', 'session'],
    help: 'Whether up to four pictures of a capture are kept, sealed: as long as its session is undecided; also while it waits for a review; also after it was decided, as long as it would have lived.',
    recommend: 'none. Who must look at pictures: review, and say so where consent is asked.',
  }),
  setting('media.hours', {
    type: 'integer',
    default: 24,
    min: 1,
    max: 72,
    unit: 'hours',
    help: 'Longest time that a picture is kept, whatever it is kept for.',
  }),
  setting('limits.requestsPerKeyPerMinute', {
    type: 'integer',
    default: 120_000,
    min: 0,
    max: 100_000_000,
    unit: 'requests',
    help: 'Requests of one caller (API key, client, token, person) under /v1, a minute. 0: no limit.',
    recommend: 'A few times the busiest minute: a relying party that is limited loses customers.',
  }),
  setting('limits.requestsPerTenantPerMinute', {
    type: 'integer',
    default: 240_000,
    min: 0,
    max: 100_000_000,
    unit: 'requests',
    help: 'Requests of all callers of one tenant under /v1, a minute. 0: no limit.',
  }),
  setting('limits.comparisonsPerMinute', {
    type: 'integer',
    default: 10,
    min: 0,
    max: 1_000_000,
    unit: 'comparisons',
    help: 'Comparisons without a session of one caller, a minute: each is a guess at a face. 0: no limit.',
    recommend: 'Raise it only for a caller whose own limits protect each subject.',
  }),
  setting('limits.tokensPerClientPerMinute', {
    type: 'integer',
    default: 60,
    min: 0,
    max: 1_000_000,
    unit: 'tokens',
    help: 'Access tokens that one client may ask for at /oauth/token, a minute. 0: no limit.',
    recommend: 'A token lives ten minutes: a client that asks for more than one a process keeps none.',
  }),
  setting('limits.tokensPerNetworkPerMinute', {
    type: 'integer',
    default: 600,
    min: 0,
    max: 1_000_000,
    unit: 'requests',
    help: 'Requests at /oauth/token from one network (/24, /56), a minute, whoever asks; loopback is not counted. 0: no limit.',
  }),
  setting('limits.capturesPerHour', {
    type: 'integer',
    default: 100,
    min: 0,
    max: 1_000_000,
    unit: 'captures',
    help: 'Captures that may begin an hour for each subject, device correlation id, device key and network (/24, /56). 0: no limit.',
    recommend: 'More where many people share an address; loopback is not counted by network.',
  }),
  setting('lockout.enabled', {
    type: 'boolean',
    default: true,
    help: 'Locks subjects, devices and networks out after failed captures.',
    recommend: 'false only to measure attacks on a service of your own.',
  }),
  setting('lockout.failures', {
    type: 'integer',
    default: 5,
    min: 1,
    max: 100,
    unit: 'captures',
    help: 'Failed captures within lockout.windowSeconds that lock out.',
  }),
  setting('lockout.windowSeconds', {
    type: 'integer',
    default: 180,
    min: 10,
    max: 86_400,
    unit: 'seconds',
    help: 'Time in which failures are counted together.',
  }),
  setting('lockout.minutes', {
    type: 'integer',
    default: 30,
    min: 1,
    max: 1440,
    unit: 'minutes',
    help: 'First lock-out; each further one is twice as long, up to a day.',
  }),
  setting('abuse.blockScore', {
    type: 'integer',
    default: 10,
    min: 1,
    max: 1000,
    unit: 'points',
    help: 'Abuse score at which a device gets no new session until a person has decided.',
  }),
  setting('abuse.halfLifeHours', {
    type: 'integer',
    default: 24,
    min: 1,
    max: 720,
    unit: 'hours',
    help: 'Time in which half of an abuse score is forgotten.',
  }),
  setting('kek.provider', {
    type: 'string',
    default: 'keyring',
    choices: ['keyring', 'environment', 'transit', 'module'],
    help: 'What wraps the keys of what is kept of faces: the keyring, kek.keys, a key service, or kek.module.',
    recommend: 'transit or module, where a key service is run anyway: then no file opens anything.',
  }),
  setting('kek.keys', {
    type: 'string',
    default: '',
    secret: true,
    help: 'Key-encryption keys as id:secret, newest first, separated by commas; 32 bytes in base64url. For kek.provider environment.',
  }),
  setting('kek.transitUrl', {
    type: 'url',
    default: '',
    help: 'Address of a service that speaks the transit API of HashiCorp Vault, https or loopback. For kek.provider transit.',
  }),
  setting('kek.transitMount', {
    type: 'string',
    default: 'transit',
    help: 'Where the transit engine is mounted.',
  }),
  setting('kek.transitKey', {
    type: 'string',
    default: 'ipse',
    help: 'Name of the key there.',
    recommend: 'aes256-gcm96, not derived, not exportable.',
  }),
  setting('kek.transitToken', {
    type: 'string',
    default: '',
    secret: true,
    help: 'Token for it.',
    recommend: 'One that may encrypt, decrypt and rewrap with this key and read it, and nothing else.',
  }),
  setting('kek.timeoutMs', {
    type: 'integer',
    default: 2_000,
    min: 50,
    max: 30_000,
    unit: 'milliseconds',
    help: 'Time for each of up to three tries; then the request fails with storage_unavailable and may be tried again.',
  }),
  setting('kek.module', {
    type: 'string',
    default: '',
    help: 'Module whose default export makes a provider: PKCS#11, a key service of a cloud. For kek.provider module.',
  }),
  setting('keyring.passphrase', {
    type: 'string',
    default: '',
    secret: true,
    help: 'Passphrase of the keyring file. A keyring that is made while it is set is closed with it. Empty: the file is open to its owner.',
    recommend:
      'IPSE_KEYRING_PASSPHRASE_FILE, a file that is mounted when the service starts and lies on another medium.',
  }),
  setting('store.url', {
    type: 'string',
    default: '',
    secret: true,
    help: 'PostgreSQL that all nodes share, as postgres://user:password@host:port/database?sslmode=verify-full. Empty: the embedded store in the data folder.',
    recommend: 'IPSE_STORE_URL or IPSE_STORE_URL_FILE, the same for every command and node.',
  }),
  setting('store.keysUrl', {
    type: 'string',
    default: '',
    secret: true,
    help: 'PostgreSQL for the keys of what is kept of faces, where it is not the one of store.url. Empty: a schema of their own in that one.',
    recommend:
      'Another database with backups of its own, kept for days: what is erased is gone when they are.',
  }),
  setting('store.connections', {
    type: 'integer',
    default: 10,
    min: 1,
    max: 500,
    help: 'Connections to PostgreSQL that one process keeps at most; a fifth as many come on top for the store of keys.',
  }),
  setting('audit.checkpointSeconds', {
    type: 'integer',
    default: 60,
    min: 1,
    max: 86_400,
    unit: 'seconds',
    help: 'How often the heads of audit logs that have grown are signed. What no checkpoint covers could be changed by whoever has the store.',
  }),
  setting('audit.checkpointFile', {
    type: 'string',
    default: '',
    help: 'File that every checkpoint is appended to. Empty: none.',
    recommend: 'A path on another machine, or on a medium that is written once.',
  }),
  setting('audit.checkpointUrl', {
    type: 'url',
    default: '',
    help: 'Address that every checkpoint is sent to by POST, until it has been taken. Empty: none.',
    recommend: 'Somebody else than you, who keeps what arrives.',
  }),
  setting('audit.checkpointSecret', {
    type: 'string',
    default: '',
    secret: true,
    help: 'Secret of the HMAC-SHA256 in the header webhook-signature of what is sent to audit.checkpointUrl.',
  }),
  setting('metrics.token', {
    type: 'string',
    default: '',
    secret: true,
    help: 'Bearer token that opens /metrics to other machines. Empty: /metrics answers loopback only.',
  }),
] as const

export type AnyRow = (typeof SETTINGS)[number]
export type SettingName = AnyRow['name']
type Group = SettingName extends infer N ? (N extends `${infer G}.${string}` ? G : never) : never
type ValueOf<N extends string> =
  Extract<AnyRow, { name: N }> extends { type: infer K extends Kind } ? Values[K] : never
/** All settings, grouped: `settings.capture.width`. Frozen. */
export type Settings = {
  readonly [G in Group]: {
    readonly [N in SettingName as N extends `${G}.${infer Member}` ? Member : never]: ValueOf<N>
  }
}

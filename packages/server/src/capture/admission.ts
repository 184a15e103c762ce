/** Who may run this capture: token, origin, network, proof of the device key, and the key that came first. */
import {
  CAPTURE_PATH,
  CAPTURE_PROTOCOL,
  type Hello,
  IpseError,
  nextState,
  type PublicJwk,
  toBase64url,
  type Welcome,
} from '@ipse/protocol'
import { MAX_CLOCK_SKEW_S, MAX_DEVICE_SKEW_S, verifyProof } from '../identity/proof.ts'
import { mayUseFrom } from '../identity/rights.ts'
import type { SessionRecord } from '../store/store.ts'
import { isServedProtocol, isServedSdk, MINIMUM_SDK } from '../version.ts'
import { type OpenCapture, openCapture, refusal } from '../work/conduct.ts'
import type { Channel } from './channel.ts'
import { type CaptureContext, captureAddress } from './context.ts'
import { parseHello } from './messages.ts'
import { verifyCaptureToken } from './token.ts'

const NONCE_BYTES = 16
/** Connections with a sound token that a session takes in its life; three attempts on a bad line need fewer. */
const MOST_CONNECTIONS = 30

/** Where a capture device comes from, by the account of its connection. */
export interface Visitor {
  /** The Origin header of the handshake. */
  readonly origin: string | undefined
  /** Of the connection; behind a declared proxy as it names it. */
  readonly address: string
}

export interface Admission {
  readonly session: SessionRecord
  readonly jwk: PublicJwk
  readonly jkt: string
  readonly sdk: string
  /** Thumbprint of the service's key as the token names it. */
  readonly service: string
  readonly capture: OpenCapture
}

/**
 * @throws IpseError `session_token_invalid`, `session_expired`, `session_wrong_state`, `capture_already_received`, a
 * hindrance, and the codes of what stands in the way of another attempt
 */
export async function admit(channel: Channel, context: CaptureContext, visitor: Visitor): Promise<Admission> {
  const { settings, random } = context
  const nonce = toBase64url(random.bytes(NONCE_BYTES))
  const welcome: Welcome = { type: 'welcome', protocol: CAPTURE_PROTOCOL, nonce, minimumSdk: MINIMUM_SDK }
  channel.send(welcome)
  const incoming = await channel.next(settings.capture.helloLimitMs)
  if (incoming?.kind !== 'text') throw new IpseError('session_token_invalid', 'no hello')
  const hello = parseHello(incoming.text)
  try {
    return await enter(context, hello, nonce, visitor)
  } catch (error) {
    throw inItsWords(hello, error)
  }
}

/** What another protocol calls a token or a proof may be none to us: its element hears that it is too old. */
function inItsWords({ protocol }: Hello, error: unknown): unknown {
  const refused = error instanceof IpseError && error.code === 'session_token_invalid'
  return refused && !isServedProtocol(protocol)
    ? new IpseError('unsupported_version', undefined, { cause: error })
    : error
}

async function enter(
  context: CaptureContext,
  hello: Hello,
  nonce: string,
  visitor: Visitor,
): Promise<Admission> {
  const { store, keys, clock, settings } = context
  const now = clock.now()
  const token = await verifyCaptureToken(keys.captureTokenKey, settings.server.publicUrl, hello.token, now)
  const session = await store.findSession(token.tenant, token.sessionId)
  if (!session || session.tokenId !== token.tokenId) throw new IpseError('session_token_invalid')
  await countConnection(context, session)
  try {
    return { ...(await prove(context, session, hello, nonce, visitor)), service: token.service }
  } catch (error) {
    const { code, message } = error instanceof IpseError ? error : new IpseError('internal')
    const { id, tenant, subject } = session
    // The device hears one word for all of these; the operator reads which it was.
    const why = code === 'session_token_invalid' ? { note: message } : {}
    await store.appendAudit(
      context.auditor.entry('capture.refused', tenant, { sessionId: id, subject, error: code, ...why }),
    )
    throw error
  }
}

/** Before anything of it is written down: a token must not fill the audit trail. */
async function countConnection({ store }: CaptureContext, { id, expiresAt }: SessionRecord): Promise<void> {
  const take = { key: `connections:${id}`, most: MOST_CONNECTIONS, endsAt: expiresAt }
  if (!(await store.takeAllowances([take])).taken) throw new IpseError('rate_limited', 'connections')
}

/** The holder of a sound token shows the page it runs on and the key it holds. */
async function prove(
  context: CaptureContext,
  session: SessionRecord,
  hello: Hello,
  nonce: string,
  visitor: Visitor,
): Promise<Omit<Admission, 'service'>> {
  const { store, clock, settings } = context
  const { publicUrl } = settings.server
  const now = clock.now()
  const { origin, address } = visitor
  if (origin === undefined || ![publicUrl, ...session.allowedOrigins].includes(origin))
    throw new IpseError('session_token_invalid', 'origin')
  if (!mayUseFrom(session.allowedNetworks, address)) throw new IpseError('session_token_invalid', 'network')
  const htu = captureAddress(publicUrl, CAPTURE_PATH).http
  const { jwk, jkt, jti } = await verifyProof(hello.proof, {
    htm: 'GET',
    htu,
    nonce,
    token: hello.token,
    now,
    maxSkewS: MAX_DEVICE_SKEW_S,
  })
  if (!(await store.useOnce('proof', `${jkt}.${jti}`, now + 2 * MAX_CLOCK_SKEW_S * 1000)))
    throw new IpseError('session_token_invalid', 'proof used before')
  await assertUsable(context, session, jkt)
  await turnBack(context, session, hello)
  const bound = await bind(context, session, jkt)
  const capture = await letIn(context, bound, { jkt, address })
  return { session: bound, jwk, jkt, sdk: hello.sdk, capture }
}

/**
 * A device that cannot capture, or whose element is too old, uses up no attempt and binds no key: the person may come back
 * with another one. The relying party reads why.
 */
async function turnBack(
  { store, clock }: CaptureContext,
  session: SessionRecord,
  hello: Hello,
): Promise<void> {
  const served = isServedProtocol(hello.protocol) && isServedSdk(hello.sdk)
  const code = served ? hello.unable : 'unsupported_version'
  if (code === undefined) return
  await store.changeSession(session, { hindrance: { code, at: clock.now() } })
  throw new IpseError(code)
}

/** The relying party reads why its session's device was turned away; the device does not. */
async function letIn(
  context: CaptureContext,
  session: SessionRecord,
  by: { readonly jkt: string; readonly address: string },
): Promise<OpenCapture> {
  const opened = await openCapture(context, session, by)
  if (!('obstacle' in opened)) return opened
  const at = context.clock.now()
  await context.store.changeSession(session, { refused: { ...opened.obstacle, at } })
  throw refusal(opened.obstacle, at)
}

/** The first key that is proved is the session's key; a second one is refused for good. */
async function bind(context: CaptureContext, session: SessionRecord, jkt: string): Promise<SessionRecord> {
  if (session.state !== 'created') return session
  const state = nextState(session.state, 'bind')
  const audit = context.auditor.entry('capture.bound', session.tenant, {
    sessionId: session.id,
    subject: session.subject,
  })
  const bound = await context.store.changeSession(session, { state: state ?? 'bound', jkt }, { audit })
  if (bound) return bound
  // Somebody was faster. If it was this very key, the session is usable; otherwise it is taken.
  const current = await context.store.findSession(session.tenant, session.id)
  if (!current) throw new IpseError('session_token_invalid')
  await assertUsable(context, current, jkt)
  return current
}

async function assertUsable(
  { clock, policies }: CaptureContext,
  session: SessionRecord,
  jkt: string,
): Promise<void> {
  if (session.jkt !== undefined && session.jkt !== jkt)
    throw new IpseError('session_token_invalid', 'second key')
  if (session.expiresAt <= clock.now() || session.state === 'expired') throw new IpseError('session_expired')
  if (session.state === 'passed' || session.state === 'failed' || session.state === 'review')
    throw new IpseError('capture_already_received')
  if (session.state !== 'created' && session.state !== 'bound') throw new IpseError('session_wrong_state')
  const policy = await policies.of(session)
  if (session.purpose === 'enrolment' && policy.consentForEnrolment && !session.consent)
    throw new IpseError('session_wrong_state', 'no consent')
}

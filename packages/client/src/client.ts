/** What a relying party's backend uses: one method for each thing that Ipse does, and the check of what it signed. */
import {
  type AuditClaim,
  type ComparisonResult,
  type Consent,
  type ConsentRecord,
  type CreateComparison,
  type CreateDetection,
  type CreatedSession,
  type CreateReference,
  type CreateSession,
  type DetectionResult,
  type Erasure,
  type ErasureClaims,
  IpseError,
  isId,
  type LogConsistency,
  type Page,
  parseCheckpoint,
  parseNote,
  type ReleaseClaims,
  type Session,
  type SessionMedia,
  type Subject,
  type SubjectExport,
  type WithdrawnConsent,
} from '@ipse/protocol'
import { createKeyCache, type KeyCache } from './key-cache.ts'
import { createPinnedFetch } from './pinned-fetch.ts'
import { parsePins } from './pins.ts'
import { type Call, request, type Transport } from './request.ts'
import { type LaterLog, verifyAudit } from './verify-audit.ts'
import { type ErasureExpectations, verifyErasure } from './verify-erasure.ts'
import { type ReceiptExpectations, type VerifiedReceipt, verifyReceipt } from './verify-receipt.ts'
import { verifyRelease } from './verify-release.ts'

export interface IpseClientOptions {
  /** Address of the service, for example `https://ipse.example`. */
  readonly baseUrl: string
  /** `ipse_…` from `ipse keys create`. Belongs in a secret store, never in a page. */
  readonly apiKey: string
  /** Issuer that receipts must name: the service's public URL. `baseUrl` when absent. */
  readonly issuer?: string
  /** Total time for one call with all its repetitions, milliseconds; default 30 000. */
  readonly timeoutMs?: number
  /** How often a call is sent again after a fault that may pass; default 3. */
  readonly retries?: number
  /**
   * Keys that the service's TLS certificate may hold, as `ipse pins` prints them, two at least: nothing is sent to a server
   * with another key, whoever vouches for it. Node only.
   */
  readonly pins?: readonly string[]
  readonly fetch?: typeof fetch
}

export interface CallOptions {
  readonly signal?: AbortSignal
  /** `traceparent` of the request that this call is made for (W3C Trace Context): Ipse's log then names its trace. */
  readonly traceparent?: string
  /** Your own id of the call: 1–64 characters of [A-Za-z0-9._-]. */
  readonly requestId?: string
}

export interface CreateOptions extends CallOptions {
  /** Makes the creation happen once however often it is sent; drawn at random when absent. */
  readonly idempotencyKey?: string
}

export type ClientLogExpectations = Pick<LaterLog, 'logKeys' | 'witnesses'>
export type ClientReceiptExpectations = Omit<ReceiptExpectations, 'keys' | 'issuer'>
export type ClientErasureExpectations = Omit<ErasureExpectations, 'keys' | 'issuer'>

/** `CreateSession.subject` and all paths made of it, see resources.ts. */
const SUBJECT = /^(?!\.{1,2}$)[A-Za-z0-9._:@-]{1,128}$/

export class IpseClient {
  readonly #transport: Transport
  readonly #issuer: string
  readonly #keys: KeyCache

  /** @throws TypeError when address or key cannot be right */
  constructor(options: IpseClientOptions) {
    const { baseUrl, apiKey, timeoutMs = 30_000, retries = 3 } = options
    if (!URL.canParse(baseUrl) || !/^https?:$/.test(new URL(baseUrl).protocol))
      throw new TypeError('baseUrl must be an http(s) address, for example https://ipse.example')
    if (typeof apiKey !== 'string' || !/^[\x21-\x7e]+$/.test(apiKey))
      throw new TypeError('apiKey must be a key from "ipse keys create"')
    const base = baseUrl.replace(/\/*$/, '/')
    this.#transport = { base, apiKey, timeoutMs, retries, fetch: fetchOf(options) }
    this.#issuer = options.issuer ?? base.slice(0, -1)
    this.#keys = createKeyCache(() =>
      this.#call({ method: 'GET', path: '.well-known/jwks.json', public: true }),
    )
  }

  /** Opens a session; hand `captureToken`, `captureUrl` and `element` to the page, keep `id`. */
  createSession(session: CreateSession, options: CreateOptions = {}): Promise<CreatedSession> {
    return this.#create('v1/sessions', session, options)
  }

  getSession(id: string, options: CallOptions = {}): Promise<Session> {
    return this.#call({ method: 'GET', path: `v1/sessions/${sessionPath(id)}`, ...options })
  }

  /** Sessions of the tenant, newest first. */
  listSessions(
    page: { readonly cursor?: string; readonly limit?: number } = {},
    options: CallOptions = {},
  ): Promise<Page<Session>> {
    const query = new URLSearchParams()
    if (page.cursor !== undefined) query.set('cursor', page.cursor)
    if (page.limit !== undefined) query.set('limit', String(page.limit))
    return this.#call({ method: 'GET', path: `v1/sessions${query.size > 0 ? `?${query}` : ''}`, ...options })
  }

  /** A session that is cancelled already is returned as it is: the call may be sent twice. */
  async cancelSession(id: string, options: CallOptions = {}): Promise<Session> {
    try {
      return await this.#call({ method: 'POST', path: `v1/sessions/${sessionPath(id)}/cancel`, ...options })
    } catch (error) {
      if (!(error instanceof IpseError && error.code === 'session_wrong_state')) throw error
      const session = await this.getSession(id, options)
      if (session.state === 'cancelled') return session
      throw error
    }
  }

  /** Which pictures of the capture are still kept, for whom and until when. */
  getMedia(id: string, options: CallOptions = {}): Promise<SessionMedia> {
    return this.#call({ method: 'GET', path: `v1/sessions/${sessionPath(id)}/media`, ...options })
  }

  /**
   * One of them, as JPEG. Whoever looks first is the only one who can; every look is in the audit log.
   * @throws IpseError `forbidden` when somebody else was first, `not_found` when its time is over
   */
  getPicture(id: string, n: number, options: CallOptions = {}): Promise<Uint8Array> {
    if (!Number.isInteger(n) || n < 0 || n > 9) throw new IpseError('invalid_request', 'not a picture')
    const path = `v1/sessions/${sessionPath(id)}/media/${n}`
    return this.#call({ method: 'GET', path, answer: 'picture', ...options })
  }

  /** Compares two faces. `non-match` is a result, not an error. */
  compare(comparison: CreateComparison, options: CallOptions = {}): Promise<ComparisonResult> {
    return this.#call({ method: 'POST', path: 'v1/comparisons', body: comparison, ...options })
  }

  /** Finds faces. No face is a result: `faces` is empty. */
  detect(detection: CreateDetection, options: CallOptions = {}): Promise<DetectionResult> {
    return this.#call({ method: 'POST', path: 'v1/detections', body: detection, ...options })
  }

  /** Stores a reference made from a photograph. The photograph itself is not kept. */
  enrol(subject: string, reference: CreateReference, options: CreateOptions = {}): Promise<Subject> {
    return this.#create(`v1/subjects/${subjectPath(subject)}/references`, reference, options)
  }

  getSubject(subject: string, options: CallOptions = {}): Promise<Subject> {
    return this.#call({ method: 'GET', path: `v1/subjects/${subjectPath(subject)}`, ...options })
  }

  /**
   * Everything that Ipse holds about the subject (GDPR articles 15 and 20).
   * @param options with `media: 'included'` each picture that is still kept brings its bytes, in base64; the key needs `media:read`, too
   */
  exportSubject(
    subject: string,
    { media, ...options }: CallOptions & { readonly media?: 'included' } = {},
  ): Promise<SubjectExport> {
    const query = media === undefined ? '' : `?media=${media}`
    return this.#call({
      method: 'GET',
      path: `v1/subjects/${subjectPath(subject)}/export${query}`,
      ...options,
    })
  }

  /** Records a consent of the subject: enrolments and sessions may then name it as `consentId`. */
  recordConsent(subject: string, consent: Consent, options: CallOptions = {}): Promise<ConsentRecord> {
    return this.#call({
      method: 'POST',
      path: `v1/subjects/${subjectPath(subject)}/consents`,
      body: consent,
      ...options,
    })
  }

  /** Ends a consent: nothing is compared with what rests on it any more (GDPR article 7(3)). */
  withdrawConsent(id: string, options: CallOptions = {}): Promise<WithdrawnConsent> {
    if (!isId('consent', id)) throw new IpseError('invalid_request', 'not a consent id')
    return this.#call({ method: 'POST', path: `v1/consents/${id}/withdraw`, ...options })
  }

  /**
   * Erases all that is held about the subject (GDPR article 17). Keep the receipt: Ipse has no copy. `approval_required` where
   * the tenant wants a second person to agree; then send it again when they have.
   */
  deleteSubject(subject: string, options: CallOptions = {}): Promise<Erasure> {
    return this.#call({ method: 'DELETE', path: `v1/subjects/${subjectPath(subject)}`, ...options })
  }

  /**
   * Checks the receipt of an erasure against the service's published keys.
   * @throws IpseError `receipt_invalid`; `connection_lost` when the keys cannot be fetched
   */
  verifyErasure(receipt: string, expectations: ClientErasureExpectations): Promise<ErasureClaims> {
    return verifyErasure(receipt, {
      ...expectations,
      issuer: this.#issuer,
      keys: (kid) => this.#keys.find(kid),
    })
  }

  /**
   * Checks a receipt against the service's published keys, which are fetched once and again only for an unknown key.
   * @throws IpseError `receipt_invalid` or `receipt_expired`; `connection_lost` when the keys cannot be fetched
   */
  verifyReceipt(receipt: string, expectations: ClientReceiptExpectations): Promise<VerifiedReceipt> {
    return verifyReceipt(receipt, {
      ...expectations,
      issuer: this.#issuer,
      keys: (kid) => this.#keys.find(kid),
    })
  }

  /**
   * What the service serves to browsers now, by its own signature: compare your page's `src` and `integrity` with it.
   * @throws IpseError `release_invalid`; `connection_lost` when it cannot be fetched
   */
  async getRelease(options: CallOptions = {}): Promise<ReleaseClaims> {
    const call = { method: 'GET', path: '.well-known/ipse.json', public: true, ...options } as const
    const { release } = (await this.#call<{ readonly release?: string } | null>(call)) ?? {}
    return verifyRelease(release ?? '', { issuer: this.#issuer, keys: (kid) => this.#keys.find(kid) })
  }

  /**
   * Shows that the service's log still holds what a verified receipt proved, and returns the checkpoint that says so: keep it.
   * Undefined when the newest checkpoint is older than the receipt; ask again in a minute.
   * @param logKeys verifier keys of the log and of witnesses, from GET /v1/log/keys, kept since
   * @throws IpseError `log_invalid` when the log does not
   */
  async verifyAudit(
    claim: AuditClaim,
    { logKeys, witnesses, ...options }: ClientLogExpectations & CallOptions,
  ): Promise<string | undefined> {
    const get = <T>(path: string, how: Pick<Call, 'answer'> = {}) =>
      this.#call<T>({ method: 'GET', path: `v1/log/${path}`, ...how, ...options })
    const checkpoint = await get<string>('checkpoint', { answer: 'text' })
    const { size } = parseCheckpoint(parseNote(checkpoint).text)
    if (size < claim.size) return undefined
    const { proof } = await get<LogConsistency>(`consistency?from=${claim.size}&to=${size}`)
    await verifyAudit(claim, {
      checkpoint,
      consistency: proof,
      logKeys,
      ...(witnesses === undefined ? {} : { witnesses }),
    })
    return checkpoint
  }

  #create<T>(path: string, body: unknown, { idempotencyKey, ...options }: CreateOptions): Promise<T> {
    return this.#call({
      method: 'POST',
      path,
      body,
      idempotencyKey: idempotencyKey ?? crypto.randomUUID(),
      ...options,
    })
  }

  /** The service is trusted with the shape of its answers; receipts, which decide, are checked member by member. */
  #call<T>(call: Call): Promise<T> {
    return request(this.#transport, call) as Promise<T>
  }
}

function fetchOf({ baseUrl, pins, fetch: given }: IpseClientOptions): typeof fetch {
  if (pins === undefined) return given ?? globalThis.fetch
  if (given !== undefined) throw new TypeError('pins are checked on connections of our own: leave out fetch')
  if (new URL(baseUrl).protocol !== 'https:') throw new TypeError('pins need an https address')
  return createPinnedFetch(parsePins(pins))
}

/** Checked before it becomes part of an address: `..` would name another resource. */
function subjectPath(subject: string): string {
  if (SUBJECT.test(subject)) return encodeURIComponent(subject)
  throw new IpseError('invalid_request', 'subject: 1 to 128 characters of A-Z a-z 0-9 . _ : @ -')
}

function sessionPath(id: string): string {
  if (isId('session', id)) return id
  throw new IpseError('invalid_request', 'not a session id')
}

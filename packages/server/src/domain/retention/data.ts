/**
 * Every datum that Ipse has to do with: what for, on what ground, where, for how long, and how one sees that it is gone. The home
 * of docs/privacy.md. A test holds it against the tables of the store, both ways: a new table needs a line here.
 */
import type { ErasedKind, RetentionRule } from '@ipse/protocol'

/** Grounds that an operator may choose from; which one carries is the operator's to decide, and to write down. */
export const GROUNDS = {
  consent: 'explicit consent (GDPR art. 9(2)(a), 6(1)(a); BIPA 15(b))',
  contract: 'contract, or legitimate interest in knowing who asks (GDPR art. 6(1)(b), (f))',
  security: 'legitimate interest in security (GDPR art. 6(1)(f), 32)',
  accountability: 'proof of what was done (GDPR art. 5(2), 6(1)(c), (f), 17(3)(e))',
  none: 'not about a person',
} as const
export type Ground = keyof typeof GROUNDS

interface DataRow {
  readonly what: string
  readonly why: string
  readonly ground: Ground
  /** Tables of the store; none: in memory only. */
  readonly tables: readonly string[]
  readonly where?: string
  /** Rules of retention that end it, or the end that it has by itself. */
  readonly ends: readonly RetentionRule[] | string
  /** What the receipt of an erasure counts it as. */
  readonly erased?: ErasedKind
  readonly shows: string
}

export const DATA: readonly DataRow[] = [
  {
    what: 'frames of a capture',
    why: 'to measure',
    ground: 'consent',
    tables: [],
    ends: 'the end of the capture',
    shows: 'they are never written, but for the pictures below',
  },
  {
    what: 'reference photograph that the relying party sends',
    why: 'to make a template',
    ground: 'consent',
    tables: [],
    ends: 'the end of the request',
    shows: 'it is never written',
  },
  {
    what: 'template: vectors of numbers made from a face, sealed with a key of its own; id, model, source, time, time of the last use by the day',
    why: 'to compare the person with at the next check',
    ground: 'consent',
    tables: ['reference_templates'],
    ends: ['reference-unused', 'reference-withdrawn', 'reference-purpose-ended'],
    erased: 'references',
    shows: 'reading the subject gives 404; the receipt of the erasure counts it',
  },
  {
    what: 'session: subject reference, state, attempts, decision, reasons, evidence in numbers, receipt, networks the capture was expected from, why the device could not capture; until it ends also a sealed template of a photograph that came along and a keyed hash of how the device described itself',
    why: 'the result, and disputes about it',
    ground: 'contract',
    tables: ['sessions'],
    ends: ['session'],
    erased: 'sessions',
    shows: 'reading the session gives 404',
  },
  {
    what: 'key of a template or picture, wrapped with a key-encryption key, under a keyed hash of the subject',
    why: 'without it nothing opens, wherever copies are',
    ground: 'security',
    tables: ['data_keys'],
    where: 'the store of keys',
    ends: 'with what it opens, and before it in an erasure',
    erased: 'dataKeys',
    shows: 'the receipt of the erasure counts it; backups of the data open nothing any more',
  },
  {
    what: 'pictures of a capture, up to four, drawn anew without metadata and sealed with a key each, and who looked first; only where `media.keep` keeps any',
    why: 'a person decides what a machine could not (GDPR art. 22)',
    ground: 'consent',
    tables: ['media'],
    ends: 'with the decision; while a review waits, after `media.hours`, 72 at most; with `media.keep` session, when the session would have ended',
    erased: 'media',
    shows: 'reading it gives 404; every look is in the audit log',
  },
  {
    what: 'what a capture was decided from: signals in numbers, no picture',
    why: 'to see what another policy would have decided, and to explain a decision',
    ground: 'contract',
    tables: ['decision_records'],
    ends: 'with the session',
    shows: 'with the session',
  },
  {
    what: 'traces: keyed hashes (96 bits) of some pictures and of the motion of a capture',
    why: 'to know a capture that is sent again',
    ground: 'security',
    tables: ['traces'],
    ends: '`retention.replayDays`, never longer than the session',
    erased: 'traces',
    shows: 'with the session',
  },
  {
    what: 'idempotency key of a request, keyed to its session or reference',
    why: 'a request that is sent twice makes one session or reference',
    ground: 'contract',
    tables: ['idempotency'],
    ends: '24 hours',
    erased: 'idempotencyKeys',
    shows: 'the same key makes a new one',
  },
  {
    what: 'consent: version and hash of the text, time, channel, language, end of the purpose, withdrawal',
    why: 'proof that the person agreed, and to what',
    ground: 'accountability',
    tables: ['consents'],
    ends: ['consent'],
    shows:
      'in the export until then; after an erasure a proof without subject, channel and language stays for the same time',
  },
  {
    what: "public key and counter of a person's authenticator (WebAuthn), and of an app's installation (App Attest), which belongs to no person",
    why: 'to know it again',
    ground: 'security',
    tables: ['device_keys'],
    ends: ['authenticator'],
    erased: 'authenticators',
    shows: 'in the export until then',
  },
  {
    what: 'standing of a subject, device, device key or network under a keyed hash: failed attempts, lock-outs, abuse score, sessions that were flagged',
    why: 'to stop those who try often',
    ground: 'security',
    tables: ['standings', 'allowances'],
    ends: '90 days after the last failure; a block stays until a person lifts it; limits an hour at most',
    erased: 'standings',
    shows: 'a new session meets no lock-out',
  },
  {
    what: 'review of a blocked device: score, kinds of attack, session ids, decision and its reason',
    why: 'a person looks at what a machine blocked (GDPR art. 22)',
    ground: 'security',
    tables: ['reviews'],
    ends: ['review'],
    shows: 'it is in no list; it names no subject',
  },
  {
    what: 'audit log: time, event, pseudonym of the subject, session id, decision, reasons, score in two decimals, policy, models, T, who acted',
    why: 'proof of what was decided and done, that nobody can alter afterwards',
    ground: 'accountability',
    tables: ['audit', 'audit_before', 'log_nodes', 'checkpoints'],
    ends: 'kept; without the line below its pseudonyms lead to nobody',
    shows: 'nothing leads from the person to the entries',
  },
  {
    what: "what leads from a subject's keyed hash to the pseudonym in the audit log: random, drawn once",
    why: 'that a person can be told what the log holds about them',
    ground: 'accountability',
    tables: ['pseudonyms'],
    ends: ['pseudonym'],
    erased: 'pseudonyms',
    shows: 'the export has no entry any more; the log still verifies',
  },
  {
    what: 'request for an approval: action, subject or rules, who asked, who agreed',
    why: 'no one person erases or exports alone, where the tenant wants that',
    ground: 'accountability',
    tables: ['approvals'],
    ends: 'a day after it was asked for',
    erased: 'approvals',
    shows: 'it is in no list',
  },
  {
    what: 'rules of a tenant: retention, approvals, policy versions; counts of what policies decided; the models of every start',
    why: 'to follow them, and to compare them',
    ground: 'none',
    tables: [
      'tenants',
      'tenant_rules',
      'policy_versions',
      'policy_outcomes',
      'decision_bases',
      'model_sets',
      'claims',
    ],
    ends: 'kept',
    shows: 'readable at any time',
  },
  {
    what: 'people who run Ipse: name, roles, public keys of passkeys, keyed hash of the identity at a provider; keyed hashes of invitations and of the cookies of sessions',
    why: 'to let them in, and to know who did what',
    ground: 'accountability',
    tables: ['people', 'passkeys', 'invitations', 'people_sessions'],
    ends: 'kept, a disabled person stays listed; invitations 24 hours, sessions 12 hours at most',
    shows: '`ipse people list`',
  },
  {
    what: "relying parties' programs: name, scopes, keyed hash of the API key, certificate or public key, coarse time of the last use",
    why: 'to know who asks',
    ground: 'none',
    tables: ['api_keys', 'clients'],
    ends: 'kept; one that was revoked stays listed',
    shows: '`ipse keys list`, `ipse clients list`',
  },
  {
    what: 'single-use values: digests of proofs, transcripts and assertions',
    why: 'nothing counts twice',
    ground: 'security',
    tables: ['used_values'],
    ends: 'minutes to a day, as long as the value could be sent again',
    shows: 'swept',
  },
  {
    what: 'request log: method, route, status, time, request id',
    why: 'operations',
    ground: 'security',
    tables: [],
    where: 'standard output',
    ends: "the operator's to decide",
    shows: 'no body, header, token or address is in it',
  },
]

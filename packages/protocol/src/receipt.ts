/**
 * The receipt: what Ipse signs about a finished session. A JWS (ES256) with `typ` below; the relying party verifies it
 * offline against `/.well-known/jwks.json` and insists on the session and purpose it asked for.
 */
import type { Evidence } from './policy.ts'
import type { Purpose } from './session.ts'
import type { AssuranceLevel, AttestationLevel, Decision, Reason } from './vocabulary.ts'

export const RECEIPT_TYPE = 'ipse-receipt+jwt'
export const RECEIPT_ALGORITHM = 'ES256'

/** Where the audit log holds the entry of the decision, proved when the receipt was signed. Hashes are base64url. */
export interface AuditClaim {
  /** Origin of the log: it names its checkpoints. */
  readonly log: string
  /** Place of the entry, from 0. */
  readonly index: number
  /** Of the log at that moment, and its root. */
  readonly size: number
  readonly root: string
  /** RFC 9162 hash of the entry. */
  readonly leaf: string
  /** Inclusion proof, from the leaf up. */
  readonly proof: readonly string[]
}

export interface ReceiptClaims {
  /** Issuer: the public URL of the Ipse service. */
  readonly iss: string
  /** Audience: the relying party (tenant) that asked. */
  readonly aud: string
  readonly iat: number
  readonly exp: number
  /** Unique id of this receipt; accept it once. */
  readonly jti: string
  /** Session id. */
  readonly sid: string
  /** The relying party's own subject reference, when the session named one. */
  readonly sub?: string
  readonly purpose: Purpose
  readonly decision: Decision
  readonly reasons: readonly Reason[]
  readonly assurance: AssuranceLevel
  /** Number of the attempt that was decided, from 1. */
  readonly attempt: number
  readonly policy: { readonly name: string; readonly version: number; readonly digest: string }
  readonly models: readonly { readonly id: string; readonly version: string; readonly sha256: string }[]
  readonly challenge: { readonly version: string; readonly digest: string }
  /** Transcript digest T, base64url; absent when no capture was submitted. */
  readonly transcript?: string
  readonly evidence: readonly Evidence[]
  readonly device: {
    /** RFC 7638 thumbprint of the key that the capture device proved. */
    readonly jkt: string
    /** The capture came, by its own account, from a virtual camera. */
    readonly virtualCamera: boolean
    /** How far the device proved itself over `transcript`; receipts of captures that did not end have none. */
    readonly attestation?: AttestationLevel
  }
  readonly match?: {
    readonly score: number
    readonly threshold: number
    readonly fmr: number
    readonly model: string
  }
  /** Absent from receipts of before there was a log. */
  readonly audit?: AuditClaim
}

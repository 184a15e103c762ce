/** The public surface of @ipse/client, exports only. */
export {
  type AuditClaim,
  type ErasureClaims,
  IpseError,
  type ReceiptClaims,
  type ReleaseClaims,
} from '@ipse/protocol'
export type { ClientLogExpectations, ClientReceiptExpectations } from './client.ts'
export { type CallOptions, type CreateOptions, IpseClient, type IpseClientOptions } from './client.ts'
export type { Jwks } from './jwks.ts'
export { pinOf } from './pins.ts'
export { type LaterLog, verifyAudit } from './verify-audit.ts'
export { type ErasureExpectations, verifyErasure } from './verify-erasure.ts'
export {
  type ReceiptExpectations,
  type VerifiedReceipt,
  verifyReceipt,
} from './verify-receipt.ts'
export { type ReleaseExpectations, verifyRelease } from './verify-release.ts'

/** The release as a signed statement, made again when it is a few minutes old or another key signs. */
import type { ReleaseClaims } from '@ipse/protocol'
import type { Clock } from '../deps.ts'
import type { Keys } from '../keys/keys.ts'
import { CAPTURE_PROTOCOLS, CURRENT_SDK, MINIMUM_SDK, VERSION } from '../version.ts'
import type { ServedElement } from './element.ts'

/** How long a statement may be shown, seconds: so old a release can be passed off as the present one. */
const LIFETIME_S = 3600
/** How long one is handed out, milliseconds: everybody may ask, and a signature costs more than the answer. */
const KEPT_MS = 300_000

export function createSignedRelease(
  { keys, clock }: { readonly keys: Pick<Keys, 'signRelease' | 'identityAt'>; readonly clock: Clock },
  issuer: string,
  { element, release }: ServedElement,
): () => Promise<string> {
  let kept: { readonly signedAt: number; readonly by: string; readonly token: Promise<string> } | undefined

  function sign(now: number): Promise<string> {
    const iat = Math.floor(now / 1000)
    const claims: ReleaseClaims = {
      iss: issuer,
      iat,
      exp: iat + LIFETIME_S,
      version: VERSION,
      captureProtocols: CAPTURE_PROTOCOLS,
      minimumSdk: MINIMUM_SDK,
      currentSdk: CURRENT_SDK,
      ...(element.integrity === '' ? {} : { element }),
      files: release.files,
    }
    return keys.signRelease(claims)
  }

  return () => {
    const now = clock.now()
    const by = keys.identityAt(now)
    if (kept?.by === by && Math.abs(now - kept.signedAt) < KEPT_MS) return kept.token
    const token = sign(now)
    kept = { signedAt: now, by, token }
    token.catch(() => {
      kept = undefined
    })
    return token
  }
}

/**
 * What a service serves to browsers, signed: a JWS (ES256) with the `typ` below in `release` of `/.well-known/ipse.json`. Whoever
 * can change files on the way, in a cache or at a CDN, could change a plain list of their digests with them.
 */
export const RELEASE_TYPE = 'ipse-release+jwt'

/** A file as a page names it in `src` and `integrity` (W3C Subresource Integrity). */
export interface ReleaseFile {
  readonly url: string
  /** `sha384-…` */
  readonly integrity: string
}

export interface ReleaseClaims {
  /** Issuer: the public URL of the Ipse service. */
  readonly iss: string
  readonly iat: number
  /** Soon after, so that an older release cannot be shown in place of this one for long. */
  readonly exp: number
  /** Version of the service. */
  readonly version: string
  readonly captureProtocols: readonly string[]
  /** Oldest `<ipse-check>` that may run a capture, and the newest. */
  readonly minimumSdk: string
  readonly currentSdk: string
  /** The module of `<ipse-check>`; absent where the service does not serve it. */
  readonly element?: ReleaseFile
  /** All files of it, the module too. */
  readonly files: readonly ReleaseFile[]
}

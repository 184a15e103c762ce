/** What every HTTP server of ours bears, before any route is known. */
export const HTTP_LIMITS = {
  /** Bytes of all header fields together; a client certificate that a proxy hands on takes about two thousand. */
  maxHeaderSize: 8_192,
  /** Milliseconds for the header, and for the whole request: slow senders do not hold a connection. */
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  /** Milliseconds that an idle connection stays; longer than the 60 s of nginx's upstream keepalive. */
  keepAliveTimeout: 72_000,
  insecureHTTPParser: false,
} as const

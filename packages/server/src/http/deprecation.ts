/** Parts of the API that are still served and will go: every answer of theirs says so (RFC 9745, RFC 8594). */

export interface Deprecated {
  /** Beginning of the path, for example `/v1/`. */
  readonly path: string
  /** Since when nobody should begin to use it, and when it goes. RFC 3339 days. */
  readonly since: string
  readonly sunset: string
  /** What to use instead. */
  readonly successor: string
}

/** None: `/v1` and the present capture protocol are the only ones that there ever were in a release. */
export const DEPRECATED: readonly Deprecated[] = []

/** Headers of an answer at that path; none where nothing is to be said. */
export function deprecationHeaders(
  path: string,
  deprecated: readonly Deprecated[] = DEPRECATED,
): Readonly<Record<string, string>> {
  const found = deprecated.find((entry) => path.startsWith(entry.path))
  if (!found) return {}
  return {
    deprecation: `@${Date.parse(found.since) / 1000}`,
    sunset: new Date(found.sunset).toUTCString(),
    link: `<${found.successor}>; rel="successor-version"`,
  }
}

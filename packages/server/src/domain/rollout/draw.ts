/** Which version of a policy decides a new session. Pure. */
import type { PolicyVersion } from './stages.ts'

/** Characters of base64url that make 48 bits, and how many values those have. */
const DRAWN_CHARACTERS = 8
const DRAWN_VALUES = 2 ** 48

/**
 * Every process that has the same keyring draws the same, nobody else can tell what; a session that is within a share is
 * within every larger one.
 * @param mac keyed hash of the session and the canary, base64url
 * @param share percent
 */
export function isWithin(mac: string, share: number): boolean {
  const drawn = Buffer.from(mac.slice(0, DRAWN_CHARACTERS), 'base64url').readUIntBE(0, 6)
  return drawn < (share / 100) * DRAWN_VALUES
}

/**
 * @param versions all of one name
 * @param macOf keyed hash of the session and a version, base64url
 * @returns undefined when the policy of the files decides
 */
export function drawVersion(
  versions: readonly PolicyVersion[],
  macOf: (version: number) => string,
): PolicyVersion | undefined {
  const canary = versions.find(({ stage }) => stage === 'canary')
  if (canary && isWithin(macOf(canary.version), canary.share ?? 0)) return canary
  return versions.find(({ stage }) => stage === 'active')
}

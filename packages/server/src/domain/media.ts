/** How long pictures of a capture are kept, if at all. Pure. */

/** Each keeps what the one before keeps, and more. */
export const MEDIA_KEEPS = ['none', 'until-decision', 'review', 'session'] as const
export type MediaKeep = (typeof MEDIA_KEEPS)[number]

/** Whoever reviews has three days at most, whatever a setting says; hours. */
export const MOST_REVIEW_HOURS = 72
const HOUR_MS = 3_600_000

/** What an attempt has come to. */
export type MediaOutcome = 'undecided' | 'review' | 'decided'

/**
 * Until when, milliseconds since the epoch; nothing for not at all. An undecided session keeps them as long as it lives, one
 * that waits for a person for some hours, and one that is decided only with `session`, as long as it would have lived.
 * @param hours setting `media.hours`
 */
export function mediaUntil(
  keep: MediaKeep,
  outcome: MediaOutcome,
  { now, expiresAt, hours }: { readonly now: number; readonly expiresAt: number; readonly hours: number },
): number | undefined {
  const reaches = (wanted: MediaKeep) => MEDIA_KEEPS.indexOf(keep) >= MEDIA_KEEPS.indexOf(wanted)
  const longest = now + Math.min(hours, MOST_REVIEW_HOURS) * HOUR_MS
  const life = Math.min(expiresAt, longest)
  const until =
    outcome === 'undecided'
      ? reaches('until-decision') && life
      : outcome === 'review'
        ? reaches('review') && longest
        : reaches('session') && life
  return until === false || until <= now ? undefined : until
}

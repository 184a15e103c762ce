/** Which of several keys counts at a moment, where each has its time. */

/**
 * Of keys, newest first, the one in force at a moment: the newest whose time has begun. A clock from before all of them gets
 * the oldest, which everybody knows.
 * @param from when a key's time begins, milliseconds since the epoch; nothing for one that has always been in force
 */
export function inForceAt<T>(
  keys: readonly T[],
  from: (key: T) => number | undefined,
  now: number,
): T | undefined {
  return keys.find((key) => (from(key) ?? Number.NEGATIVE_INFINITY) <= now) ?? keys.at(-1)
}

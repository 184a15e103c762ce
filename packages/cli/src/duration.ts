/** Times as people write them at the command line: `90d`, `24h`, `30m`. */
import { InvalidArgumentError } from 'commander'

const UNITS_MS = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const
/** Ten years: longer ones are slips of the finger, days. */
const MOST_DAYS = 3650

/** Milliseconds. @throws InvalidArgumentError, which commander turns into a sentence */
export function parseDuration(text: string): number {
  const [, count = '', unit = ''] = /^(\d{1,6})([mhd])$/.exec(text) ?? []
  const ms = Number(count) * (UNITS_MS[unit as keyof typeof UNITS_MS] ?? Number.NaN)
  if (!(ms >= 0 && ms <= MOST_DAYS * UNITS_MS.d))
    throw new InvalidArgumentError(`It must be a number with m, h or d, such as 24h, at most ${MOST_DAYS}d.`)
  return ms
}

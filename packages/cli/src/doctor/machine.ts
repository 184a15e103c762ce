/** Checks of the machine: the version of Node, and a clock that receipts and proofs can be dated with. */
import { stat } from 'node:fs/promises'
import { dataFolder, systemClock } from '../installation.ts'
import { type Finding, found } from './finding.ts'

/** Type stripping without a flag and node:sqlite; see docs/decisions/0005-runtime-dependencies.md. */
const LEAST_NODE = 24
/** First release of this version: a clock before it is wrong. */
const RELEASED = Date.parse('2026-11-21T00:00:00Z')
/** Capture devices and relying parties are forgiven a minute (RFC 9449 §11.1). */
const TOLERANCE_MS = 60_000

export function checkNode(version = process.version): Finding {
  const major = Number(/^v(\d+)/.exec(version)?.[1])
  if (major === LEAST_NODE) return found('ok', 'node', version)
  if (major > LEAST_NODE)
    return found('warn', 'node', version, { advice: `Ipse is tested with Node ${LEAST_NODE}.` })
  return found('fail', 'node', version, {
    advice: `Install Node ${LEAST_NODE}, or run npm install, which brings it.`,
  })
}

/** Without a network there is no second clock; but the store's own files cannot come from the future. */
export async function checkClock(data: string, now = systemClock.now()): Promise<Finding[]> {
  const detail = new Date(now).toISOString()
  if (now < RELEASED)
    return [
      found('fail', 'clock', `${detail} is before this version was made`, {
        advice: 'Set the clock; use NTP.',
      }),
    ]
  const written = await stat(dataFolder(data).store).then(
    ({ mtimeMs }) => mtimeMs,
    () => undefined,
  )
  if (written !== undefined && written > now + TOLERANCE_MS)
    return [
      found('fail', 'clock', `${detail}, but the store was written at ${new Date(written).toISOString()}`, {
        advice: 'The clock went back: set it; use NTP. Receipts and proofs are judged by it.',
      }),
    ]
  return [found('ok', 'clock', detail)]
}

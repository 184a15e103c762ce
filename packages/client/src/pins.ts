/**
 * Pins of TLS keys: the SHA-256 of a certificate's SubjectPublicKeyInfo in base64, the form of RFC 7469 §2.4 that Android
 * and iOS took over. A key that outlives its certificate keeps its pin.
 */
import { sha256 } from '@ipse/protocol'

/** One key is in use, another waits in a safe place: with one pin alone its loss would lock everybody out. */
const FEWEST_PINS = 2
const PIN = /^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/

/** @param spki DER of the SubjectPublicKeyInfo */
export async function pinOf(spki: Uint8Array): Promise<string> {
  return btoa(String.fromCharCode(...(await sha256(spki))))
}

/** @throws TypeError when these pins would protect nothing, or lock out */
export function parsePins(pins: readonly string[]): ReadonlySet<string> {
  const parsed = new Set(pins.map((pin) => pin.replace(/^sha256\//, '')))
  if (parsed.size < FEWEST_PINS)
    throw new TypeError(`pins must name ${FEWEST_PINS} keys at least: the one in use and a spare one`)
  for (const pin of parsed)
    if (!PIN.test(pin)) throw new TypeError(`${pin} is no pin: "ipse pins" prints them`)
  return parsed
}

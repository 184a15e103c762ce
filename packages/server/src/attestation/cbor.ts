/** Strict CBOR (RFC 8949 §4.2: shortest lengths, nothing indefinite, no key twice, nothing behind the end). */
import { decode } from 'cborg'

/** @throws for anything but one map with text keys */
export function decodeMap(bytes: Uint8Array): ReadonlyMap<unknown, unknown> {
  const value: unknown = decode(bytes, {
    strict: true,
    useMaps: true,
    rejectDuplicateMapKeys: true,
    allowIndefinite: false,
    allowUndefined: false,
    allowInfinity: false,
    allowNaN: false,
    allowBigInt: false,
  })
  if (!(value instanceof Map)) throw new TypeError('not a map')
  return value
}

/** A member that must be bytes. */
export function bytesOf(map: ReadonlyMap<unknown, unknown>, name: string): Uint8Array {
  const value = map.get(name)
  if (!(value instanceof Uint8Array)) throw new TypeError(`${name} is not bytes`)
  return value
}

/** The member names are exactly these. */
export function assertMembers(map: ReadonlyMap<unknown, unknown>, names: readonly string[]): void {
  if (map.size !== names.length || !names.every((name) => map.has(name))) throw new TypeError('members')
}

/** Strict reading of untrusted JSON: every member by name and type, the rest is an error that names the place. */
import { IpseError } from '@ipse/protocol'

/** A value and where it is, for example `rules[2].atLeast`. */
export interface Place {
  readonly path: string
  readonly value: unknown
}

export type Read<T> = (place: Place) => T

/** Reads a member of each name; `undefined` members stay away. */
export type Readers<T> = { readonly [N in keyof T]-?: Read<Exclude<T[N], undefined>> }

const MAX_LIST = 200

/** @throws IpseError `policy_invalid` */
export function refuse({ path }: Pick<Place, 'path'>, what: string): never {
  throw new IpseError('policy_invalid', `${path === '' ? 'the policy' : path} ${what}`)
}

export function at({ path }: Pick<Place, 'path'>, name: string): string {
  return path === '' ? name : `${path}.${name}`
}

/** The members that are there, read; unknown ones are refused. */
export function readMembers<T extends object>(place: Place, readers: Readers<T>): Partial<T> {
  const { value } = place
  if (typeof value !== 'object' || value === null || Array.isArray(value)) refuse(place, 'must be an object')
  const found: Record<string, unknown> = {}
  for (const [name, member] of Object.entries(value)) {
    const path = at(place, name)
    if (!Object.hasOwn(readers, name))
      refuse({ path }, `is not known; known are ${Object.keys(readers).join(', ')}`)
    found[name] = readers[name as keyof T]({ path, value: member })
  }
  return found as Partial<T>
}

/** The members, of which those named must be there. */
export function demand<T extends object, N extends keyof T & string>(
  place: Place,
  found: Partial<T>,
  names: readonly N[],
): Partial<T> & Pick<T, N> {
  for (const name of names) if (!Object.hasOwn(found, name)) refuse({ path: at(place, name) }, 'is missing')
  return found as Partial<T> & Pick<T, N>
}

export function list<T>(read: Read<T>): Read<T[]> {
  return (place) => {
    const { value, path } = place
    if (!Array.isArray(value) || value.length > MAX_LIST)
      refuse(place, `must be a list of at most ${MAX_LIST}`)
    return value.map((item, i) => read({ path: `${path}[${i}]`, value: item }))
  }
}

/** A list without repetitions. */
export function setOf<const T extends string>(choices: readonly T[]): Read<T[]> {
  const read = list(oneOf(choices))
  return (place) => {
    const items = read(place)
    return new Set(items).size === items.length ? items : refuse(place, 'names something twice')
  }
}

export function oneOf<const T extends string>(choices: readonly T[]): Read<T> {
  return (place) =>
    choices.find((choice) => choice === place.value) ?? refuse(place, `must be one of ${choices.join(', ')}`)
}

/** A finite number; JSON knows no other, but 1e999 reads as infinite. */
export function number(min = -Number.MAX_VALUE, max = Number.MAX_VALUE): Read<number> {
  return (place) => {
    const { value } = place
    if (typeof value === 'number' && value >= min && value <= max) return value
    return refuse(
      place,
      Math.abs(min) < Number.MAX_VALUE ? `must be a number from ${min} to ${max}` : 'must be a number',
    )
  }
}

export function integer(min: number, max: number): Read<number> {
  return (place) => {
    const { value } = place
    return Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max
      ? (value as number)
      : refuse(place, `must be a whole number from ${min} to ${max}`)
  }
}

export function text(pattern: RegExp, what: string): Read<string> {
  return (place) =>
    typeof place.value === 'string' && pattern.test(place.value)
      ? place.value
      : refuse(place, `must be ${what}`)
}

export function flag(place: Place): boolean {
  return typeof place.value === 'boolean' ? place.value : refuse(place, 'must be true or false')
}

/** An object whose members all read alike. */
export function record<T>(read: Read<T>): Read<Record<string, T>> {
  return (place) => {
    const { value } = place
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      refuse(place, 'must be an object')
    return Object.fromEntries(
      Object.entries(value).map(([name, member]) => [name, read({ path: at(place, name), value: member })]),
    )
  }
}

/**
 * Claims, member by member: unknown members of the top level, missing ones and values outside the closed lists are refused, so
 * that no reader can meet a surprise.
 */
import { refuse } from './signed.ts'

export type Check = (value: unknown) => boolean
export type Shape = Readonly<Record<string, Check>>

export const text: Check = (value) => typeof value === 'string' && value.length > 0 && value.length <= 512
export const number: Check = (value) => typeof value === 'number' && Number.isFinite(value)
export const flag: Check = (value) => typeof value === 'boolean'
export const count: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0
export const from =
  (list: readonly string[]): Check =>
  (value) =>
    list.includes(value as string)
export const keyOf = (list: object): Check => from(Object.keys(list))
export const list =
  (item: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(item)
export const digest: Check = (value) => typeof value === 'string' && /^[A-Za-z0-9_-]{43}$/.test(value)

/** An object with all members of `shape`, some of `optional`, and no other. */
export function object(shape: Shape, optional: Shape = {}): Check {
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
    const members = value as Record<string, unknown>
    return (
      Object.entries(shape).every(([name, check]) => Object.hasOwn(members, name) && check(members[name])) &&
      Object.entries(members).every(([name, member]) => {
        if (Object.hasOwn(shape, name)) return true
        return Object.hasOwn(optional, name) && (optional[name] as Check)(member)
      })
    )
  }
}

/** Where the audit log records it, with its proof. */
export const auditClaim = object({
  log: text,
  index: count,
  size: count,
  root: digest,
  leaf: digest,
  proof: list(digest),
})

/** @throws IpseError `receipt_invalid` naming the member that is wrong */
export function checkMembers(
  payload: Readonly<Record<string, unknown>>,
  required: Shape,
  optional: Shape,
): void {
  for (const [name, check] of Object.entries(required)) {
    if (!Object.hasOwn(payload, name) || !check(payload[name])) throw refuseMember(name)
  }
  for (const [name, value] of Object.entries(payload)) {
    if (Object.hasOwn(required, name)) continue
    const check = Object.hasOwn(optional, name) ? optional[name] : undefined
    if (!check?.(value)) throw refuseMember(name)
  }
}

export function refuseMember(member: string) {
  return refuse(`the claim ${JSON.stringify(member.slice(0, 64))} is not as agreed`)
}

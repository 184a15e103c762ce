/** What a check of `ipse doctor` found: ok, something to know, or something that stops Ipse. */
import { toIpseError } from '../command.ts'

export interface Finding {
  readonly name: string
  readonly status: 'ok' | 'warn' | 'fail'
  readonly detail: string
  /** What to do. */
  readonly advice?: string
  /** Numbers behind the detail. */
  readonly data?: unknown
}

export function found(
  status: Finding['status'],
  name: string,
  detail: string,
  more: Partial<Finding> = {},
): Finding {
  return { name, status, detail, ...more }
}

/** A check that threw has failed, with the advice of its error code. */
export function failure(name: string, thrown: unknown): Finding {
  const { message, advice } = toIpseError(thrown)
  return { name, status: 'fail', detail: message, advice }
}

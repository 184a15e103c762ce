/** What a take of allowances is answered with, made from the rows of either database. */
import type { Allowance, Take, Taken } from './conduct-records.ts'

export interface AllowanceRow {
  readonly key: string
  readonly most: number
  readonly ends_at: number
  readonly used: number
}

/** @param rows as they stand now; after a refusal nothing was taken */
export function takenFrom(takes: readonly Take[], rows: readonly AllowanceRow[], taken: boolean): Taken {
  const known = new Map(rows.map((row) => [row.key, row]))
  const allowanceOf = (take: Take): Allowance => {
    const row = known.get(take.key)
    if (!row || row.ends_at < take.endsAt) return { ...take, used: 0 }
    return { key: take.key, most: take.most, endsAt: row.ends_at, used: row.used }
  }
  return { taken, allowances: takes.map(allowanceOf) }
}

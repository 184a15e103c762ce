/**
 * How evenly tenants lie on the shards of a distributed database: a simulation for tools/sizing.ts. Each tenant's rows are on the
 * shard that a hash of the tenant says (packages/server/src/store/shards.ts); tenants are of very different size, by Zipf's law; a
 * tenant that has more transactions than one lock carries is several tenants. SHA-256 stands for the database's hash: both are even.
 */
import { createHash } from 'node:crypto'

/** Share of the k-th of the tenants is 1/k^EXPONENT of the first one's: the usual law for sizes of firms and cities. */
const EXPONENT = 1
/** Other names for the tenants, and so other places: so many times. */
const DRAWS = 20

export interface Spread {
  /** Of all subjects, between 0 and 1. */
  readonly largestTenant: number
  /** Tenants that must be split, and tenants that there are afterwards. */
  readonly split: number
  readonly after: number
  /** After the split: the fullest shard, and the fullest machine when shards are placed by their size, against the mean. */
  readonly shards: Drawn
  readonly machines: Drawn
}

export interface Drawn {
  readonly median: number
  readonly worst: number
}

/** @returns shares of the tenants, the largest first; their sum is 1 */
export function zipf(tenants: number): readonly number[] {
  const weights = Array.from({ length: tenants }, (_, k) => 1 / (k + 1) ** EXPONENT)
  const sum = weights.reduce((total, weight) => total + weight, 0)
  return weights.map((weight) => weight / sum)
}

/** @param most share that one tenant may have; the larger ones become as few equal ones as do */
export function splitUp(shares: readonly number[], most: number): readonly number[] {
  return shares.flatMap((share) => {
    const parts = Math.max(1, Math.ceil(share / most))
    return Array<number>(parts).fill(share / parts)
  })
}

/** What each shard has. @param draw names the tenants */
export function loadsOf(shares: readonly number[], shards: number, draw: number): readonly number[] {
  const loads = Array<number>(shards).fill(0)
  for (const [tenant, share] of shares.entries()) {
    const shard = createHash('sha256').update(`${draw}/${tenant}`).digest().readUInt32BE() % shards
    loads[shard] = (loads[shard] ?? 0) + share
  }
  return loads
}

/** What each machine has when the largest shard comes first, and each goes where there is least. */
export function placed(loads: readonly number[], machines: number): readonly number[] {
  const full = Array<number>(machines).fill(0)
  for (const load of loads.toSorted((a, b) => b - a)) {
    const emptiest = full.indexOf(Math.min(...full))
    full[emptiest] = (full[emptiest] ?? 0) + load
  }
  return full
}

/** The fullest against the mean. */
export function fullest(loads: readonly number[]): number {
  return (Math.max(...loads) * loads.length) / loads.reduce((sum, load) => sum + load, 0)
}

/** @param most share that one tenant may have */
export function spreadOf(tenants: number, most: number, shards: number, machines: number): Spread {
  const shares = zipf(tenants)
  const parts = splitUp(shares, most)
  const draws = Array.from({ length: DRAWS }, (_, draw) => loadsOf(parts, shards, draw))
  const drawn = (values: readonly number[]): Drawn => {
    const sorted = values.toSorted((a, b) => a - b)
    return { median: sorted[DRAWS / 2] ?? 0, worst: sorted.at(-1) ?? 0 }
  }
  return {
    largestTenant: shares[0] ?? 0,
    split: shares.filter((share) => share > most).length,
    after: parts.length,
    shards: drawn(draws.map(fullest)),
    machines: drawn(draws.map((loads) => fullest(placed(loads, machines)))),
  }
}

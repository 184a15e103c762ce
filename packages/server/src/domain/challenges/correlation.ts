/** How well one path follows another after a while: normalised cross-correlation, axis by axis, over a range of lags. */

export interface PathPoint {
  readonly atMs: number
  readonly x: number
  readonly y: number
}

export interface Following {
  /** The lower of the two axes' correlations at the best lag, [-1, 1]. */
  readonly correlation: number
  readonly lagMs: number
  /** How far the follower went: the lower of the two axes' shares of the leader's spread. */
  readonly gain: number
}

/** Lags that are tried, milliseconds: from none to more than the slowest reaction with the slowest network. */
const LAGS = { least: 0, most: 1_000, step: 50 }
/** Both paths are compared at times so far apart, milliseconds. */
const GRID_MS = 100
/** Fewer common times say nothing. */
const LEAST_POINTS = 20

/** @returns undefined when there is too little of either */
export function followingOf(
  leader: readonly PathPoint[],
  follower: readonly PathPoint[],
): Following | undefined {
  const [begin, end, last] = [leader[0], leader.at(-1), follower.at(-1)]
  if (!begin || !end || !last) return undefined
  let best: Following | undefined
  for (let lagMs = LAGS.least; lagMs <= LAGS.most; lagMs += LAGS.step) {
    const untilMs = Math.min(end.atMs, last.atMs - lagMs)
    const times: number[] = []
    for (let ms = begin.atMs; ms <= untilMs; ms += GRID_MS) times.push(ms)
    if (times.length < LEAST_POINTS || untilMs < end.atMs - LAGS.most) continue
    const led = sample(leader, times)
    const followed = sample(
      follower,
      times.map((ms) => ms + lagMs),
    )
    const axes = [compare(led.x, followed.x), compare(led.y, followed.y)] as const
    const correlation = Math.min(axes[0].correlation, axes[1].correlation)
    if (best === undefined || correlation > best.correlation)
      best = { correlation, lagMs, gain: Math.min(axes[0].gain, axes[1].gain) }
  }
  return best
}

/** Linear in between, the ends beyond; both rise in time. */
function sample(path: readonly PathPoint[], times: readonly number[]): { x: number[]; y: number[] } {
  let i = 0
  const x: number[] = []
  const y: number[] = []
  for (const ms of times) {
    while (i + 1 < path.length - 1 && (path[i + 1]?.atMs ?? 0) <= ms) i++
    const [a, b] = [path[i], path[i + 1] ?? path[i]]
    if (!a || !b) continue
    const share = b.atMs > a.atMs ? Math.max(0, Math.min(1, (ms - a.atMs) / (b.atMs - a.atMs))) : 0
    x.push(a.x + share * (b.x - a.x))
    y.push(a.y + share * (b.y - a.y))
  }
  return { x, y }
}

/** Pearson's correlation and ratio of spreads; 0 where nothing moves or something is not a number. */
function compare(led: readonly number[], followed: readonly number[]): { correlation: number; gain: number } {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
  const [a, b] = [mean(led), mean(followed)]
  let [ab, aa, bb] = [0, 0, 0]
  for (const [i, value] of led.entries()) {
    const [da, db] = [value - a, (followed[i] ?? 0) - b]
    ab += da * db
    aa += da * da
    bb += db * db
  }
  const correlation = ab / Math.sqrt(aa * bb)
  const gain = Math.sqrt(bb / aa)
  return Number.isFinite(correlation) && Number.isFinite(gain)
    ? { correlation, gain }
    : { correlation: 0, gain: 0 }
}

/** Figures of a soak: slopes with intervals, percentiles, and a picture. */

export interface Sample {
  /** Since the begin, seconds. */
  readonly atS: number
  /** Bytes. */
  readonly rss: number
  readonly heapUsed: number
  readonly external: number
  /** Of the process so far. */
  readonly cpuS: number
}

export interface Slope {
  readonly mbPerHour: number
  /** 95 %, from the scatter about the line; samples that hang together make it too narrow. */
  readonly interval: readonly [number, number]
  readonly meanMb: number
}

const MB = 1024 * 1024
/** Of the normal distribution, two-sided 95 %: there are dozens of samples. */
const Z = 1.96

/** Least squares of a member over time. */
export function slopeOf(samples: readonly Sample[], member: 'rss' | 'heapUsed' | 'external'): Slope {
  const points = samples.map((sample) => ({ x: sample.atS / 3600, y: sample[member] / MB }))
  const mean = (of: (point: { x: number; y: number }) => number) =>
    points.reduce((sum, point) => sum + of(point), 0) / points.length
  const [x, y] = [mean((point) => point.x), mean((point) => point.y)]
  const spread = points.reduce((sum, point) => sum + (point.x - x) ** 2, 0)
  const slope = points.reduce((sum, point) => sum + (point.x - x) * (point.y - y), 0) / spread
  const residual = points.reduce((sum, point) => sum + (point.y - y - slope * (point.x - x)) ** 2, 0)
  const error = Math.sqrt(residual / (points.length - 2) / spread)
  return { mbPerHour: slope, interval: [slope - Z * error, slope + Z * error], meanMb: y }
}

export interface Percentiles {
  readonly n: number
  readonly p50: number
  readonly p95: number
  readonly p99: number
  readonly max: number
}

/** By operation. */
export function percentilesOf(
  times: readonly { readonly name: string; readonly ms: number }[],
): Readonly<Record<string, Percentiles>> {
  const groups = Map.groupBy(times, ({ name }) => name)
  return Object.fromEntries(
    [...groups].toSorted().map(([name, group]) => {
      const sorted = group.map(({ ms }) => ms).toSorted((a, b) => a - b)
      const at = (share: number) =>
        sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0
      return [name, { n: sorted.length, p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) }]
    }),
  )
}

const WIDTH = 900
const HEIGHT = 360
const MARGIN = 48
const COLOURS = { rss: '#1b5e9e', heapUsed: '#b3541e', external: '#3d7a3d' } as const

/** Memory over time as SVG. */
export function soakPlot(samples: readonly Sample[]): string {
  const endS = Math.max(1, ...samples.map(({ atS }) => atS))
  const most = Math.max(1, ...samples.map(({ rss }) => rss / MB))
  const x = (atS: number) => (MARGIN + (atS / endS) * (WIDTH - 2 * MARGIN)).toFixed(1)
  const y = (mb: number) => (HEIGHT - MARGIN - (mb / most) * (HEIGHT - 2 * MARGIN)).toFixed(1)
  const members = Object.entries(COLOURS) as [keyof typeof COLOURS, string][]
  const lines = members.map(([member, colour], at) => {
    const points = samples.map((sample) => `${x(sample.atS)},${y(sample[member] / MB)}`).join(' ')
    const label = `<text x="${MARGIN + at * 120}" y="20" fill="${colour}">${member}</text>`
    return `<polyline points="${points}" fill="none" stroke="${colour}" stroke-width="1.5"/>${label}`
  })
  const axes = `<path d="M${MARGIN} ${MARGIN}V${HEIGHT - MARGIN}H${WIDTH - MARGIN}" fill="none" stroke="#444"/>`
  const ends = `<text x="4" y="${y(most)}">${most.toFixed(0)} MB</text><text x="${WIDTH - 90}" y="${HEIGHT - 20}">${(endS / 60).toFixed(0)} minutes</text>`
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="13">
<title>Memory of one node under steady load</title>
${[axes, ends, ...lines].join('\n')}
</svg>
`
}

/**
 * What an installation needs, from measured figures: disk, transactions, processors, tenants. Arithmetic, and a simulation of how
 * tenants lie on shards; docs/scaling.md says where each figure was measured. `node tools/sizing.ts [VERIFICATIONS]`, of each
 * subject a year; 12 when absent.
 */
import { spreadOf } from './shards.ts'

/**
 * Bytes a row with its indexes in PostgreSQL 18, and rows: `node packages/server/test/cluster-fill.ts 100000`, 2026-11-21. The
 * engine there is a scripted one, whose templates have 16 numbers; those of the shipped networks have 1152, four bytes each.
 */
const BYTES = {
  session: 5929,
  decision: 1423,
  leaf: 635,
  trace: 208,
  day: 313 + 2 * 225,
  hour: 2 * 196,
  reference: 568 + 4 * (1152 - 16),
  subject: 466 + 224 + 335 + 2 * 307,
} as const
const LEAVES = { enrolment: 6, verification: 4 } as const
const TRACES = 60
/** Transactions of one session that wait for the tenant's lock, and all that wait for the disk, counted in the code. */
const TRANSACTIONS = { tenant: 9, all: 11 } as const
/** CPU seconds of a `standard` session with the shipped networks (docs/evaluation.md). */
const CPU_S = 0.91
/** Defaults of the settings, days. */
const KEPT = { session: 30, replay: 30 } as const
/** Years of audit log; nothing deletes it. */
const YEARS = 5
/** Busiest hour against the mean. */
const PEAK = 5
/** Share of a processor, and of a tenant's lock, that is planned with. */
const LOAD = 0.6
/** Processors of a node. */
const CORES = 16
/** Transactions a second of one tenant, which wait for each other: an assumption, of commits that take a millisecond. */
const TENANT_RATE = 1000

const YEAR_S = 365.25 * 86_400
const SIZES = [1e6, 1e7, 1e8, 1e9] as const
/** What the most subjects are simulated with: so many tenants, on so many shards, on so many machines. */
const TENANTS = [100, 1_000, 10_000] as const
const SHARDS = [32, 256] as const
const MACHINES = 16

export interface Needs {
  readonly subjects: number
  /** Sessions a second, in the mean and in the busiest hour. */
  readonly mean: number
  readonly peak: number
  readonly cores: number
  readonly nodes: number
  /** Commits a second in the busiest hour: the most writes that wait for the disk; commits at the same time share one. */
  readonly commits: number
  /** Fewest tenants that the sessions must be spread over. */
  readonly tenants: number
  /** TB, by what it is for. */
  readonly disk: { readonly subjects: number; readonly sessions: number; readonly log: number }
}

export function needsOf(subjects: number, verifications: number): Needs {
  const yearly = subjects * verifications
  const mean = yearly / YEAR_S
  const peak = mean * PEAK
  const daily = mean * 86_400
  const session = BYTES.session + BYTES.decision
  const cores = (peak * CPU_S) / LOAD
  const leaves = subjects * LEAVES.enrolment + YEARS * yearly * LEAVES.verification
  return {
    subjects,
    mean,
    peak,
    cores: Math.ceil(cores),
    nodes: Math.max(2, Math.ceil(cores / CORES) + 1),
    commits: Math.ceil(peak * TRANSACTIONS.all),
    tenants: Math.ceil((peak * TRANSACTIONS.tenant) / (TENANT_RATE * LOAD)),
    disk: {
      subjects: (subjects * (BYTES.reference + BYTES.subject)) / 1e12,
      sessions:
        (daily * (KEPT.session * session + KEPT.replay * TRACES * BYTES.trace + BYTES.day) +
          peak * 3600 * BYTES.hour) /
        1e12,
      log: (leaves * BYTES.leaf) / 1e12,
    },
  }
}

const number = (value: number) => (value < 10 ? value.toPrecision(2) : Math.round(value).toLocaleString('en'))

/** What an installation needs, one line for each size. */
export function needsTable(verifications: number): readonly string[] {
  const rows = SIZES.map((subjects) => {
    const { mean, peak, cores, nodes, commits, tenants, disk } = needsOf(subjects, verifications)
    const cells = [
      subjects,
      mean,
      peak,
      cores,
      nodes,
      commits,
      tenants,
      disk.subjects,
      disk.sessions,
      disk.log,
    ]
    return `| ${cells.map(number).join(' | ')} |`
  })
  return [
    '| subjects | sessions/s | in the busiest hour | cores | nodes of 16 | commits/s | tenants | subjects, TB | sessions, TB | log of 5 years, TB |',
    `|${' --- |'.repeat(10)}`,
    ...rows,
  ]
}

/** How evenly the most subjects lie on shards and machines, one line for each number of tenants and of shards. */
export function shardsTable(verifications: number): readonly string[] {
  const { peak } = needsOf(Math.max(...SIZES), verifications)
  const most = (TENANT_RATE * LOAD) / (peak * TRANSACTIONS.tenant)
  const rows = TENANTS.flatMap((tenants) =>
    SHARDS.map((count) => {
      const { largestTenant, split, after, shards, machines } = spreadOf(tenants, most, count, MACHINES)
      const drawn = [shards, machines].map(
        ({ median, worst }) => `${median.toFixed(2)} (${worst.toFixed(2)})`,
      )
      const percent = `${(largestTenant * 100).toFixed(1)} %`
      return `| ${[number(tenants), percent, split, number(after), count, ...drawn].join(' | ')} |`
    }),
  )
  return [
    `| tenants | the largest | split | tenants then | shards | fullest shard | fullest of ${MACHINES} machines |`,
    `|${' --- |'.repeat(7)}`,
    ...rows,
  ]
}

if (import.meta.main) {
  const verifications = Number(process.argv[2] ?? 12)
  console.log([...needsTable(verifications), '', ...shardsTable(verifications)].join('\n'))
}

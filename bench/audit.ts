/**
 * Verification of an audit log from beginning to end, on one core: every entry's form, place and hash, every tile and checkpoint.
 * Beside it, in the same run, the SHA-256 that nobody can do without: one for each leaf and one for each node, over the same bytes.
 * IPSE_BENCH_ENTRIES says how many entries; a million when it is not set. They are made before anything is measured.
 */
import { randomBytes } from 'node:crypto'
import {
  appendLeaf,
  type Bytes,
  concat,
  decodeBundle,
  EMPTY_FRONTIER,
  encodeBundle,
  encodeEntry,
  type Frontier,
  formatCheckpoint,
  formatNote,
  leafHash,
  rootOf,
  signNote,
  TILE_HEIGHT,
  TILE_WIDTH,
  toVerifierText,
} from '@ipse/protocol'
import { createKeyring, openKeys, sha256 } from '@ipse/server'
import type { LogSource } from '../packages/cli/src/audit/source.ts'
import { verifyLog } from '../packages/cli/src/audit/verify.ts'
import { type Case, progress } from './case.ts'

const ENTRIES = Number(process.env.IPSE_BENCH_ENTRIES ?? 1_000_000)
const ORIGIN = 'ipse.test/log/bench'

/** An entry as a decided capture leaves it, 540 bytes. */
function entryAt(index: number): Bytes {
  const id = String(index).padStart(22, '0')
  return encodeEntry(
    {
      id: `aud_${id}`,
      time: 1_795_000_000_000 + index,
      tenant: 'bench',
      event: 'capture.decided',
      sessionId: `ses_${id}`,
      subject: `subj_${id}`,
      decision: 'accept',
      reasons: [],
      matchScore: 0.31,
      policy: 'standard/4',
      models: ['blazeface@1.0.0', 'facemesh@1.0.0', 'dlib128+faceres1024@1.0.0'],
      transcript: id.padStart(43, 'T'),
      receipt: `rcp_${id}`,
      requestId: `req_${id}`,
    },
    index,
  )
}

interface Made extends LogSource {
  readonly bundles: readonly Uint8Array[]
}

/** A log in the bytes that it has on a disk, with a checkpoint at its end. */
async function makeLog(count: number): Promise<Made> {
  const keys = await openKeys(await createKeyring((length) => new Uint8Array(randomBytes(length)), 0))
  const bundles: Uint8Array[] = []
  const rows: Bytes[][] = [[]]
  let frontier: Frontier = EMPTY_FRONTIER
  for (let first = 0; first < count; first += TILE_WIDTH) {
    const entries = Array.from({ length: Math.min(TILE_WIDTH, count - first) }, (_, at) =>
      entryAt(first + at),
    )
    for (const entry of entries) {
      const leaf = leafHash(entry, sha256)
      rows[0]?.push(leaf)
      frontier = appendLeaf(frontier, leaf, sha256, (level, index, hash) => {
        if (level % TILE_HEIGHT !== 0) return
        const row = rows[level / TILE_HEIGHT] ?? []
        row[index] = hash
        rows[level / TILE_HEIGHT] = row
      })
    }
    bundles.push(encodeBundle(entries))
  }
  const tileOf = (level: number, index: number, width: number) =>
    concat(...(rows[level] ?? []).slice(index * TILE_WIDTH, index * TILE_WIDTH + width))
  const text = formatCheckpoint({ origin: ORIGIN, size: count, root: rootOf(frontier, sha256) })
  const note = formatNote(await signNote({ text, signatures: [] }, await keys.logSigner(ORIGIN, 0), 0))
  return {
    bundles,
    name: 'a log in memory',
    checkpoint: async () => note,
    checkpoints: async () => [note],
    keys: async () => (await keys.logVerifiers(ORIGIN)).map(toVerifierText),
    tile: async ({ level, index, width }) =>
      level === 'entries' ? bundles[index] : tileOf(level, index, width),
  }
}

/** Seconds of CPU, which a machine that is shared does not blur as it does the clock. */
function cpuSeconds(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}

/** Seconds of nothing but SHA-256: every leaf's bytes once, and 65 bytes for every node. */
function floorSeconds(bundles: readonly Uint8Array[]): number {
  const node = new Uint8Array(65)
  let seconds = 0
  for (const bundle of bundles) {
    const width = widthOf(bundle)
    const leaves = decodeBundle(bundle, width).map((entry) => concat(Uint8Array.of(0), entry))
    const start = cpuSeconds()
    for (const leaf of leaves) {
      sha256(leaf)
      sha256(node)
    }
    seconds += cpuSeconds() - start
  }
  return seconds
}

function widthOf(bundle: Uint8Array): number {
  let entries = 0
  for (let at = 0; at < bundle.length; entries++) at += 2 + (((bundle[at] ?? 0) << 8) | (bundle[at + 1] ?? 0))
  return entries
}

export async function benchAudit(): Promise<Case[]> {
  progress(`audit-verify: making ${ENTRIES} entries`)
  const log = await makeLog(ENTRIES)
  const before = floorSeconds(log.bundles)
  const [cpu, clock] = [cpuSeconds(), performance.now()]
  const { ok, size } = await verifyLog(log, { sha256 })
  const seconds = cpuSeconds() - cpu
  const wall = (performance.now() - clock) / 1000
  if (!ok || size !== ENTRIES) throw new Error('the log of the benchmark does not verify')
  const after = floorSeconds(log.bundles)
  const floor = (before + after) / 2
  const note = `${ENTRIES} entries in ${seconds.toFixed(1)} s of CPU (${wall.toFixed(1)} s by the clock); SHA-256 alone ${floor.toFixed(1)} s`
  return [
    {
      name: 'audit-verify',
      unit: 'entries/s',
      value: ENTRIES / seconds,
      ratios: { 'SHA-256 alone': floor / seconds },
      note,
    },
  ]
}

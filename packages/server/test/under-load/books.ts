/**
 * What the store itself must say after a kill: the audit log whole and consistent with everything that was signed of it, each
 * decision made once, nothing that belongs to nobody. Opened anew for each look, so that SQLite recovers as after a crash.
 */
import { DatabaseSync } from 'node:sqlite'
import {
  type AuditClaim,
  appendLeaf,
  type Bytes,
  EMPTY_FRONTIER,
  equalBytes,
  type Frontier,
  leafHash,
  logOrigin,
  openCheckpoint,
  parseEntry,
  rootOf,
  TILE_HEIGHT,
  toBase64url,
} from '@ipse/protocol'
import pg from 'pg'
import { keysFileBeside, loadKeyring, openKeys, type Store, sha256 } from '../../src/index.ts'
import { PUBLIC_URL } from '../fixture.ts'
import { expect, type KnownSession, type KnownSubject, type Ledger } from './ledger.ts'
import { openPlace, type Place } from './node.ts'
import { type Installation, TENANT } from './nodes.ts'

/** Entries that are read at a time. */
const PAGE = 1000

interface LogSoFar {
  frontier: Frontier
  /** Of every entry, base64url. */
  readonly leaves: string[]
  /** By size, base64url. */
  readonly roots: string[]
  /** Size of the last checkpoint that was held against it. */
  signed: number
}

/** What the log says of a session. */
interface Story {
  created: number
  cancelled: number
  challenged: number
  /** Attempts that ended with a decision or without. */
  ended: number
  /** Decisions that are the session's. */
  final: number
}

export interface Books {
  /** Looks at everything that was written since the last look, and what is told of these in particular. */
  check(sessions: Iterable<KnownSession>, subjects: Iterable<KnownSubject>): Promise<void>
  /** The logs alone. */
  checkLogs(): Promise<void>
  readonly entries: number
  /** Checkpoints that were held against the entries. */
  readonly checkpoints: number
}

/** @param now where sessions that passed must have their pictures until they end: the time, milliseconds since the epoch */
export async function createBooks(
  installation: Installation,
  ledger: Ledger,
  now?: () => number,
): Promise<Books> {
  const keys = await openKeys(await loadKeyring(installation.keyring))
  const logs = new Map<string, LogSoFar>()
  const stories = new Map<string, Story>()
  const ids = new Set<string>()
  let checkpoints = 0
  const is = (holds: boolean, otherwise: string) => expect(ledger, holds, otherwise)

  async function readLog(store: Store, tenant: string): Promise<void> {
    const log = logs.get(tenant) ?? { frontier: EMPTY_FRONTIER, leaves: [], roots: [], signed: 0 }
    logs.set(tenant, log)
    const { frontier: head } = await store.logHead(tenant)
    is(head.size >= log.frontier.size, `the log of ${tenant} has become shorter`)
    const signed = await readCheckpoints(store, tenant, log.signed)
    while (log.frontier.size < head.size) {
      const first = log.frontier.size
      const count = Math.min(PAGE, head.size - first)
      const entries = await store.readLogEntries(tenant, first, count)
      const leaves = await store.readLogHashes(tenant, 0, first, count)
      is(entries.length === count && leaves.length === count, `entries from ${first} on are missing`)
      if (entries.length !== count) return
      for (const [at, bytes] of entries.entries()) {
        const entry = parseEntry(bytes)
        const leaf = leafHash(bytes, sha256)
        is(entry.index === first + at, `entry ${first + at} says ${entry.index}`)
        is(equalBytes(leaf, leaves[at] ?? new Uint8Array()), `entry ${first + at} has another leaf`)
        await append(store, tenant, log, leaf)
        const { size } = log.frontier
        const root = signed.get(size)
        if (root) {
          is(toBase64url(root) === log.roots[size], `checkpoint ${size} has another root`)
          log.signed = size
          checkpoints++
        }
        note(entry as unknown as Record<string, string>)
      }
    }
    is(
      equalBytes(rootOf(head, sha256), rootOf(log.frontier, sha256)),
      `the head of ${tenant} has another root`,
    )
  }

  async function append(store: Store, tenant: string, log: LogSoFar, leaf: Bytes): Promise<void> {
    const completed: (readonly [number, number, Uint8Array])[] = []
    log.frontier = appendLeaf(log.frontier, leaf, sha256, (level, index, hash) => {
      if (level % TILE_HEIGHT === 0) completed.push([level / TILE_HEIGHT, index, hash])
    })
    log.leaves.push(toBase64url(leaf))
    log.roots[log.frontier.size] = toBase64url(rootOf(log.frontier, sha256))
    for (const [level, index, hash] of completed) {
      const [kept] = await store.readLogHashes(tenant, level, index, 1)
      is(kept !== undefined && equalBytes(kept, hash), `subtree ${index} of level ${level} is another`)
    }
  }

  /** Roots by size, of checkpoints that verify. */
  async function readCheckpoints(store: Store, tenant: string, after: number) {
    const origin = logOrigin(PUBLIC_URL, tenant)
    const verifiers = await keys.logVerifiers(origin)
    const roots = new Map<number, Bytes>()
    for (const { size, note } of await store.listCheckpoints(tenant, after, PAGE)) {
      const opened = await openCheckpoint(note, verifiers).catch(() => undefined)
      is(opened?.size === size && opened.origin === origin, `checkpoint ${size} of ${tenant} does not verify`)
      if (opened) roots.set(size, opened.root)
    }
    return roots
  }

  function note(entry: Record<string, string>): void {
    const { id = '', event, sessionId, decision } = entry
    is(!ids.has(id), `entry ${id} stands twice`)
    ids.add(id)
    if (sessionId === undefined) return
    const story = stories.get(sessionId) ?? { created: 0, cancelled: 0, challenged: 0, ended: 0, final: 0 }
    stories.set(sessionId, story)
    if (event === 'session.created') story.created++
    if (event === 'session.cancelled') story.cancelled++
    if (event === 'capture.challenged') story.challenged++
    if (event !== 'capture.decided' && event !== 'capture.abandoned') return
    story.ended++
    if (decision !== undefined && decision !== 'retry') story.final++
    is(story.final <= 1, `session ${sessionId} was decided ${story.final} times`)
    is(story.ended <= story.challenged, `session ${sessionId} has more ends than attempts`)
  }

  /** What was answered has its entry, once. */
  function compare(sessions: Iterable<KnownSession>, subjects: Iterable<KnownSubject>): void {
    for (const { created, seen, cancelled } of sessions) {
      if (created === undefined) continue
      const story = stories.get(created.id)
      is(story?.created === 1, `session ${created.id} has ${story?.created ?? 0} entries of its creation`)
      if (cancelled) is(story?.cancelled === 1, `session ${created.id}: ${story?.cancelled} cancellations`)
      if (seen?.state === 'passed') is(story?.final === 1, `session ${created.id}: ${story?.final} decisions`)
      if (seen)
        is((story?.challenged ?? 0) >= seen.attempts.length, `session ${created.id}: attempts without entry`)
      if (seen?.receipt !== undefined) checkReceipt(seen.receipt)
    }
    for (const { erased } of subjects) if (erased !== undefined) checkReceipt(erased)
  }

  /** A receipt names the entry of what it tells, and the log as it then was. */
  function checkReceipt(receipt: string): void {
    const { index, leaf, size, root } = auditOf(receipt)
    const log = logs.get(TENANT)
    is(log?.leaves[index] === leaf, `a receipt names entry ${index}, which is another or none`)
    is(log?.roots[size] === root, `a receipt names a log of ${size} entries with another root`)
  }

  async function checkRows(): Promise<void> {
    await using rows = await openRows(installation.place)
    const none = async (what: string, sql: string) => {
      const found = await rows.all(sql)
      is(found.length === 0, `${what}: ${JSON.stringify(found.slice(0, 3))}`)
    }
    await none(
      'sessions that no key has made',
      `select id from sessions where created_at >= ${installation.begin} and not exists
         (select 1 from idempotency where session_id = sessions.id)`,
    )
    await none(
      'sessions of two keys',
      'select session_id from idempotency group by session_id having count(*) > 1',
    )
    await none(
      'decisions that nothing is kept of',
      `select id from sessions where state in ('passed', 'review') and not exists
         (select 1 from decision_records where session_id = sessions.id)`,
    )
    await none(
      'orphan media',
      'select session_id from media where session_id not in (select id from sessions)',
    )
    if (now)
      await none(
        'sessions without their pictures',
        `select id from sessions where state = 'passed' and expires_at > ${now()} and not exists
           (select 1 from media where session_id = sessions.id)`,
      )
    const sealed = await rows.all(
      `select key_id as id from reference_templates where key_id is not null union all select key_id as id from media`,
    )
    const held = new Set((await rows.keys()).map(({ id }) => id))
    const closed = sealed.filter(({ id }) => !held.has(id))
    is(closed.length === 0, `records that no key opens: ${closed.length}`)
  }

  async function checkLogs(): Promise<void> {
    const store = await openPlace(installation.place)
    try {
      for (const tenant of await store.listLogs()) await readLog(store, tenant)
    } finally {
      await store.close()
    }
  }

  return {
    checkLogs,
    async check(sessions, subjects) {
      await checkLogs()
      compare(sessions, subjects)
      await checkRows()
    },
    get entries() {
      return ids.size
    },
    get checkpoints() {
      return checkpoints
    },
  }
}

function auditOf(receipt: string): AuditClaim {
  const claims = Buffer.from(receipt.split('.')[1] ?? '', 'base64url').toString('utf8')
  return (JSON.parse(claims) as { audit: AuditClaim }).audit
}

interface Rows extends AsyncDisposable {
  all(sql: string): Promise<Record<string, unknown>[]>
  /** Of the store of keys. */
  keys(): Promise<Record<string, unknown>[]>
}

/** The rows themselves, past the store. */
export async function openRows(place: Place): Promise<Rows> {
  if ('file' in place) {
    const [data, keys] = [place.file, keysFileBeside(place.file)].map((file) => new DatabaseSync(file))
    return {
      all: async (sql) => data?.prepare(sql).all() ?? [],
      keys: async () => keys?.prepare('select id from data_keys').all() ?? [],
      async [Symbol.asyncDispose]() {
        data?.close()
        keys?.close()
      },
    }
  }
  const client = new pg.Client({ connectionString: place.url })
  await client.connect()
  return {
    all: async (sql) => (await client.query(sql)).rows,
    keys: async () => (await client.query('select id from ipse_keys.data_keys')).rows,
    [Symbol.asyncDispose]: () => client.end(),
  }
}

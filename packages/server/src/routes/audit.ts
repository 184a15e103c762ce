/**
 * `/v1/log`: the tenant's audit log in the layout of C2SP tlog-tiles, with proofs for those who keep no tiles. Checkpoints and
 * proofs are for relying parties, entries for auditors.
 */
import {
  IpseError,
  logOrigin,
  parseTilePath,
  rootFromTiles,
  rootOf,
  TILE_WIDTH,
  type Tile,
  toBase64url,
  toVerifierText,
} from '@ipse/protocol'
import type { FastifyReply } from 'fastify'
import { Type } from 'typebox'
import { callerOf } from '../http/caller.ts'
import { signCheckpoint } from '../log/checkpoints.ts'
import { proveConsistency, proveInclusion, readTile } from '../log/tiles.ts'
import { sha256 } from '../node-crypto.ts'
import type { CheckpointRecord } from '../store/log-records.ts'
import {
  CheckpointsQuery,
  ConsistencyQuery,
  InclusionQuery,
  LogConsistencySchema,
  LogInclusionSchema,
  LogSchema,
  TileParams,
  TileSchema,
} from './audit-schemas.ts'
import type { App, RouteContext } from './context.ts'
import { answers } from './schemas.ts'

const text = { produces: ['text/plain'], response: answers(200, Type.String()) }

/** Checkpoints in one answer; the last one's size is the `after` of the next. */
const CHECKPOINTS = 1000

export function addAuditRoutes(app: App, context: RouteContext): void {
  addCheckpointRoutes(app, context)
  addProofRoutes(app, context)
}

function addCheckpointRoutes(app: App, context: RouteContext): void {
  const { guard, store, keys, clock, settings } = context
  const { publicUrl } = settings.server
  const verifierTexts = async (tenant: string) =>
    (await keys.logVerifiers(logOrigin(publicUrl, tenant))).map(toVerifierText)
  /** The first one is signed when it is asked for: nobody waits for the schedule. */
  const newest = async (tenant: string): Promise<CheckpointRecord | undefined> =>
    (await store.lastCheckpoint(tenant)) ??
    (await signCheckpoint({ store, keys, clock, publicUrl }, await store.logHead(tenant))) ??
    (await store.lastCheckpoint(tenant))

  app.get(
    '/v1/log',
    {
      onRequest: guard('session:read'),
      schema: {
        summary: 'How far the audit log is, and the keys that sign it',
        response: answers(200, LogSchema),
      },
    },
    async (request) => {
      const { tenant } = callerOf(request)
      const { frontier, signedSize } = await store.logHead(tenant)
      const last = await store.lastCheckpoint(tenant)
      return {
        origin: logOrigin(publicUrl, tenant),
        size: frontier.size,
        root: toBase64url(rootOf(frontier, sha256)),
        signedSize,
        ...(last ? { signedAt: new Date(last.time).toISOString() } : {}),
        keys: await verifierTexts(tenant),
      }
    },
  )
  app.get(
    '/v1/log/checkpoint',
    {
      onRequest: guard('session:read'),
      schema: { summary: 'The newest checkpoint, as a signed note (C2SP tlog-checkpoint)', ...text },
    },
    async (request, reply) => {
      const last = await newest(callerOf(request).tenant)
      if (!last) throw new IpseError('not_found', 'the log has no entry yet')
      return plain(reply, last.note)
    },
  )
  app.get(
    '/v1/log/checkpoints',
    {
      onRequest: guard('session:read'),
      schema: {
        summary: 'Checkpoints, the oldest first, each followed by an empty line',
        querystring: CheckpointsQuery,
        ...text,
      },
    },
    async (request, reply) => {
      const after = Number(request.query.after ?? 0)
      const found = await store.listCheckpoints(callerOf(request).tenant, after, CHECKPOINTS)
      return plain(reply, found.map(({ note }) => `${note}\n`).join(''))
    },
  )
  app.get(
    '/v1/log/keys',
    {
      onRequest: guard('session:read'),
      schema: {
        summary: 'Verifier keys of the log, one a line, the newest first (C2SP signed-note)',
        ...text,
      },
    },
    async (request, reply) =>
      plain(reply, (await verifierTexts(callerOf(request).tenant)).map((key) => `${key}\n`).join('')),
  )
}

function addProofRoutes(app: App, { guard, store }: RouteContext): void {
  app.get(
    '/v1/log/inclusion',
    {
      onRequest: guard('session:read'),
      schema: {
        summary:
          'Proof that the log of `size` entries holds the entry at `index`; the newest of all when absent',
        querystring: InclusionQuery,
        response: answers(200, LogInclusionSchema),
      },
    },
    async (request) => {
      const { tenant } = callerOf(request)
      const size = Number(request.query.size ?? (await store.logHead(tenant)).frontier.size)
      const index = Number(request.query.index ?? size - 1)
      const proof = await proveInclusion(store, tenant, index, size)
      const read = ({ level, index: at, width }: Tile) =>
        store.readLogHashes(tenant, level as number, at * TILE_WIDTH, width)
      const [leaf] = await store.readLogHashes(tenant, 0, index, 1)
      if (!leaf) throw new IpseError('not_found')
      return {
        index,
        size,
        root: toBase64url(await rootFromTiles(size, size, read, sha256)),
        leaf: toBase64url(leaf),
        proof: proof.map(toBase64url),
      }
    },
  )
  app.get(
    '/v1/log/consistency',
    {
      onRequest: guard('session:read'),
      schema: {
        summary: 'Proof that the log of `to` entries begins with the log of `from`; `to` is all when absent',
        querystring: ConsistencyQuery,
        response: answers(200, LogConsistencySchema),
      },
    },
    async (request) => {
      const { tenant } = callerOf(request)
      const from = Number(request.query.from ?? 0)
      const to = Number(request.query.to ?? (await store.logHead(tenant)).frontier.size)
      return { from, to, proof: (await proveConsistency(store, tenant, from, to)).map(toBase64url) }
    },
  )
  app.get(
    '/v1/log/tile/*',
    {
      onRequest: guard('audit:read'),
      schema: {
        summary: 'A tile of hashes or a bundle of entries (C2SP tlog-tiles)',
        params: TileParams,
        produces: ['application/octet-stream'],
        response: answers(200, TileSchema),
      },
    },
    async (request, reply) => {
      const tile = parseTilePath(`tile/${request.params['*']}`)
      const bytes = await readTile(store, callerOf(request).tenant, tile)
      return reply.type('application/octet-stream').send(Buffer.from(bytes))
    },
  )
}

function plain(reply: FastifyReply, text: string): FastifyReply {
  return reply.type('text/plain; charset=utf-8').send(text)
}

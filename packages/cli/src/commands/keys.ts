/** `ipse keys`: API keys of relying parties. A key is shown once, when it is made. */
import { type ApiKeyRecord, createApiKey, LIVE_KEYS, revokeApiKey, rotateApiKey } from '@ipse/server'
import { type Command, Option } from 'commander'
import { type Answer, answering, EXIT } from '../command.ts'
import { parseDuration } from '../duration.ts'
import { textTable } from '../eval/tables.ts'
import {
  type DataFlags,
  dataFlags,
  openExistingInstallation,
  openInstallation,
  systemClock,
  systemRandom,
} from '../installation.ts'
import { type RightsFlags, rightsFlags, rightsOf, SCOPES_HELP, scopesText } from '../rights.ts'
import { addEncryption } from './keys-encryption.ts'
import { addProtect } from './keys-protect.ts'
import { addRotateLog } from './keys-rotate-log.ts'
import { addRotateSigning } from './keys-rotate-signing.ts'

interface CreateFlags extends DataFlags, RightsFlags {
  readonly expires?: number
}

interface RotateFlags extends DataFlags {
  readonly overlap: number
}

const DAY_MS = 86_400_000

export function addKeys(program: Command): void {
  const group = program.command('keys')
  const create = rightsFlags(group.command('create').description('make a key and show it, once'))
    .option('--expires <time>', 'end of the key from now, such as 90d; none when absent', parseDuration)
    .addHelpText(
      'after',
      `
Scopes:
${SCOPES_HELP}

Examples:
  ipse keys create --name shop --scopes session:create,session:read --origin https://shop.example
  ipse keys create --name shop --scopes session:create --expires 90d --ips 192.0.2.0/24,2001:db8::/32

Works while the service runs. The key is not stored: keep what is printed.`,
    )
  answering(dataFlags(create), createKey)
  const rotate = group
    .command('rotate')
    .description('make a successor with the same rights, show it once, and give the old key an end')
    .argument('<kid>', 'id of the key, from "ipse keys list"')
    .addOption(
      new Option('--overlap <time>', 'how long the old key may still be used')
        .argParser(parseDuration)
        .default(DAY_MS, '24h'),
    )
    .addHelpText(
      'after',
      `
Example:
  ipse keys rotate 0123456789abcdef --overlap 24h

At most ${LIVE_KEYS} keys of one tenant and name are live at a time.`,
    )
  answering(dataFlags(rotate), rotateKey)
  const list = group.command('list').description('all keys, without their secrets')
  answering(dataFlags(list), listKeys)
  const revoke = group
    .command('revoke')
    .description('end a key at once')
    .argument('<kid>', 'id of the key, from "ipse keys list"')
  answering(dataFlags(revoke), revokeKey)
  addProtect(group)
  addRotateSigning(group)
  addRotateLog(group)
  addEncryption(group)
}

async function createKey({ data, expires, ...flags }: CreateFlags): Promise<Answer> {
  await using installation = await openInstallation(data)
  const { store, keys } = installation
  const { key, record } = await createApiKey(store, keys, systemRandom, systemClock, {
    ...rightsOf(flags),
    ...(expires === undefined ? {} : { expiresAt: systemClock.now() + expires }),
    maxLive: LIVE_KEYS,
  })
  return {
    exit: EXIT.done,
    json: { key, ...describe(record) },
    text: `${key}\nThis is shown once. Send it as "Authorization: Bearer …"; end it with "ipse keys revoke ${record.kid}".`,
  }
}

async function rotateKey(kid: string, { data, overlap }: RotateFlags): Promise<Answer> {
  await using installation = await openExistingInstallation(data)
  const { store, keys } = installation
  const { key, record } = await rotateApiKey(store, keys, systemRandom, systemClock, kid, overlap)
  const old = await store.findApiKey(kid)
  const ends = new Date(old?.expiresAt ?? record.createdAt).toISOString()
  return {
    exit: EXIT.done,
    json: { key, ...describe(record), replaces: { kid, expiresAt: ends } },
    text: `${key}\nThis is shown once. The old key ${kid} ends at ${ends}.`,
  }
}

async function listKeys({ data }: DataFlags): Promise<Answer> {
  await using installation = await openExistingInstallation(data)
  const now = systemClock.now()
  const keys = (await installation.store.listApiKeys()).map((record) => ({
    ...describe(record),
    state: stateOf(record, now),
  }))
  const rows = keys.map(({ kid, tenant, name, createdAt, state, lastUsedAt, scopes, networks, origins }) => [
    kid,
    tenant,
    name,
    createdAt,
    state,
    lastUsedAt ?? 'never',
    scopesText(scopes),
    [...(networks ?? []), ...(origins ?? [])].join(',') || 'anywhere',
  ])
  const head = ['kid', 'tenant', 'name', 'created', 'state', 'last used', 'scopes', 'from']
  return { exit: EXIT.done, json: { keys }, text: textTable({ head, rows }) }
}

async function revokeKey(kid: string, { data }: DataFlags): Promise<Answer> {
  await using installation = await openExistingInstallation(data)
  await revokeApiKey(installation.store, systemRandom, systemClock, kid)
  return { exit: EXIT.done, json: { kid, revoked: true }, text: `${kid} is revoked.` }
}

function stateOf({ revokedAt, expiresAt }: ApiKeyRecord, now: number): string {
  if (revokedAt !== undefined) return `revoked ${time(revokedAt)}`
  if (expiresAt === undefined) return 'valid'
  return `${expiresAt > now ? 'valid until' : 'ended'} ${time(expiresAt)}`
}

const time = (ms: number) => new Date(ms).toISOString()

/** What may be shown: everything but the keyed hash of the secret. */
function describe({
  kid,
  tenant,
  name,
  scopes,
  origins,
  networks,
  createdAt,
  expiresAt,
  revokedAt,
  lastUsedAt,
}: ApiKeyRecord) {
  return {
    kid,
    tenant,
    name,
    scopes,
    ...(origins ? { origins } : {}),
    ...(networks ? { networks } : {}),
    createdAt: time(createdAt),
    ...(expiresAt === undefined ? {} : { expiresAt: time(expiresAt) }),
    ...(revokedAt === undefined ? {} : { revokedAt: time(revokedAt) }),
    ...(lastUsedAt === undefined ? {} : { lastUsedAt: time(lastUsedAt) }),
  }
}

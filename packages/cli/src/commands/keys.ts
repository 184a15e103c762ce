/** `ipse keys`: API keys of relying parties. A key is shown once, when it is made. */
import {
  type ApiKeyRecord,
  createApiKey,
  isScope,
  revokeApiKey,
  SCOPE_NAMES,
  SCOPES,
  type Scope,
} from '@ipse/server'
import { type Command, InvalidArgumentError } from 'commander'
import { type Answer, answering, EXIT } from '../command.ts'
import { textTable } from '../eval/tables.ts'
import {
  type DataFlags,
  dataFlags,
  openExistingInstallation,
  openInstallation,
  systemClock,
  systemRandom,
} from '../installation.ts'

interface CreateFlags extends DataFlags {
  readonly name: string
  readonly scopes: readonly Scope[]
  readonly tenant: string
  readonly origin: readonly string[]
}

export function addKeys(program: Command): void {
  const group = program.command('keys').description('API keys of relying parties')
  const scopes = Object.entries(SCOPES).map(([name, meaning]) => `  ${name.padEnd(16)} ${meaning}`)
  const create = group
    .command('create')
    .description('make a key and show it, once')
    .requiredOption('--name <name>', 'what the key is for')
    .requiredOption('--scopes <list>', 'what it may do: scopes separated by commas, or "all"', parseScopes)
    .option('--tenant <tenant>', 'whom sessions and subjects of this key belong to', 'default')
    .option('--origin <origin...>', 'origins that sessions of this key may name; any when absent', [])
    .addHelpText(
      'after',
      `
Scopes:
${scopes.join('\n')}

Example:
  ipse keys create --name shop --scopes session:create,session:read --origin https://shop.example

Works while the service runs. The key is not stored: keep what is printed.`,
    )
  answering(dataFlags(create), createKey)
  const list = group.command('list').description('all keys, without their secrets')
  answering(dataFlags(list), listKeys)
  const revoke = group
    .command('revoke')
    .description('end a key at once')
    .argument('<kid>', 'id of the key, from "ipse keys list"')
  answering(dataFlags(revoke), revokeKey)
}

function parseScopes(text: string): readonly Scope[] {
  if (text === 'all') return SCOPE_NAMES
  const names = text.split(',').map((name) => name.trim())
  const wrong = names.filter((name) => !isScope(name))
  if (wrong.length > 0)
    throw new InvalidArgumentError(`Unknown: ${wrong.join(', ')}. Known: ${SCOPE_NAMES.join(', ')}, all.`)
  return names as Scope[]
}

async function createKey({ data, name, scopes, tenant, origin }: CreateFlags): Promise<Answer> {
  await using installation = await openInstallation(data)
  const { key, record } = await createApiKey(
    installation.store,
    installation.keys,
    systemRandom,
    systemClock,
    {
      tenant,
      name,
      scopes,
      ...(origin.length > 0 ? { origins: origin } : {}),
    },
  )
  return {
    exit: EXIT.done,
    json: { key, ...describe(record) },
    text: `${key}\nThis is shown once. Send it as "Authorization: Bearer …"; end it with "ipse keys revoke ${record.kid}".`,
  }
}

async function listKeys({ data }: DataFlags): Promise<Answer> {
  await using installation = await openExistingInstallation(data)
  const keys = (await installation.store.listApiKeys()).map(describe)
  const rows = keys.map(({ kid, tenant, name, createdAt, revokedAt, scopes }) => [
    kid,
    tenant,
    name,
    createdAt,
    revokedAt === undefined ? 'valid' : `revoked ${revokedAt}`,
    scopes.length === SCOPE_NAMES.length ? 'all' : scopes.join(','),
  ])
  return {
    exit: EXIT.done,
    json: { keys },
    text: textTable({ head: ['kid', 'tenant', 'name', 'created', 'state', 'scopes'], rows }),
  }
}

async function revokeKey(kid: string, { data }: DataFlags): Promise<Answer> {
  await using installation = await openExistingInstallation(data)
  await revokeApiKey(installation.store, systemRandom, systemClock, kid)
  return { exit: EXIT.done, json: { kid, revoked: true }, text: `${kid} is revoked.` }
}

/** What may be shown: everything but the keyed hash of the secret. */
function describe({ kid, tenant, name, scopes, origins, createdAt, revokedAt }: ApiKeyRecord) {
  return {
    kid,
    tenant,
    name,
    scopes,
    ...(origins ? { origins } : {}),
    createdAt: new Date(createdAt).toISOString(),
    ...(revokedAt === undefined ? {} : { revokedAt: new Date(revokedAt).toISOString() }),
  }
}

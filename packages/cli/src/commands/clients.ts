/** `ipse clients`: programs of relying parties that prove themselves by certificate, or by a signing key of their own. */
import { IpseError } from '@ipse/protocol'
import { type ClientRecord, createClient, readCertificate, revokeClient } from '@ipse/server'
import type { Command } from 'commander'
import { type Answer, answering, EXIT } from '../command.ts'
import { textTable } from '../eval/tables.ts'
import { readNamedFile } from '../files.ts'
import {
  type DataFlags,
  dataFlags,
  openExistingInstallation,
  openInstallation,
  systemClock,
  systemRandom,
} from '../installation.ts'
import { type RightsFlags, rightsFlags, rightsOf, SCOPES_HELP, scopesText } from '../rights.ts'

interface AddFlags extends DataFlags, RightsFlags {
  readonly certificate?: string
  readonly san?: string
  readonly jwks?: string
}

export function addClients(program: Command): void {
  const group = program.command('clients')
  const add = rightsFlags(group.command('add').description('register a client'))
    .option('--certificate <file>', 'its certificate (PEM or DER): exactly this one is taken')
    .option('--san <uri>', 'or: any certificate that verifies and whose one SAN URI is this')
    .option('--jwks <file>', 'public keys (JWK set) that its token requests are signed with')
    .addHelpText(
      'after',
      `
Scopes:
${SCOPES_HELP}

Examples:
  ipse clients add --name till --scopes session:create --san spiffe://shop.example/till
  ipse clients add --name shop --scopes session:create,session:read --jwks public-keys.json

A client with --jwks asks POST /oauth/token for access tokens of ten minutes (private_key_jwt). Certificates need
tls.clientCertificates, or a proxy that verifies them and server.proxyClientCertificates. Works while the service runs.`,
    )
  answering(dataFlags(add), addClient)
  answering(dataFlags(group.command('list').description('all clients')), listClients)
  const revoke = group
    .command('revoke')
    .description('end a client and its tokens at once')
    .argument('<id>', 'id of the client, from "ipse clients list"')
  answering(dataFlags(revoke), endClient)
}

async function addClient({ data, certificate, san, jwks, ...flags }: AddFlags): Promise<Answer> {
  const fingerprint = certificate === undefined ? undefined : await fingerprintOf(certificate)
  const keySet = jwks === undefined ? undefined : await jsonOf(jwks)
  await using installation = await openInstallation(data)
  const record = await createClient(installation.store, systemRandom, systemClock, {
    ...rightsOf(flags),
    ...(fingerprint === undefined ? {} : { fingerprint }),
    ...(san === undefined ? {} : { san }),
    ...(keySet === undefined ? {} : { jwks: keySet }),
  })
  return {
    exit: EXIT.done,
    json: describe(record),
    text: `${record.id} is registered; end it with "ipse clients revoke ${record.id}".`,
  }
}

async function fingerprintOf(path: string): Promise<string> {
  const bytes = await readNamedFile(path)
  try {
    return readCertificate(bytes).fingerprint
  } catch (cause) {
    throw new IpseError('invalid_request', `${path}: this is no certificate`, { cause })
  }
}

async function jsonOf(path: string): Promise<unknown> {
  const bytes = await readNamedFile(path)
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'))
  } catch (cause) {
    throw new IpseError('invalid_request', `${path}: this is not JSON`, { cause })
  }
}

async function listClients({ data }: DataFlags): Promise<Answer> {
  await using installation = await openExistingInstallation(data)
  const clients = (await installation.store.listClients()).map(describe)
  const rows = clients.map(({ id, tenant, name, createdAt, revokedAt, scopes, ...how }) => [
    id,
    tenant,
    name,
    createdAt,
    revokedAt === undefined ? 'valid' : `revoked ${revokedAt}`,
    [how.san, how.fingerprint?.slice(0, 16), how.kids && `keys ${how.kids.join(' ')}`]
      .filter(Boolean)
      .join(', '),
    scopesText(scopes),
  ])
  const head = ['id', 'tenant', 'name', 'created', 'state', 'proves itself by', 'scopes']
  return { exit: EXIT.done, json: { clients }, text: textTable({ head, rows }) }
}

async function endClient(id: string, { data }: DataFlags): Promise<Answer> {
  await using installation = await openExistingInstallation(data)
  await revokeClient(installation.store, systemRandom, systemClock, id)
  return { exit: EXIT.done, json: { id, revoked: true }, text: `${id} is revoked.` }
}

function describe({ jwks, createdAt, revokedAt, ...shown }: ClientRecord) {
  return {
    ...shown,
    ...(jwks === undefined ? {} : { kids: jwks.map(({ kid = '' }) => kid) }),
    createdAt: new Date(createdAt).toISOString(),
    ...(revokedAt === undefined ? {} : { revokedAt: new Date(revokedAt).toISOString() }),
  }
}

/** `ipse people`: who runs Ipse. A person is invited by a link that is shown once, and registers a passkey under it. */
import { IpseError } from '@ipse/protocol'
import {
  createAuditor,
  disablePerson,
  invite,
  inviteAgain,
  isRole,
  type PeopleContext,
  type PersonWithKeys,
  ROLE_NAMES,
  ROLES,
  siteOf,
} from '@ipse/server'
import { type Command, InvalidArgumentError } from 'commander'
import { type Answer, answering, EXIT } from '../command.ts'
import { textTable } from '../eval/tables.ts'
import {
  type DataFlags,
  dataFlags,
  type Installation,
  openExistingInstallation,
  openInstallation,
  readSettings,
  type SettingFlags,
  settingFlags,
  systemClock,
  systemRandom,
} from '../installation.ts'

interface InviteFlags extends DataFlags, SettingFlags {
  readonly role?: readonly string[]
  readonly name?: string
  readonly tenant: string
  readonly person?: string
}

const ROLES_HELP = Object.entries(ROLES)
  .map(([name, { meaning }]) => `  ${name.padEnd(16)} ${meaning}`)
  .join('\n')

export function addPeople(program: Command): void {
  const group = program.command('people')
  const inviting = group
    .command('invite')
    .description('make a link, shown once, under which a person registers a passkey')
    .option('--name <name>', 'as colleagues know the person')
    .option('--role <list>', 'one or more roles, separated by commas', parseRoles)
    .option('--tenant <tenant>', 'whose sessions, subjects and keys the person sees', 'default')
    .option('--person <id>', 'a new link for somebody who has lost theirs, instead of --name and --role')
    .addHelpText(
      'after',
      `
Roles:
${ROLES_HELP}

Examples:
  ipse people invite --role owner --name "Ada Lovelace"
  ipse people invite --role reviewer,auditor --name Bob --tenant shop
  ipse people invite --person per_…

The link lasts 24 hours and works once. It leads to server.adminUrl, or server.publicUrl: give the same settings as the
service has (IPSE_… variables or --set). Works while the service runs.`,
    )
  answering(settingFlags(dataFlags(inviting)), invitePerson)
  answering(dataFlags(group.command('list').description('all people, without their passkeys')), listPeople)
  const disable = group
    .command('disable')
    .description('end a person and all their sessions at once')
    .argument('<id>', 'id of the person, from "ipse people list"')
  answering(dataFlags(disable), endPerson)
}

function parseRoles(text: string): readonly string[] {
  const roles = text.split(',').map((role) => role.trim())
  if (!roles.every(isRole)) throw new InvalidArgumentError(`Roles are ${ROLE_NAMES.join(', ')}.`)
  return roles
}

async function invitePerson({ data, set, name, role, tenant, person }: InviteFlags): Promise<Answer> {
  if ((person === undefined) !== (name !== undefined && role !== undefined))
    throw new IpseError('invalid_request', 'give --name and --role, or --person alone')
  const site = siteOf(readSettings(set))
  await using installation = await openInstallation(data)
  const context = contextOf(installation, site)
  const { link, expiresAt, ...invited } =
    person === undefined
      ? await invite(context, { tenant, name: name ?? '', roles: role ?? [] })
      : await inviteAgain(context, person)
  const { id, roles } = invited.person
  const end = new Date(expiresAt).toISOString()
  return {
    exit: EXIT.done,
    json: { id, tenant: invited.person.tenant, name: invited.person.name, roles, link, expiresAt: end },
    text: `${link}\nThis is shown once, and works once until ${end}. Whoever has it becomes ${invited.person.name}, ${roles.join(' and ')}.`,
  }
}

async function listPeople({ data }: DataFlags): Promise<Answer> {
  await using installation = await openExistingInstallation(data)
  const people = (await installation.store.listPeople()).map(describe)
  const rows = people.map(({ id, tenant, name, roles, state, passkeys, createdAt }) => [
    id,
    tenant,
    name,
    roles.join(','),
    state,
    String(passkeys),
    createdAt,
  ])
  const head = ['id', 'tenant', 'name', 'roles', 'state', 'passkeys', 'created']
  return { exit: EXIT.done, json: { people }, text: textTable({ head, rows }) }
}

async function endPerson(id: string, { data }: DataFlags): Promise<Answer> {
  await using installation = await openExistingInstallation(data)
  await disablePerson({ store: installation.store, auditor: auditorOf(installation) }, id)
  return { exit: EXIT.done, json: { id, disabled: true }, text: `${id} is disabled.` }
}

function contextOf(installation: Installation, site: PeopleContext['site']): PeopleContext {
  const { store, keys } = installation
  return { store, keys, clock: systemClock, random: systemRandom, auditor: auditorOf(installation), site }
}

function auditorOf({ keys }: Installation): PeopleContext['auditor'] {
  return createAuditor({ clock: systemClock, random: systemRandom, keys })
}

/** Everything but the hash of the identity. */
function describe({ id, tenant, name, roles, passkeys, identityMac, createdAt, disabledAt }: PersonWithKeys) {
  const able = passkeys > 0 || identityMac !== undefined
  const state = disabledAt === undefined ? (able ? 'active' : 'invited') : 'disabled'
  return {
    id,
    tenant,
    name,
    roles,
    state,
    passkeys,
    oidc: identityMac !== undefined,
    createdAt: new Date(createdAt).toISOString(),
    ...(disabledAt === undefined ? {} : { disabledAt: new Date(disabledAt).toISOString() }),
  }
}

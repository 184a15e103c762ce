/** People, passkeys, invitations and sessions of people in the database. */
import { type Access, guarded, type Writer, writeAudit } from '../access.ts'
import type { PasskeyRecord, PeopleStore, PersonRecord, PersonSession } from '../people-records.ts'
import type { Tables } from '../tables.ts'

export function peopleStore({ db, transaction, write }: Access): PeopleStore {
  return {
    insertPerson: (person, audit, invitation) =>
      transaction(person.tenant, async (trx) => {
        const { numInsertedOrUpdatedRows } = await trx
          .insertInto('people')
          .values(fromPerson(person))
          .onConflict((conflict) => conflict.column('identity_mac').doNothing())
          .executeTakeFirstOrThrow()
        if (numInsertedOrUpdatedRows !== 1n) return false
        if (invitation) await trx.insertInto('invitations').values(fromInvitation(invitation)).execute()
        await writeAudit(trx, audit)
        return true
      }),
    findPerson: (id) =>
      guarded(async () => {
        const row = await db.selectFrom('people').selectAll().where('id', '=', id).executeTakeFirst()
        return row && toPerson(row)
      }),
    findPersonByIdentity: (mac) =>
      guarded(async () => {
        const row = await db
          .selectFrom('people')
          .selectAll()
          .where('identity_mac', '=', mac)
          .executeTakeFirst()
        return row && toPerson(row)
      }),
    listPeople: (tenant) =>
      guarded(async () => {
        let query = db
          .selectFrom('people')
          .selectAll('people')
          .select((eb) =>
            eb
              .selectFrom('passkeys')
              .whereRef('passkeys.person_id', '=', 'people.id')
              .select((count) => count.fn.countAll().as('n'))
              .as('passkeys'),
          )
        if (tenant !== undefined) query = query.where('tenant', '=', tenant)
        const rows = await query.orderBy('created_at').orderBy('id').execute()
        return rows.map(({ passkeys, ...row }) => ({ ...toPerson(row), passkeys: Number(passkeys) }))
      }),
    changeRoles: (id, roles) =>
      write(async (trx) => {
        const values = { roles: JSON.stringify(roles) }
        await trx.updateTable('people').set(values).where('id', '=', id).execute()
      }),
    disablePerson: (id, audit) =>
      transaction(audit.tenant, async (trx) => {
        const row = await trx
          .selectFrom('people')
          .selectAll()
          .where('id', '=', id)
          .where('disabled_at', 'is', null)
          .executeTakeFirst()
        if (!row) return 'unknown'
        const owners = await ownersOf(trx, row.tenant)
        if (owners.length === 1 && owners[0] === id) return 'last-owner'
        await trx.updateTable('people').set({ disabled_at: audit.time }).where('id', '=', id).execute()
        for (const table of ['people_sessions', 'invitations'] as const)
          await trx.deleteFrom(table).where('person_id', '=', id).execute()
        await writeAudit(trx, audit)
        return 'disabled'
      }),

    replaceInvitation: (invitation, audit) =>
      transaction(audit.tenant, async (trx) => {
        await trx.deleteFrom('invitations').where('person_id', '=', invitation.personId).execute()
        await trx.insertInto('invitations').values(fromInvitation(invitation)).execute()
        await writeAudit(trx, audit)
      }),
    findInvitation: (mac, now) =>
      guarded(async () => {
        const row = await db
          .selectFrom('invitations')
          .selectAll()
          .where('mac', '=', mac)
          .where('expires_at', '>', now)
          .executeTakeFirst()
        return row && { mac, personId: row.person_id, expiresAt: row.expires_at }
      }),

    insertPasskey: (passkey, audit, invitationMac) =>
      transaction(audit.tenant, async (trx) => {
        const { id, personId, publicKey, counter, createdAt } = passkey
        const known = await trx.selectFrom('passkeys').select('id').where('id', '=', id).executeTakeFirst()
        if (known || !(await consume(trx, invitationMac, personId, audit.time))) return false
        await trx
          .insertInto('passkeys')
          .values({ id, person_id: personId, public_key: publicKey, counter, created_at: createdAt })
          .execute()
        await writeAudit(trx, audit)
        return true
      }),
    findPasskey: (id) =>
      guarded(async () => {
        const row = await db.selectFrom('passkeys').selectAll().where('id', '=', id).executeTakeFirst()
        return row && toPasskey(row)
      }),
    listPasskeys: (personId) =>
      guarded(async () => {
        const rows = await db
          .selectFrom('passkeys')
          .selectAll()
          .where('person_id', '=', personId)
          .orderBy('created_at')
          .orderBy('id')
          .execute()
        return rows.map(toPasskey)
      }),
    usePasskey: ({ id, counter: before }, counter, at) =>
      write(async (trx) => {
        const { numUpdatedRows } = await trx
          .updateTable('passkeys')
          .set({ counter, last_used_at: at })
          .where('id', '=', id)
          .where('counter', '=', before)
          .executeTakeFirst()
        return numUpdatedRows === 1n
      }),
    deletePasskey: (id, personId, audit) =>
      transaction(audit.tenant, async (trx) => {
        const rows = await trx
          .selectFrom('passkeys')
          .innerJoin('people', 'people.id', 'passkeys.person_id')
          .select(['passkeys.id', 'people.identity_mac'])
          .where('person_id', '=', personId)
          .execute()
        const last = rows.length === 1 && rows[0]?.identity_mac === null
        if (last || !rows.some((row) => row.id === id)) return false
        await trx.deleteFrom('passkeys').where('id', '=', id).execute()
        await writeAudit(trx, audit)
        return true
      }),

    insertPersonSession: ({ mac, personId, createdAt, seenAt, endsAt }, audit, replaces) =>
      transaction(audit.tenant, async (trx) => {
        if (replaces !== undefined)
          await trx.deleteFrom('people_sessions').where('mac', '=', replaces).execute()
        const row = { mac, person_id: personId, created_at: createdAt, seen_at: seenAt, ends_at: endsAt }
        await trx.insertInto('people_sessions').values(row).execute()
        await writeAudit(trx, audit)
      }),
    findPersonSession: (mac) =>
      guarded(async () => {
        const row = await db
          .selectFrom('people_sessions as session')
          .innerJoin('people', 'people.id', 'session.person_id')
          .selectAll('people')
          .select(['session.created_at as begun_at', 'session.seen_at', 'session.ends_at'])
          .where('session.mac', '=', mac)
          .executeTakeFirst()
        return row && { session: toSession(mac, row), person: toPerson(row) }
      }),
    touchPersonSession: (mac, at) =>
      write(async (trx) => {
        await trx
          .updateTable('people_sessions')
          .set({ seen_at: at })
          .where('mac', '=', mac)
          .where('seen_at', '<', at)
          .execute()
      }),
    endPersonSessions: (which, audit) =>
      transaction(audit.tenant, async (trx) => {
        const all = trx.deleteFrom('people_sessions')
        const { numDeletedRows } = await ('mac' in which
          ? all.where('mac', '=', which.mac)
          : all.where('person_id', '=', which.personId)
        ).executeTakeFirst()
        if (numDeletedRows > 0n) await writeAudit(trx, audit)
        return Number(numDeletedRows)
      }),
  }
}

/** True when there is nothing to consume. */
async function consume(
  trx: Writer,
  mac: string | undefined,
  personId: string,
  now: number,
): Promise<boolean> {
  if (mac === undefined) return true
  const { numDeletedRows } = await trx
    .deleteFrom('invitations')
    .where('mac', '=', mac)
    .where('person_id', '=', personId)
    .where('expires_at', '>', now)
    .executeTakeFirst()
  return numDeletedRows === 1n
}

/** Owners of a tenant who can sign in: an invitation that nobody took up does not keep anybody in. */
async function ownersOf(trx: Writer, tenant: string): Promise<readonly string[]> {
  const rows = await trx
    .selectFrom('people')
    .select(['id', 'roles'])
    .where('tenant', '=', tenant)
    .where('disabled_at', 'is', null)
    .where((eb) =>
      eb.or([
        eb('identity_mac', 'is not', null),
        eb('id', 'in', (sub) => sub.selectFrom('passkeys').select('person_id')),
      ]),
    )
    .execute()
  return rows.filter(({ roles }) => (JSON.parse(roles) as string[]).includes('owner')).map(({ id }) => id)
}

function fromPerson(person: PersonRecord): Tables['people'] {
  return {
    id: person.id,
    tenant: person.tenant,
    name: person.name,
    roles: JSON.stringify(person.roles),
    identity_mac: person.identityMac ?? null,
    created_at: person.createdAt,
    disabled_at: person.disabledAt ?? null,
  }
}

function toPerson(row: Tables['people']): PersonRecord {
  return {
    id: row.id,
    tenant: row.tenant,
    name: row.name,
    roles: JSON.parse(row.roles) as string[],
    createdAt: row.created_at,
    ...(row.identity_mac === null ? {} : { identityMac: row.identity_mac }),
    ...(row.disabled_at === null ? {} : { disabledAt: row.disabled_at }),
  }
}

function fromInvitation({ mac, personId, expiresAt }: { mac: string; personId: string; expiresAt: number }) {
  return { mac, person_id: personId, expires_at: expiresAt }
}

function toPasskey(row: Tables['passkeys']): PasskeyRecord {
  return {
    id: row.id,
    personId: row.person_id,
    publicKey: new Uint8Array(row.public_key),
    counter: row.counter,
    createdAt: row.created_at,
    ...(row.last_used_at === null ? {} : { lastUsedAt: row.last_used_at }),
  }
}

function toSession(
  mac: string,
  row: { id: string; begun_at: number; seen_at: number; ends_at: number },
): PersonSession {
  return { mac, personId: row.id, createdAt: row.begun_at, seenAt: row.seen_at, endsAt: row.ends_at }
}

/** What every store must do with people, passkeys, invitations and their sessions. */
import assert from 'node:assert/strict'
import type { PersonRecord } from '../../src/store/people-records.ts'
import type { Check } from './contract.ts'
import { anAudit, aPasskey, aPerson } from './records.ts'

export function people(check: Check): void {
  check('keeps people by tenant, each identity once', async (store) => {
    const ada = aPerson({ createdAt: 1, identityMac: 'mac' })
    const bob = aPerson({ createdAt: 2, roles: ['reviewer', 'auditor'] })
    const eve = aPerson({ tenant: 'other' })
    for (const person of [ada, bob, eve]) assert.ok(await store.insertPerson(person, anAudit()))
    assert.equal(await store.insertPerson(aPerson({ identityMac: 'mac' }), anAudit()), false)
    assert.deepEqual(await store.findPerson(bob.id), bob)
    assert.deepEqual(await store.findPersonByIdentity('mac'), ada)
    assert.ok(await store.insertPasskey(aPasskey(bob.id), anAudit()))
    assert.deepEqual(await store.listPeople('shop'), [
      { ...ada, passkeys: 0 },
      { ...bob, passkeys: 1 },
    ])
    assert.equal((await store.listPeople()).length, 3)
    await store.changeRoles(ada.id, ['auditor'])
    assert.deepEqual((await store.findPerson(ada.id))?.roles, ['auditor'])
  })

  check('lets an invitation be used once, in its time, by the invited', async (store) => {
    const [ada, bob] = [aPerson(), aPerson()]
    const invite = { mac: 'i1', personId: ada.id, expiresAt: 2000 }
    assert.ok(await store.insertPerson(ada, anAudit(), invite))
    assert.ok(await store.insertPerson(bob, anAudit()))
    assert.deepEqual(await store.findInvitation('i1', 1999), invite)
    assert.equal(await store.findInvitation('i1', 2000), undefined)
    const late = anAudit({ time: 2000 })
    assert.equal(await store.insertPasskey(aPasskey(ada.id), late, 'i1'), false, 'expired')
    assert.equal(await store.insertPasskey(aPasskey(bob.id), anAudit(), 'i1'), false, "somebody else's")
    const tries = await Promise.all(
      ['a', 'b', 'c'].map((id) => store.insertPasskey(aPasskey(ada.id, id), anAudit(), 'i1')),
    )
    assert.equal(tries.filter(Boolean).length, 1)
    assert.equal((await store.listPasskeys(ada.id)).length, 1)
    await store.replaceInvitation({ mac: 'i2', personId: ada.id, expiresAt: 3000 }, anAudit())
    await store.replaceInvitation({ mac: 'i3', personId: ada.id, expiresAt: 3000 }, anAudit())
    assert.equal(await store.findInvitation('i2', 1000), undefined, 'void since there is another')
    assert.ok(await store.findInvitation('i3', 1000))
  })

  check('counts a passkey up once, keeps the last one, takes none twice', async (store) => {
    const [ada, bob] = [aPerson(), aPerson()]
    for (const person of [ada, bob]) await store.insertPerson(person, anAudit())
    const [first, second] = [aPasskey(ada.id), aPasskey(ada.id)]
    assert.ok(await store.insertPasskey(first, anAudit()))
    assert.equal(await store.insertPasskey({ ...first, personId: bob.id }, anAudit()), false)
    const tries = await Promise.all([1, 2, 3].map((counter) => store.usePasskey(first, counter, 1500)))
    // Who comes first is not told: several connections of PostgreSQL ask at once.
    assert.equal(tries.filter(Boolean).length, 1)
    const counter = tries.indexOf(true) + 1
    assert.deepEqual(await store.findPasskey(first.id), { ...first, counter, lastUsedAt: 1500 })
    assert.equal(await store.deletePasskey(first.id, ada.id, anAudit()), false, 'the last one stays')
    assert.ok(await store.insertPasskey(second, anAudit()))
    assert.equal(await store.deletePasskey(second.id, bob.id, anAudit()), false, "not somebody else's")
    assert.ok(await store.deletePasskey(second.id, ada.id, anAudit({ event: 'passkey.removed' })))
    assert.equal((await store.listAudit('shop', 99)).at(-1)?.event, 'passkey.removed')
  })

  check('ends sessions of people: one, all, overdue, replaced, of the disabled', async (store) => {
    const [ada, bob] = [aPerson(), aPerson()]
    for (const person of [ada, bob]) {
      await store.insertPerson(person, anAudit())
      await store.insertPasskey(aPasskey(person.id), anAudit())
    }
    const begin = (mac: string, { id }: PersonRecord, replaces?: string, endsAt = 9000) =>
      store.insertPersonSession(
        { mac, personId: id, createdAt: 1000, seenAt: 1000, endsAt },
        anAudit(),
        replaces,
      )
    const found = async (mac: string) => (await store.findPersonSession(mac))?.person.id
    await begin('a1', ada)
    await begin('a2', ada, 'a1')
    assert.deepEqual([await found('a1'), await found('a2')], [undefined, ada.id])
    await store.touchPersonSession('a2', 1500)
    await store.touchPersonSession('a2', 1400)
    assert.equal((await store.findPersonSession('a2'))?.session.seenAt, 1500)
    await begin('a3', ada)
    assert.equal(await store.endPersonSessions({ mac: 'a3' }, anAudit()), 1)
    assert.equal(await store.endPersonSessions({ mac: 'a3' }, anAudit()), 0)
    await begin('a4', ada)
    await begin('b1', bob)
    assert.equal(await store.endPersonSessions({ personId: ada.id }, anAudit()), 2)
    assert.equal(await found('b1'), bob.id)
    assert.equal(await store.disablePerson(bob.id, anAudit({ time: 7 })), 'disabled')
    assert.equal(await found('b1'), undefined)
    assert.equal((await store.findPerson(bob.id))?.disabledAt, 7)
    await begin('a5', ada, undefined, 3000)
    await store.sweepEnded(3000, 9)
    assert.equal(await found('a5'), undefined)
  })

  check('never disables the last owner who can sign in, however many ask', async (store) => {
    const owners = [1, 2, 3].map(() => aPerson())
    for (const person of owners) {
      await store.insertPerson(person, anAudit())
      await store.insertPasskey(aPasskey(person.id), anAudit())
    }
    await store.insertPerson(aPerson(), anAudit())
    const foreign = aPerson({ tenant: 'other' })
    await store.insertPerson(foreign, anAudit())
    const ends = await Promise.all(owners.map(({ id }) => store.disablePerson(id, anAudit())))
    assert.deepEqual(ends.toSorted(), ['disabled', 'disabled', 'last-owner'])
    const left = owners[ends.indexOf('last-owner')]
    assert.equal(await store.disablePerson('per_nobody', anAudit()), 'unknown')
    assert.equal(await store.disablePerson(foreign.id, anAudit()), 'disabled', 'could never sign in')
    const heir = aPerson({ identityMac: 'sso' })
    await store.insertPerson(heir, anAudit())
    assert.equal(await store.disablePerson(left?.id ?? '', anAudit()), 'disabled')
    assert.equal(await store.disablePerson(heir.id, anAudit()), 'last-owner')
  })
}

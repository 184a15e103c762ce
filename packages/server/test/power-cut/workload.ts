/**
 * A child that works on an embedded store and says on standard output what was answered, line by line, in the order of the
 * system calls: `begun erase <subject>`, `session <id> <version>`, `entry <id>`, `used <value>`, `erased <subject>`.
 */
import { writeSync } from 'node:fs'
import { openSqliteStore } from '../../src/store/sqlite/open.ts'
import { anAudit, aSession } from '../store/records.ts'

const [path = '', rounds = '10'] = process.argv.slice(2)
const say = (...words: readonly (string | number)[]) => writeSync(1, `${words.join(' ')}\n`)

const store = await openSqliteStore(path)

async function capture(round: number, worker: number): Promise<void> {
  const subject = `subject-${worker}`
  const created = anAudit({ sessionId: `${round}` })
  let session = aSession({ subject, expiresAt: 1e15 })
  await store.insertSession(session, created)
  say('session', session.id, session.version)
  say('entry', created.id)
  for (const state of ['bound', 'challenged', 'submitted', 'passed'] as const) {
    const audit = anAudit({ event: 'capture.decided' })
    const changed = await store.changeSession(session, { state }, { audit })
    if (!changed) throw new Error('nobody else changes this session')
    session = changed
    say('session', session.id, session.version)
    say('entry', audit.id)
    // Does not wait for the disk, and so must not spoil what does.
    await store.takeAllowances([{ key: subject, most: 1e6, endsAt: 1e15 }])
  }
  const value = `${worker}-${round}`
  if (!(await store.useOnce('proof', value, 1e15))) throw new Error('a fresh value was refused')
  say('used', value)
  if (round % 4 === 3) {
    say('begun', 'erase', subject)
    const audit = anAudit({ event: 'subject.erased' })
    await store.eraseSubject('shop', subject, audit)
    say('erased', subject)
    say('entry', audit.id)
  }
}

const work = async (worker: number) => {
  for (let round = 0; round < Number(rounds); round++) await capture(round, worker)
}
await Promise.all([work(0), work(1), work(2)])
say('done')

/** `ipse keys encryption`, `rotate-encryption`, `rewrap` and `destroy`: the keys that wrap the keys of what is kept of faces. */
import { IpseError } from '@ipse/protocol'
import {
  type AuditEvent,
  assertUnused,
  changeKeyring,
  createAuditor,
  createEncryptionEntry,
  dropEncryption,
  type KekProvider,
  type KekUse,
  type Keyring,
  kekUses,
  loadKeyring,
  rewrapAll,
  rotateEncryption,
  wrappedUntil,
} from '@ipse/server'
import { type Command, Option } from 'commander'
import { type Answer, answering, EXIT, progress } from '../command.ts'
import { parseDuration } from '../duration.ts'
import { textTable } from '../eval/tables.ts'
import {
  type DataFlags,
  dataFlags,
  type Installation,
  kekSettings,
  keyringPassphrase,
  openExistingInstallation,
  retentionSettings,
  systemClock,
  systemRandom,
} from '../installation.ts'
import { openKek } from '../kek.ts'

interface RotateFlags extends DataFlags {
  readonly lead: number
}

interface DestroyFlags extends DataFlags {
  readonly forgetReplays?: boolean
}

const LEAD_MS = 60_000
const DAY_MS = 86_400_000
/** These keys belong to the installation, not to a tenant. */
const NO_TENANT = ''

export function addEncryption(group: Command): void {
  const list = group
    .command('encryption')
    .description('the key-encryption keys, and how many keys each of them wraps')
  answering(dataFlags(list), (flags: DataFlags) => within(flags, show))
  const rotate = group
    .command('rotate-encryption')
    .description('make a new key-encryption key: known at once, wrapping after the lead')
    .addOption(
      new Option('--lead <time>', 'how long it is known before it wraps, at least 1m (keyring only)')
        .argParser(parseDuration)
        .default(LEAD_MS, '1m'),
    )
    .addHelpText(
      'after',
      `
Examples:
  ipse keys rotate-encryption
  ipse keys rewrap
  ipse keys destroy kek-…

A running service takes the new keyring within seconds and fails no request. Nodes with keyrings of their own need a copy
of the new one before the lead is over: choose it longer. With kek.provider transit the key service makes a new version.`,
    )
  answering(dataFlags(rotate), (flags: RotateFlags) => within(flags, (open) => rotateKek(open, flags)))
  const rewrap = group
    .command('rewrap')
    .description('wrap every key with the present key-encryption key')
    .addHelpText(
      'after',
      `
Works while the service runs. It may be stopped at any time: what is done stays done, and the next run goes on.`,
    )
  answering(dataFlags(rewrap), (flags: DataFlags) => within(flags, rewrapKeys))
  const destroy = group
    .command('destroy')
    .description('destroy a key-encryption key with which nothing is wrapped any more')
    .argument('<kek>', 'id of the key, from "ipse keys encryption"')
    .option('--forget-replays', 'although it still finds captures that are sent again')
    .addHelpText(
      'after',
      `
Refused while anything is wrapped with it. Of the keyring's keys also while captures from its time are kept in the replay
index (retention.replayDays): without the key they are not recognised. Whatever copies of wrapped keys exist in old backups
opens nothing from then on.`,
    )
  answering(dataFlags(destroy), (kek: string, flags: DestroyFlags) =>
    within(flags, (open) => destroyKek(open, kek, flags)),
  )
}

interface Open {
  readonly installation: Installation
  readonly kek: KekProvider
  /** Whether the keyring is the provider. */
  readonly own: boolean
}

async function within(flags: DataFlags, work: (open: Open) => Promise<Answer>): Promise<Answer> {
  await using installation = await openExistingInstallation(flags.data)
  const settings = kekSettings()
  const kek = await openKek(settings, installation.keys)
  try {
    return await work({ installation, kek, own: settings.provider === 'keyring' })
  } finally {
    kek.close?.()
  }
}

async function show({ installation, kek }: Open): Promise<Answer> {
  const uses = await kekUses(installation.store, kek)
  const rows = uses.map(({ id, state, wrapsFrom, keys, beside }) => [
    id,
    state,
    wrapsFrom === undefined ? '' : time(wrapsFrom),
    String(keys),
    String(beside),
  ])
  const head = ['id', 'state', 'wraps from', 'keys', 'of them beside']
  return { exit: EXIT.done, json: { keys: uses.map(described) }, text: textTable({ head, rows }) }
}

async function rotateKek({ installation, kek, own }: Open, { lead }: RotateFlags): Promise<Answer> {
  if (!own) {
    if (!kek.rotate)
      throw new IpseError('invalid_request', 'this provider is rotated where its keys are; see docs/vault.md')
    const id = await kek.rotate()
    await record(installation, 'encryption-key.rotated', id)
    return { exit: EXIT.done, json: { id, state: 'wrapping' }, text: `${id} wraps. ${NEXT}` }
  }
  const entry = createEncryptionEntry(systemRandom.bytes)
  await change(installation, (before) => rotateEncryption(before, entry, systemClock.now(), lead))
  const wrapsFrom = systemClock.now() + lead
  await record(installation, 'encryption-key.rotated', entry.id)
  return {
    exit: EXIT.done,
    json: { id: entry.id, state: 'waiting', wrapsFrom: time(wrapsFrom) },
    text: `${entry.id} wraps from ${time(wrapsFrom)}. ${NEXT}`,
  }
}

const NEXT = 'Then run "ipse keys rewrap".'

async function rewrapKeys({ installation, kek }: Open): Promise<Answer> {
  const result = await rewrapAll(installation.store, kek, (done, total) => progress(done, total, 'keys'))
  const { kekId, rewrapped, failed } = result
  await record(installation, 'encryption-key.rewrapped', kekId, `${rewrapped} keys, ${failed} failed`)
  return {
    exit: failed === 0 ? EXIT.done : EXIT.negative,
    json: result,
    text: `${rewrapped} keys are wrapped with ${kekId} now${failed === 0 ? '' : `; ${failed} could not be unwrapped`}.`,
  }
}

async function destroyKek(
  { installation, kek, own }: Open,
  id: string,
  flags: DestroyFlags,
): Promise<Answer> {
  const { store } = installation
  await assertUnused(store, kek, id)
  if (own) await destroyOwn(installation, kek, id, flags)
  else if (kek.destroy) await kek.destroy(id)
  else
    throw new IpseError(
      'invalid_request',
      'this provider destroys its keys where they are; see docs/vault.md',
    )
  await record(installation, 'encryption-key.destroyed', id)
  return { exit: EXIT.done, json: { id, destroyed: true }, text: `${id} is destroyed.` }
}

async function destroyOwn(
  installation: Installation,
  kek: KekProvider,
  id: string,
  { forgetReplays }: DestroyFlags,
): Promise<void> {
  const { folder, store } = installation
  const before = await loadKeyring(folder.keyring, keyringPassphrase())
  const until = (wrappedUntil(before, id) ?? 0) + retentionSettings().replayDays * DAY_MS
  if (until > systemClock.now() && !forgetReplays)
    throw new IpseError(
      'conflict',
      `${id} finds captures that are sent again until ${time(until)}; --forget-replays destroys it all the same`,
    )
  const dropped = await change(installation, (ring) => dropEncryption(ring, id, systemClock.now()))
  // A service that had not seen the rotation may have wrapped with it in this moment.
  const uses: readonly KekUse[] = await kekUses(store, kek)
  if (uses.every((use) => use.id !== id || use.keys === 0)) return
  const entry = before.encryption.find((known) => known.id === id)
  if (entry) await change(installation, () => ({ ...dropped, encryption: [...dropped.encryption, entry] }))
  throw new IpseError(
    'conflict',
    `something was wrapped with ${id} just now: it was put back, run "ipse keys rewrap"`,
  )
}

async function change({ folder }: Installation, work: (keyring: Keyring) => Keyring): Promise<Keyring> {
  return changeKeyring(folder.keyring, keyringPassphrase(), work, systemRandom.bytes)
}

async function record(
  { store, keys }: Installation,
  event: AuditEvent,
  key: string,
  note?: string,
): Promise<void> {
  const auditor = createAuditor({ clock: systemClock, random: systemRandom, keys })
  await store.appendAudit(auditor.entry(event, NO_TENANT, { key, ...(note === undefined ? {} : { note }) }))
}

const time = (ms: number) => new Date(ms).toISOString()

function described({ wrapsFrom, ...use }: KekUse) {
  return { ...use, ...(wrapsFrom === undefined ? {} : { wrapsFrom: time(wrapsFrom) }) }
}

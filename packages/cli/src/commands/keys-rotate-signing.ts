/** `ipse keys rotate-signing`: a new key for receipts, published before it signs. */
import {
  changeKeyring,
  createAuditor,
  createSigningEntry,
  openKeys,
  retireSigning,
  rotateSigning,
  type SigningState,
  signingStates,
} from '@ipse/server'
import { type Command, Option } from 'commander'
import { type Answer, answering, EXIT } from '../command.ts'
import { parseDuration } from '../duration.ts'
import {
  type DataFlags,
  dataFlags,
  existingFolder,
  keyringPassphrase,
  storeSettings,
  systemClock,
  systemRandom,
} from '../installation.ts'
import { openStore } from '../store.ts'

interface Flags extends DataFlags {
  readonly lead: number
  readonly retire?: boolean
}

const LEAD_MS = 600_000
/** Signing keys belong to the installation, not to a tenant. */
const NO_TENANT = ''

export function addRotateSigning(group: Command): void {
  const command = group
    .command('rotate-signing')
    .description('make a new key for receipts: published at once, signing after the lead')
    .addOption(
      new Option('--lead <time>', 'how long the new key is published before it signs, at least 6m')
        .argParser(parseDuration)
        .default(LEAD_MS, '10m'),
    )
    .addOption(
      new Option('--retire', 'make no key; unpublish the keys that no longer sign, now').conflicts('lead'),
    )
    .addHelpText(
      'after',
      `
Examples:
  ipse keys rotate-signing --lead 10m
  ipse keys rotate-signing --retire

A running service takes the new keyring within seconds. The old key stays published until every receipt that it signed
has ended; the next rotation after that removes it. Warning: with --retire receipts and access tokens that it signed are
refused from now on. That is for a key that somebody else has.`,
    )
  answering(dataFlags(command), rotate)
}

async function rotate({ data, lead, retire }: Flags): Promise<Answer> {
  const folder = await existingFolder(data)
  const entry = await createSigningEntry(systemRandom.bytes)
  const store = await openStore(storeSettings(), folder.store)
  try {
    const keyring = await changeKeyring(
      folder.keyring,
      keyringPassphrase(),
      (before) =>
        retire
          ? retireSigning(before, systemClock.now())
          : rotateSigning(before, entry, systemClock.now(), lead),
      systemRandom.bytes,
    )
    const keys = await openKeys(keyring)
    const states = signingStates(keyring.signing, systemClock.now())
    const auditor = createAuditor({ clock: systemClock, random: systemRandom, keys })
    const details = { key: states[0]?.kid ?? '', note: retire ? 'retired' : 'added' }
    await store.appendAudit(auditor.entry('signing-key.rotated', NO_TENANT, details))
    return { exit: EXIT.done, json: { keys: states.map(shown) }, text: states.map(sentence).join('\n') }
  } finally {
    await store.close()
  }
}

const time = (ms: number) => new Date(ms).toISOString()

function shown({ kid, state, signsFrom, neededUntil }: SigningState) {
  return {
    kid,
    state,
    ...(signsFrom === undefined ? {} : { signsFrom: time(signsFrom) }),
    ...(neededUntil === undefined ? {} : { neededUntil: time(neededUntil) }),
  }
}

function sentence({ kid, state, signsFrom, neededUntil }: SigningState): string {
  if (state === 'waiting') return `${kid} is published and signs from ${time(signsFrom ?? 0)}.`
  const until = neededUntil === undefined ? '' : `, needed until ${time(neededUntil)}`
  return `${kid} ${state === 'signing' ? 'signs' : 'no longer signs'}${until}.`
}

/** `ipse keys rotate-signing`: a new key for receipts, published before it signs. */
import {
  createSigningEntry,
  retireSigning,
  rotateSigning,
  type SigningState,
  signingStates,
} from '@ipse/server'
import { type Command, Option } from 'commander'
import { type Answer, answering, EXIT } from '../command.ts'
import { type DataFlags, dataFlags, systemClock, systemRandom } from '../installation.ts'
import { leadOption, rotateKeyring } from '../rotate-keyring.ts'

interface Flags extends DataFlags {
  readonly lead: number
  readonly retire?: boolean
}

export function addRotateSigning(group: Command): void {
  const command = group
    .command('rotate-signing')
    .description('make a new key for receipts: published at once, signing after the lead')
    .addOption(leadOption())
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
  const entry = await createSigningEntry(systemRandom.bytes)
  const now = systemClock.now()
  const keyring = await rotateKeyring(
    data,
    (before) => (retire ? retireSigning(before, now) : rotateSigning(before, entry, now, lead)),
    ({ signing: [newest] }) => [
      'signing-key.rotated',
      { key: newest?.kid ?? '', note: retire ? 'retired' : 'added' },
    ],
  )
  const states = signingStates(keyring.signing, now)
  return { exit: EXIT.done, json: { keys: states.map(shown) }, text: states.map(sentence).join('\n') }
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

/** `ipse keys rotate-log`: a new key for the checkpoints of audit logs, published before it signs. */
import { createLogKeyEntry, type Keyring, keyStates, rotateLog } from '@ipse/server'
import type { Command } from 'commander'
import { type Answer, answering, EXIT } from '../command.ts'
import { type DataFlags, dataFlags, systemClock, systemRandom } from '../installation.ts'
import { leadOption, rotateKeyring } from '../rotate-keyring.ts'

interface Flags extends DataFlags {
  readonly lead: number
}

export function addRotateLog(group: Command): void {
  const command = group
    .command('rotate-log')
    .description('make a new key for audit logs: published at once, signing checkpoints after the lead')
    .addOption(leadOption())
    .addHelpText(
      'after',
      `
Examples:
  ipse keys rotate-log --lead 24h

A running service takes the new keyring within seconds. The old key is published for good, without its private half from the next
rotation on: what it signed is verified as long as anybody keeps it. Tell those who hold the keys (auditors, witnesses, relying
parties) before the lead is over; GET /v1/log/keys names all.`,
    )
  answering(dataFlags(command), rotate)
}

async function rotate({ data, lead }: Flags): Promise<Answer> {
  const now = systemClock.now()
  const keyring = await rotateKeyring(
    data,
    (before) => rotateLog(before, createLogKeyEntry(systemRandom.bytes), now, lead),
    ({ log: [newest] }) => ['log-key.rotated', { key: newest?.publicKey ?? '' }],
  )
  const shown = keysOf(keyring, now)
  return { exit: EXIT.done, json: { keys: shown }, text: shown.map(sentence).join('\n') }
}

function keysOf({ log }: Keyring, now: number) {
  const states = keyStates(log, now)
  return log.map(({ publicKey, signsFrom }, at) => ({
    publicKey,
    state: states[at],
    ...(signsFrom === undefined ? {} : { signsFrom: new Date(signsFrom).toISOString() }),
  }))
}

function sentence({ publicKey, state, signsFrom }: ReturnType<typeof keysOf>[number]): string {
  if (state === 'waiting') return `${publicKey} is published and signs checkpoints from ${signsFrom}.`
  return `${publicKey} ${state === 'signing' ? 'signs' : 'no longer signs, and is published for good'}.`
}

/** `ipse keys rotate-log`: a new key for the checkpoints of audit logs, published before it signs. */
import {
  changeKeyring,
  createAuditor,
  createLogKeyEntry,
  type Keyring,
  keyStates,
  openKeys,
  rotateLog,
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
}

const LEAD_MS = 600_000
/** The keys of logs belong to the installation, not to a tenant. */
const NO_TENANT = ''

export function addRotateLog(group: Command): void {
  const command = group
    .command('rotate-log')
    .description('make a new key for audit logs: published at once, signing checkpoints after the lead')
    .addOption(
      new Option('--lead <time>', 'how long the new key is published before it signs, at least 6m')
        .argParser(parseDuration)
        .default(LEAD_MS, '10m'),
    )
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
  const folder = await existingFolder(data)
  const store = await openStore(storeSettings(), folder.store)
  try {
    const now = systemClock.now()
    const keyring = await changeKeyring(
      folder.keyring,
      keyringPassphrase(),
      (before) => rotateLog(before, createLogKeyEntry(systemRandom.bytes), now, lead),
      systemRandom.bytes,
    )
    const keys = await openKeys(keyring)
    const auditor = createAuditor({ clock: systemClock, random: systemRandom, keys })
    const [newest] = keyring.log
    await store.appendAudit(auditor.entry('log-key.rotated', NO_TENANT, { key: newest?.publicKey ?? '' }))
    const shown = keysOf(keyring, now)
    return { exit: EXIT.done, json: { keys: shown }, text: shown.map(sentence).join('\n') }
  } finally {
    await store.close()
  }
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

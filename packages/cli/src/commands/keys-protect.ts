/** `ipse keys protect`: puts the keyring under a passphrase, changes it, or takes it away. */
import { IpseError } from '@ipse/protocol'
import { MIN_PASSPHRASE, PASSPHRASE_KDFS, type PassphraseKdf, protectKeyring } from '@ipse/server'
import { type Command, Option } from 'commander'
import { askHidden } from '../ask-hidden.ts'
import { type Answer, answering, EXIT } from '../command.ts'
import { readNamedFile } from '../files.ts'
import { type DataFlags, dataFlags, dataFolder, keyringPassphrase, systemRandom } from '../installation.ts'

interface Flags extends DataFlags {
  readonly passphraseFile?: string
  readonly kdf: PassphraseKdf
  readonly remove?: boolean
}

export function addProtect(group: Command): void {
  const command = group
    .command('protect')
    .description('close the keyring with a passphrase, change the passphrase, or take it away')
    .option('--passphrase-file <file>', 'file with the new passphrase; asked at the terminal when absent')
    .addOption(
      new Option('--kdf <name>', 'how the passphrase becomes a key')
        .choices(Object.keys(PASSPHRASE_KDFS))
        .default('scrypt'),
    )
    .addOption(new Option('--remove', 'leave the keyring open').conflicts('passphraseFile'))
    .addHelpText(
      'after',
      `
Example:
  ipse keys protect --passphrase-file /run/secrets/keyring
  IPSE_KEYRING_PASSPHRASE_FILE=/run/secrets/keyring ipse serve

A passphrase has ${MIN_PASSPHRASE} characters at least. A keyring that is closed already is opened with
IPSE_KEYRING_PASSPHRASE_FILE, or asks. Without its passphrase a keyring is lost, and every template with it.`,
    )
  answering(dataFlags(command), protect)
}

async function protect({ data, passphraseFile, kdf, remove }: Flags): Promise<Answer> {
  const { keyring: path } = dataFolder(data)
  const to = remove ? undefined : { passphrase: await newPassphrase(passphraseFile), kdf }
  await protectKeyring(path, keyringPassphrase(), to, systemRandom.bytes)
  const text = to ? `${path} is closed (${PASSPHRASE_KDFS[kdf]}).` : `${path} is open to its owner.`
  return { exit: EXIT.done, json: { keyring: path, ...(to ? { kdf: PASSPHRASE_KDFS[kdf] } : {}) }, text }
}

async function newPassphrase(file: string | undefined): Promise<string> {
  if (file !== undefined) return (await readNamedFile(file)).toString('utf8').replace(/\r?\n$/, '')
  const first = await askHidden('New passphrase of the keyring: ')
  if (first === '')
    throw new IpseError('invalid_request', 'no passphrase: name a file with --passphrase-file')
  if ((await askHidden('Once more: ')) !== first)
    throw new IpseError('invalid_request', 'the two passphrases differ')
  return first
}

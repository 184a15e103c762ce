/** One change of the keyring file and its entry in the audit log: what every rotation of published keys does. */
import { type AuditDetails, type AuditEvent, changeKeyring, createAuditor, type Keyring } from '@ipse/server'
import { Option } from 'commander'
import { parseDuration } from './duration.ts'
import { keyringPassphrase, openExistingInstallation, systemClock, systemRandom } from './installation.ts'

const LEAD_MS = 600_000
/** These keys belong to the installation, not to a tenant. */
const NO_TENANT = ''

/** For how long a key is known before it is used: key sets may be cached. */
export function leadOption(): Option {
  return new Option('--lead <time>', 'how long the new key is published before it signs, at least 6m')
    .argParser(parseDuration)
    .default(LEAD_MS, '10m')
}

/**
 * Opens the store before anything is changed, so that no rotation is without its entry because the store was away, or is another
 * keyring's.
 * @throws IpseError `invalid_request`, `settings_invalid`, `storage_unavailable`
 */
export async function rotateKeyring(
  data: string,
  change: (before: Keyring) => Keyring,
  entryOf: (after: Keyring) => readonly [AuditEvent, AuditDetails],
): Promise<Keyring> {
  await using installation = await openExistingInstallation(data)
  const { folder, store, keys } = installation
  const keyring = await changeKeyring(folder.keyring, keyringPassphrase(), change, systemRandom.bytes)
  const auditor = createAuditor({ clock: systemClock, random: systemRandom, keys })
  const [event, details] = entryOf(keyring)
  await store.appendAudit(auditor.entry(event, NO_TENANT, details))
  return keyring
}

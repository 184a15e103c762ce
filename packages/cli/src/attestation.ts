/** Roots and keys for device attestation, from the files that the settings name. Read once, at the start. */
import { readFileSync } from 'node:fs'
import { type AttestationTrust, attestationTrust, type Settings } from '@ipse/server'

/** @throws IpseError `settings_invalid` naming every setting whose file does not hold what it should */
export function loadAttestationTrust(settings: Settings): AttestationTrust {
  return attestationTrust(settings, (path) => readFileSync(path, 'utf8'))
}

/** What the commands about one person's data share: whose tenant it is, and what the server's own work needs. */
import { createAuditor, type ErasureContext, openVault, type Settings } from '@ipse/server'
import type { Command } from 'commander'
import { type Installation, systemClock, systemRandom } from './installation.ts'

export interface TenantFlags {
  readonly tenant: string
}

export function tenantFlags(command: Command): Command {
  return command.option('--tenant <tenant>', 'whose data it is', 'default')
}

export function privacyContext({ store, keys }: Installation, settings: Settings): ErasureContext {
  const own = { store, keys, clock: systemClock, random: systemRandom }
  return { ...own, settings, auditor: createAuditor(own), vault: openVault(own) }
}

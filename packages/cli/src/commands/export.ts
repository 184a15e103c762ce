/** `ipse export SUBJECT`: everything that is held about a person, as one JSON document to hand over. */
import { exportSubject } from '@ipse/server'
import type { Command } from 'commander'
import { type Answer, answering, EXIT } from '../command.ts'
import { writeNamedFile } from '../files.ts'
import {
  type DataFlags,
  dataFlags,
  openExistingInstallation,
  readSettings,
  type SettingFlags,
  settingFlags,
} from '../installation.ts'
import { privacyContext, type TenantFlags, tenantFlags } from '../privacy.ts'

interface Flags extends DataFlags, SettingFlags, TenantFlags {
  readonly output?: string
}

export function addExport(program: Command): void {
  const command = program
    .command('export')
    .description('write everything that is held about a subject')
    .argument('<subject>', "the relying party's name of the person")
    .option('--output <file>', 'write the document there instead of printing it')
    .addHelpText(
      'after',
      `
Examples:
  ipse export anna --tenant shop --json > anna.json
  ipse export anna --tenant shop --output anna.json

Described in docs/reference/export.md. No template is in it. The audit log notes every export; where the tenant asks for a second
person the first call is refused with the id of the request.`,
    )
  answering(settingFlags(dataFlags(tenantFlags(command))), exportOne)
}

async function exportOne(subject: string, { data, set, tenant, output }: Flags): Promise<Answer> {
  const settings = readSettings(set)
  await using installation = await openExistingInstallation(data)
  const context = privacyContext(installation, settings)
  const made = await exportSubject(context, subject, {
    tenant,
    actor: 'ipse export',
    requestId: 'command-line',
  })
  const document = JSON.stringify(made, null, 2)
  if (output !== undefined) await writeNamedFile(output, document)
  const { references, sessions, consents, audit } = made
  const counts = `${references.length} references, ${sessions.length} sessions, ${consents.length} consents, ${audit.length} entries of the audit log`
  return {
    exit: EXIT.done,
    json: made,
    text: output === undefined ? document : `${counts} of ${subject} are in ${output}.`,
  }
}

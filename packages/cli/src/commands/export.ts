/** `ipse export SUBJECT`: everything that is held about a person, as one JSON document to hand over, with pictures beside it. */
import { Buffer } from 'node:buffer'
import { join } from 'node:path'
import type { SubjectExport } from '@ipse/protocol'
import { exportSubject, exportWithMedia, openVault } from '@ipse/server'
import type { Command } from 'commander'
import { type Answer, answering, EXIT } from '../command.ts'
import { writePrivateFile } from '../files.ts'
import {
  type DataFlags,
  dataFlags,
  makePrivateFolder,
  openExistingInstallation,
  readSettings,
  type SettingFlags,
  settingFlags,
  systemClock,
  systemRandom,
} from '../installation.ts'
import { openKek } from '../kek.ts'
import { privacyContext, type TenantFlags, tenantFlags } from '../privacy.ts'

interface Flags extends DataFlags, SettingFlags, TenantFlags {
  readonly output?: string
  readonly media?: string
}

export function addExport(program: Command): void {
  const command = program
    .command('export')
    .argument('<subject>', "the relying party's name of the person")
    .option('--output <file>', 'write the document there instead of printing it')
    .option('--media <folder>', 'write the pictures that are still kept there, too; made when there is none')
    .addHelpText(
      'after',
      `
Examples:
  ipse export anna --tenant shop --json > anna.json
  ipse export anna --tenant shop --output anna.json
  ipse export anna --tenant shop --output anna/export.json --media anna

Described in docs/reference/export.md. No template is in it. The audit log notes every export and every picture in it;
where the tenant asks for a second person the first call is refused with the id of the request.`,
    )
  answering(settingFlags(dataFlags(tenantFlags(command))), exportOne)
}

async function exportOne(subject: string, { data, set, tenant, output, media }: Flags): Promise<Answer> {
  const settings = readSettings(set)
  await using installation = await openExistingInstallation(data)
  const context = privacyContext(installation, settings)
  const by = { tenant, actor: 'ipse export', requestId: 'command-line' }
  if (media === undefined) return answerOf(await exportSubject(context, subject, by), output)
  const { store, keys } = installation
  const kek = await openKek(settings.kek, keys)
  const vault = openVault({ store, keys, kek, clock: systemClock, random: systemRandom })
  await makePrivateFolder(media)
  return answerOf(await beside(await exportWithMedia({ ...context, vault }, subject, by), media), output)
}

/** The same document with its files in a folder. @throws IpseError `invalid_request` */
async function beside(made: SubjectExport, folder: string): Promise<SubjectExport> {
  const pictures = []
  for (const { file, ...picture } of made.pictures) {
    if (file === undefined) {
      pictures.push(picture)
      continue
    }
    const { data, ...described } = file
    await writePrivateFile(join(folder, file.name), Buffer.from(data ?? '', 'base64'))
    pictures.push({ ...picture, file: described })
  }
  return { ...made, pictures }
}

async function answerOf(made: SubjectExport, output: string | undefined): Promise<Answer> {
  const document = JSON.stringify(made, null, 2)
  if (output !== undefined) await writePrivateFile(output, document)
  const { references, sessions, consents, pictures, audit } = made
  const counts = `${references.length} references, ${sessions.length} sessions, ${consents.length} consents, ${pictures.length} pictures, ${audit.length} entries of the audit log`
  return {
    exit: EXIT.done,
    json: made,
    text: output === undefined ? document : `${counts} of ${made.subject} are in ${output}.`,
  }
}

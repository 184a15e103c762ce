/** `ipse erase SUBJECT`: erases everything about a person, prints the signed receipt, and searches the raw files when asked. */
import type { Erasure } from '@ipse/protocol'
import { eraseSubject, markersOf, type Scan, scanFiles } from '@ipse/server'
import type { Command } from 'commander'
import { type Answer, answering, EXIT, note } from '../command.ts'
import {
  type DataFlags,
  dataFlags,
  type Installation,
  openExistingInstallation,
  readSettings,
  type SettingFlags,
  settingFlags,
} from '../installation.ts'
import { privacyContext, type TenantFlags, tenantFlags } from '../privacy.ts'

interface Flags extends DataFlags, SettingFlags, TenantFlags {
  readonly verify?: boolean
  readonly scan?: readonly string[]
}

interface Verified {
  readonly filesSearched: number
  readonly bytesSearched: number
  /** How often something was found before the erasure: the search works. */
  readonly foundBefore: number
  readonly found: Scan['hits']
}

export function addErase(program: Command): void {
  const command = program
    .command('erase')
    .argument('<subject>', "the relying party's name of the person")
    .option('--verify', 'search the raw files of the store before and after; blocks writers meanwhile')
    .option('--scan <folder>', 'search this file or folder, too; repeatable', collect)
    .addHelpText(
      'after',
      `
Examples:
  ipse erase anna --tenant shop
  ipse erase anna --tenant shop --verify --json > erasure.json
  ipse erase anna --verify --scan /var/lib/postgresql/17/main

Exit code 1 when --verify still finds something. Works while the service runs. Where the tenant asks for a second person the first
call is refused with the id of the request; call again when somebody has agreed in the console. Keep the receipt: Ipse has no copy.`,
    )
  answering(settingFlags(dataFlags(tenantFlags(command))), erase)
}

function collect(folder: string, earlier: readonly string[] = []): readonly string[] {
  return [...earlier, folder]
}

async function erase(subject: string, { data, set, tenant, verify, scan }: Flags): Promise<Answer> {
  const settings = readSettings(set)
  await using installation = await openExistingInstallation(data)
  const context = privacyContext(installation, settings)
  const by = { tenant, actor: 'ipse erase', requestId: 'command-line' }
  const work = () => eraseSubject(context, subject, by)
  if (verify !== true && scan === undefined) {
    const erasure = await work()
    return { exit: EXIT.done, json: erasure, text: textOf(erasure) }
  }
  const { erasure, verified } = await eraseAndSearch(installation, tenant, subject, scan ?? [], work)
  return {
    exit: verified.found.length === 0 ? EXIT.done : EXIT.negative,
    json: { ...erasure, verified },
    text: `${textOf(erasure)}\n${verifiedText(verified)}`,
  }
}

async function eraseAndSearch(
  { folder, store, keys }: Installation,
  tenant: string,
  subject: string,
  scan: readonly string[],
  work: () => Promise<Erasure>,
): Promise<{ readonly erasure: Erasure; readonly verified: Verified }> {
  const markers = await markersOf({ store, keys }, tenant, subject)
  const places = [folder.path, ...scan]
  await store.settle()
  note(`Searching ${places.join(', ')} for ${markers.length} marks …`)
  const before = await scanFiles(places, markers)
  const erasure = await work()
  await store.settle()
  const after = await scanFiles(places, markers)
  const verified = {
    filesSearched: after.files,
    bytesSearched: after.bytes,
    foundBefore: before.hits.length,
    found: after.hits,
  }
  return { erasure, verified }
}

function textOf({ subject, erasedAt, erased, proofsKept, receipt }: Erasure): string {
  const counts = Object.entries(erased)
    .filter(([, count]) => count > 0)
    .map(([kind, count]) => `${kind} ${count}`)
  return [
    `${subject} was erased at ${erasedAt}: ${counts.join(', ') || 'nothing was held'}.`,
    `Proofs of consent that name nobody: ${proofsKept}.`,
    receipt,
  ].join('\n')
}

function verifiedText({ filesSearched, bytesSearched, foundBefore, found }: Verified): string {
  const searched = `${filesSearched} files, ${bytesSearched} bytes searched; found before: ${foundBefore}, now: ${found.length}.`
  return [searched, ...found.map(({ file, of, offset }) => `${of} in ${file} at ${offset}`)].join('\n')
}

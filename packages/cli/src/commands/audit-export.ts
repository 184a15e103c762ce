/** `ipse audit export`: a log as static files. */
import { signCheckpoints } from '@ipse/server'
import type { Command } from 'commander'
import { exportLog } from '../audit/export.ts'
import { installedLog } from '../audit/installed.ts'
import { type LogFlags, logFlags, onlyOne, openOutside, withInstalled } from '../audit/open.ts'
import { type Answer, answering, EXIT, progress } from '../command.ts'
import { systemClock } from '../installation.ts'

interface Flags extends LogFlags {
  readonly from?: string
}

export function addAuditExport(group: Command): void {
  const command = group
    .command('export')
    .description('write a log into a folder that anybody can verify or serve')
    .argument('<folder>', 'made where it is missing')
    .option('--from <address>', 'copy the log of a running service instead of the data folder')
    .addHelpText(
      'after',
      `
Examples:
  ipse audit export exported/ --tenant shop
  ipse audit export exported/ --from https://ipse.example/v1/log --api-key ipse_…

The folder has the layout of C2SP tlog-tiles (checkpoint, tile/entries/…, tile/0/…), and beside it keys and checkpoints. Works while
the service runs. "ipse audit verify" takes the folder.`,
    )
  answering(logFlags(command), exported)
}

async function exported(folder: string, flags: Flags): Promise<Answer> {
  const tell = (done: number, total: number) => progress(done, total, 'entries written:')
  const size =
    flags.from === undefined
      ? await withInstalled(flags, async (logs, installation, publicUrl) => {
          const { tenant } = onlyOne(logs)
          const { store, keys } = installation
          // What nobody has signed cannot be exported.
          await signCheckpoints({ store, keys, clock: systemClock, publicUrl })
          return exportLog(await installedLog(installation, publicUrl, tenant), folder, tell)
        })
      : await exportLog(await openOutside(flags.from, flags), folder, tell)
  return { exit: EXIT.done, json: { folder, size }, text: `${size} entries are in ${folder}.` }
}

/** `ipse purge`: applies retention now. The running service does the same by itself at intervals. */
import { sweep } from '@ipse/server'
import type { Command } from 'commander'
import { type Answer, answering, EXIT } from '../command.ts'
import {
  type DataFlags,
  dataFlags,
  openExistingInstallation,
  readSettings,
  type SettingFlags,
  settingFlags,
  systemClock,
  systemRandom,
} from '../installation.ts'

export function addPurge(program: Command): void {
  const command = program.command('purge').addHelpText(
    'after',
    `
Examples:
  ipse purge
  ipse purge --set retention.sessionDays=7 --json`,
  )
  answering(settingFlags(dataFlags(command)), purge)
}

async function purge({ data, set }: DataFlags & SettingFlags): Promise<Answer> {
  const settings = readSettings(set)
  await using installation = await openExistingInstallation(data)
  const { store, keys } = installation
  const { expired, swept, others } = await sweep(
    { store, keys, clock: systemClock, random: systemRandom },
    settings,
  )
  const deleted = Object.values(swept).reduce((sum, count) => sum + count, 0)
  const by = Object.entries(swept).map(([rule, count]) => `${rule} ${count}`)
  return {
    exit: EXIT.done,
    json: { expired, deleted: swept, othersDeleted: others },
    text: `${expired} overdue sessions ended, ${deleted} records deleted (${by.join(', ') || 'none was due'}), ${others} single-use values forgotten.`,
  }
}

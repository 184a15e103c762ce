/** `ipse audit show`: the newest entries of a log, for people. Nothing is verified. */
import {
  decodeBundle,
  IpseError,
  type LogEntry,
  parseCheckpoint,
  parseEntry,
  parseNote,
  TILE_WIDTH,
  tilesOf,
} from '@ipse/protocol'
import { type Command, InvalidArgumentError } from 'commander'
import { FROM_HELP, type LogFlags, logFlags, onlyOne, openOutside, withInstalled } from '../audit/open.ts'
import type { LogSource } from '../audit/source.ts'
import { type Answer, answering, EXIT } from '../command.ts'
import { textTable } from '../eval/tables.ts'

interface Flags extends LogFlags {
  readonly last: number
}

const MOST = 10_000

export function addAuditShow(group: Command): void {
  const command = group
    .command('show')
    .description('show the newest entries of a log; verifies nothing')
    .argument('[from]', FROM_HELP)
    .option('--last <count>', 'how many entries', parseCount, 20)
    .addHelpText(
      'after',
      `
Examples:
  ipse audit show --tenant shop
  ipse audit show --last 500 --json`,
    )
  answering(logFlags(command), show)
}

function parseCount(text: string): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) < 1 || Number(text) > MOST)
    throw new InvalidArgumentError(`It must be a number from 1 to ${MOST}.`)
  return Number(text)
}

async function show(from: string | undefined, flags: Flags): Promise<Answer> {
  if (from === undefined)
    return withInstalled(flags, async (logs) => {
      const log = onlyOne(logs)
      return answerOf(log, log.head.size, flags.last)
    })
  const source = await openOutside(from, flags)
  const newest = await source.checkpoint()
  const size = source.size ?? (newest === undefined ? 0 : parseCheckpoint(parseNote(newest).text).size)
  return answerOf(source, size, flags.last)
}

async function answerOf(source: LogSource, size: number, last: number): Promise<Answer> {
  const first = Math.max(0, size - last)
  const entries: LogEntry[] = []
  for (const tile of tilesOf('entries', size, Math.floor(first / TILE_WIDTH))) {
    const bytes = await source.tile(tile)
    if (!bytes) throw new IpseError('log_invalid', `${source.name} lacks entries that it should have`)
    entries.push(...decodeBundle(bytes, tile.width).map(parseEntry))
  }
  const shown = entries.slice(-last)
  const rows = shown.map(({ index, time, event, ...rest }) => [
    String(index),
    new Date(time).toISOString(),
    event,
    ['decision', 'reasons', 'sessionId', 'subject', 'actor', 'key', 'person', 'error', 'note']
      .flatMap((name) => (rest[name] === undefined ? [] : [`${name} ${[rest[name]].flat().join(' ')}`]))
      .join(', '),
  ])
  const text = textTable({ head: ['place', 'time', 'event', 'what'], rows })
  return { exit: EXIT.done, json: { size, entries: shown }, text }
}

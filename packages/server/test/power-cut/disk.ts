/**
 * What a disk may hold when the power goes: everything that was synced, and of what was written since, any part. Reads the
 * system calls of a process as `strace -f -y -xx` logs them.
 */
import { dirname } from 'node:path'

export type DiskEvent =
  | { readonly kind: 'write'; readonly file: string; readonly at: number; readonly bytes: Buffer }
  | { readonly kind: 'truncate'; readonly file: string; readonly size: number }
  | { readonly kind: 'sync'; readonly file: string }
  | { readonly kind: 'unlink'; readonly file: string }
  | { readonly kind: 'said'; readonly line: string }

const bytesOf = (escaped: string) => Buffer.from(escaped.replaceAll('\\x', ''), 'hex')
const textOf = (escaped: string) => bytesOf(escaped).toString('utf8')

const WRITE = /^\d+ +pwrite64\(\d+<([^>]*)>, "([^"]*)", \d+, (\d+)\) += (\d+)/
const SAID = /^\d+ +write\(1<[^>]*>, "([^"]*)", \d+\) += \d+/
const SYNC = /^\d+ +(?:fsync|fdatasync)\(\d+<([^>]*)>\) += 0/
const TRUNCATE = /^\d+ +ftruncate\(\d+<([^>]*)>, (\d+)\) += 0/
const UNLINK = /^\d+ +unlink\("([^"]*)"\) += 0/

export function parseCalls(log: string): DiskEvent[] {
  return whole(log.split('\n')).flatMap((line): DiskEvent[] => {
    const write = WRITE.exec(line)
    if (write) {
      const [, file = '', data = '', at, written] = write
      return [
        {
          kind: 'write',
          file: textOf(file),
          at: Number(at),
          bytes: bytesOf(data).subarray(0, Number(written)),
        },
      ]
    }
    const sync = SYNC.exec(line)
    if (sync) return [{ kind: 'sync', file: textOf(sync[1] ?? '') }]
    const truncate = TRUNCATE.exec(line)
    if (truncate) return [{ kind: 'truncate', file: textOf(truncate[1] ?? ''), size: Number(truncate[2]) }]
    const unlink = UNLINK.exec(line)
    if (unlink) return [{ kind: 'unlink', file: textOf(unlink[1] ?? '') }]
    const said = SAID.exec(line)
    if (said)
      return textOf(said[1] ?? '')
        .trim()
        .split('\n')
        .map((text) => ({ kind: 'said', line: text }))
    return []
  })
}

/** A call during which another thread made one stands in two lines; it takes the place of the second. */
function whole(lines: readonly string[]): readonly string[] {
  const begun = new Map<string, string>()
  return lines.map((line) => {
    const thread = line.slice(0, line.indexOf(' '))
    const first = / <unfinished \.\.\.>$/.exec(line)
    if (first) begun.set(thread, line.slice(0, first.index))
    const second = /^\d+ +<\.\.\. \w+ resumed>/.exec(line)
    return second ? `${begun.get(thread) ?? ''}${line.slice(second[0].length)}` : line
  })
}

/** A sector is written whole or not at all, bytes. */
const SECTOR = 512

type Change = Exclude<DiskEvent, { kind: 'sync' | 'said' }>

/** A disk that a recorded process writes to, event by event. */
export function createDisk() {
  const synced = new Map<string, Growing>()
  let pending: Change[] = []
  return {
    take(event: DiskEvent): void {
      if (event.kind === 'said') return
      if (event.kind !== 'sync') {
        pending.push(event)
        return
      }
      const arrived = (change: Change) =>
        // A file's name is in its folder, and gone when that is synced.
        (change.kind === 'unlink' ? dirname(change.file) : change.file) === event.file
      for (const change of pending) if (arrived(change)) apply(synced, change)
      pending = pending.filter((change) => !arrived(change))
    },
    /**
     * The files as they may be found if the power goes now.
     * @param random 0 ≤ x < 1; decides what of the unsynced writes arrived
     */
    cut(random: () => number): ReadonlyMap<string, Uint8Array> {
      const files = new Map([...synced].map(([name, file]) => [name, copyOf(file)]))
      for (const change of pending) {
        const luck = random()
        if (luck < 1 / 3) continue
        if (luck < 2 / 3 || change.kind !== 'write') apply(files, change)
        else {
          const sectors = Math.floor(random() * (change.bytes.length / SECTOR))
          apply(files, { ...change, bytes: change.bytes.subarray(0, sectors * SECTOR) })
        }
      }
      return new Map([...files].map(([name, { bytes, size }]) => [name, bytes.subarray(0, size)]))
    },
  }
}

interface Growing {
  bytes: Buffer
  size: number
}

const copyOf = ({ bytes, size }: Growing): Growing => ({ bytes: Buffer.from(bytes.subarray(0, size)), size })

function apply(files: Map<string, Growing>, change: Change): void {
  if (change.kind === 'unlink') {
    files.delete(change.file)
    return
  }
  const file = files.get(change.file) ?? { bytes: Buffer.alloc(0), size: 0 }
  files.set(change.file, file)
  if (change.kind === 'truncate') {
    resize(file, change.size)
  } else if (change.bytes.length > 0) {
    resize(file, Math.max(file.size, change.at + change.bytes.length))
    change.bytes.copy(file.bytes, change.at)
  }
}

function resize(file: Growing, size: number): void {
  if (size > file.bytes.length) {
    const larger = Buffer.alloc(size * 2)
    file.bytes.copy(larger, 0, 0, file.size)
    file.bytes = larger
  } else if (size < file.size) {
    file.bytes.fill(0, size, file.size)
  }
  file.size = size
}

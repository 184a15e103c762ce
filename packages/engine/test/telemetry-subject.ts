/** The child of telemetry.test.ts: starts the engine, measures, and says what its process holds open. */
import { readdirSync, readFileSync, readlinkSync, writeSync } from 'node:fs'
import { createEngine } from '../src/index.ts'

function openFiles(): string[] {
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/self/fd/${fd}`)]
    } catch {
      return []
    }
  })
}

const before = process.platform === 'linux' ? openFiles() : []
const engine = await createEngine({ threads: 2 })
const photograph = readFileSync(process.argv[2]!)
const [frame] = await Promise.all(
  [1, 2, 3, 4].map(() => engine.measure(photograph, { template: true, texture: true })),
)
const during = process.platform === 'linux' ? openFiles() : []
const sockets = during.filter((target) => target.startsWith('socket:') && !before.includes(target))
const libraries = process.platform === 'linux' ? readFileSync('/proc/self/maps', 'utf8') : ''
writeSync(
  1,
  JSON.stringify({
    faces: frame!.faces.length,
    numbers: frame!.template!.vector.length,
    sockets,
    runtime: libraries.includes('libonnxruntime'),
    telemetry: process.env.ORT_DISABLE_TELEMETRY,
  }),
)
await engine.close()

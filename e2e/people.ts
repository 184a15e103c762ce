/** Simulated people from the photographs of an installed package, and clips of them as camera files for Chromium. */
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createEngine } from '@ipse/engine'
import { createClip, createSubject, type Feed, FIXTURES, type Subject } from '@ipse/lab'
import { loadFixture, writeMjpeg } from '@ipse/lab/node'

/** Chromium plays a Motion JPEG file at this rate, whatever was meant, and starts again at its end. */
const CHROMIUM_FPS = 30

export async function people(...names: readonly string[]): Promise<Subject[]> {
  const engine = await createEngine({ threads: 1 })
  try {
    const locate = async (jpeg: Uint8Array) => (await engine.measure(jpeg)).mesh?.landmarks
    return await Promise.all(
      names.map(async (name) => {
        const fixture = FIXTURES.find((candidate) => candidate.name === name)
        if (!fixture) throw new Error(`there is no ${name}`)
        const { photo, landmarks } = await loadFixture(fixture, locate)
        return createSubject(photo, landmarks)
      }),
    )
  } finally {
    await engine.close()
  }
}

/** Renders a feed into a camera file. @returns its path */
export async function cameraFile(feed: Feed, durationMs: number): Promise<string> {
  const path = join(mkdtempSync(join(tmpdir(), 'ipse-camera-')), 'camera.mjpeg')
  await writeMjpeg(createClip({ feed, fps: CHROMIUM_FPS, durationMs }), path)
  return path
}

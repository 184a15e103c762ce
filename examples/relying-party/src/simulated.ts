/**
 * For machines without a camera, in development only: people from photographs of an installed package, turned into textured
 * heads by @ipse/lab in the page. The site reads the photograph and has Ipse find the landmarks; both stay in memory.
 */
import type { IpseClient } from '@ipse/client'
import { calibrateSubject, createSubject, FIXTURES, type Frame, type Subject } from '@ipse/lab'
import { loadFixture, toJpeg } from '@ipse/lab/node'

/** So many of the fixtures are offered. */
const OFFERED = 3
const PHOTO_QUALITY = 95

export interface SimulatedPerson {
  readonly name: string
  readonly label: string
}

export const PEOPLE: readonly SimulatedPerson[] = FIXTURES.slice(0, OFFERED).map(({ name }, index) => ({
  name,
  label: `Person ${'ABC'[index]}`,
}))

export interface SimulatedSource {
  /** JPEG of the person and some room around. */
  readonly photo: Buffer
  /** A close-up for the choice. */
  readonly portrait: Buffer
  readonly model: SimulatedModel
}

/** What the page needs beside the photograph to make a head of it. */
export interface SimulatedModel {
  /** 468 × (x, y, z) in pixels of `photo`. */
  readonly landmarks: readonly number[]
  /** How the head answers commands, measured by Ipse: a turn of 20° is then seen as 20°. */
  readonly response: Subject['response']
}

/** Loads a person once and remembers it; a failed load may be tried again. */
export function createPeople(client: IpseClient): (name: string) => Promise<SimulatedSource> | undefined {
  const known = new Map<string, Promise<SimulatedSource>>()
  const detect = (jpeg: Uint8Array, landmarks: boolean) =>
    client.detect({ image: Buffer.from(jpeg).toString('base64'), landmarks })
  const locate = async (jpeg: Uint8Array) => {
    const { landmarks } = await detect(jpeg, true)
    return landmarks && Float32Array.from(landmarks.flat())
  }
  const measure = async (frame: Frame) => (await detect(await toJpeg(frame), false)).pose

  async function load(fixture: (typeof FIXTURES)[number]): Promise<SimulatedSource> {
    const { photo, landmarks, portrait } = await loadFixture(fixture, locate)
    const { response } = await calibrateSubject(createSubject(photo, landmarks), measure)
    return {
      photo: await toJpeg(photo, PHOTO_QUALITY),
      portrait,
      model: { landmarks: [...landmarks].map((value) => Math.round(value * 1000) / 1000), response },
    }
  }

  return (name) => {
    const fixture = FIXTURES.slice(0, OFFERED).find((candidate) => candidate.name === name)
    if (!fixture) return undefined
    const loaded = known.get(name) ?? load(fixture)
    known.set(name, loaded)
    loaded.catch(() => known.delete(name))
    return loaded
  }
}

/** The people of an attack run: photographs with their 468 points, found once and handed to every worker. */
import { readdir, stat } from 'node:fs/promises'
import { basename, extname, join } from 'node:path'
import { createEngine, type Engine } from '@ipse/engine'
import {
  calibrateSubject,
  createSubject,
  FIXTURES,
  HELD_OUT,
  type Photo,
  type Response,
  type Subject,
} from '@ipse/lab'
import { loadFixture, loadPhoto, toJpeg } from '@ipse/lab/node'
import { IpseError } from '@ipse/protocol'
import { fileError, readNamedFile } from '../files.ts'

/** What travels to a worker. */
export interface Person {
  readonly name: string
  readonly photo: Photo
  readonly landmarks: Float32Array
  /** Measured answer to commands, so that a command of 20° is seen as 20°. */
  readonly response: Response
}

const PHOTOGRAPHS: readonly string[] = ['.jpg', '.jpeg', '.png', '.webp']

/** People that took no part in any calibration of renderer or service. */
export const DEFAULT_PEOPLE: readonly string[] = HELD_OUT.map(({ name }) => name)

/** Those of the names that the renderer or the limits of the service were calibrated with. */
export function servedForCalibration(names: readonly string[]): string[] {
  return names.filter((name) => FIXTURES.some((fixture) => fixture.name === name))
}

/**
 * @param names of simulated subjects, or photographs or folders of photographs with one face each
 * @throws IpseError `invalid_request` naming what is no person
 */
export async function meetPeople(names: readonly string[]): Promise<Person[]> {
  const engine = await createEngine({ threads: 1 })
  const locate = async (jpeg: Uint8Array) => (await engine.measure(jpeg)).mesh?.landmarks
  try {
    const people: Person[] = []
    for (const name of names) {
      const fixture = [...HELD_OUT, ...FIXTURES].find((candidate) => candidate.name === name)
      if (fixture) {
        const { photo, landmarks } = await loadFixture(fixture, locate)
        people.push(await calibratedPerson(engine, name, photo, landmarks))
        continue
      }
      for (const path of await photographsAt(name)) {
        const bytes = await readNamedFile(path)
        const landmarks = await locate(bytes)
        if (!landmarks) throw new IpseError('invalid_request', `--subjects: no face in ${path}`)
        const title = basename(path, extname(path))
        people.push(await calibratedPerson(engine, title, await loadPhoto(bytes), landmarks))
      }
    }
    if (people.length < 2)
      throw new IpseError('invalid_request', '--subjects: two people are needed, a victim and an attacker')
    return people
  } finally {
    await engine.close()
  }
}

async function calibratedPerson(
  engine: Engine,
  name: string,
  photo: Photo,
  landmarks: Float32Array,
): Promise<Person> {
  const subject = createSubject(photo, landmarks)
  const { response } = await calibrateSubject(
    subject,
    async (frame) => (await engine.measure(await toJpeg(frame))).mesh?.pose,
  ).catch((cause: unknown) => {
    throw new IpseError(
      'invalid_request',
      `--subjects: ${name} cannot be simulated: ${(cause as Error).message}`,
      {
        cause,
      },
    )
  })
  return { name, photo, landmarks, response }
}

async function photographsAt(path: string): Promise<string[]> {
  const known = `${[...HELD_OUT, ...FIXTURES].map(({ name }) => name).join(', ')}`
  const found = await stat(path).catch((cause) => {
    throw new IpseError('invalid_request', `${fileError(path, cause).message}; simulated subjects: ${known}`)
  })
  if (!found.isDirectory()) return [path]
  const names = (await readdir(path)).filter((name) => PHOTOGRAPHS.includes(extname(name).toLowerCase()))
  return names.sort().map((name) => join(path, name))
}

/** The same people, ready to be rendered. */
export function createCast(people: readonly Person[]): Subject[] {
  return people.map(({ photo, landmarks, response }) => createSubject(photo, landmarks, { response }))
}

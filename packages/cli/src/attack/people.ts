/** The people of an attack run: photographs with their 468 points, found once and handed to every worker. */
import { readdir, stat } from 'node:fs/promises'
import { basename, extname, join } from 'node:path'
import { createEngine } from '@ipse/engine'
import { createSubject, FIXTURES, HELD_OUT, type Photo, type Subject } from '@ipse/lab'
import { loadFixture, loadPhoto } from '@ipse/lab/node'
import { IpseError } from '@ipse/protocol'
import { fileError, readNamedFile } from '../files.ts'

/** What travels to a worker. */
export interface Person {
  readonly name: string
  readonly photo: Photo
  readonly landmarks: Float32Array
}

const PHOTOGRAPHS: readonly string[] = ['.jpg', '.jpeg', '.png', '.webp']

/** People that took no part in any calibration of renderer or service. */
export const DEFAULT_PEOPLE: readonly string[] = HELD_OUT.map(({ name }) => name)

/** Those of the names that the renderer or the limits of the service were calibrated with. */
export function calibrated(names: readonly string[]): string[] {
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
        people.push({ name, photo, landmarks })
        continue
      }
      for (const path of await photographsAt(name)) {
        const bytes = await readNamedFile(path)
        const landmarks = await locate(bytes)
        if (!landmarks) throw new IpseError('invalid_request', `--subjects: no face in ${path}`)
        people.push({ name: basename(path, extname(path)), photo: await loadPhoto(bytes), landmarks })
      }
    }
    if (people.length < 2)
      throw new IpseError('invalid_request', '--subjects: two people are needed, a victim and an attacker')
    return people
  } finally {
    await engine.close()
  }
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
  return people.map(({ photo, landmarks }) => createSubject(photo, landmarks))
}

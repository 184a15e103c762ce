/** The fixtures as subjects, and the engine that looks at them. */
import { createEngine, type Engine, type FrameMeasurement, type Template } from '@ipse/engine'
import { createSubject, FIXTURES, type Frame, type Subject } from '../src/index.ts'
import { type FixtureSource, loadFixture, toJpeg } from '../src/node.ts'

export interface Person {
  readonly subject: Subject
  readonly source: FixtureSource
  readonly reference: Template
}

export interface People {
  readonly engine: Engine
  person(name: string): Promise<Person>
  /** What the engine sees in a frame after JPEG, as in a real capture. */
  see(frame: Frame, template?: boolean): Promise<FrameMeasurement>
}

export async function meetPeople(): Promise<People> {
  const engine = await createEngine()
  return {
    engine,
    async person(name) {
      const fixture = FIXTURES.find((candidate) => candidate.name === name)!
      const source = await loadFixture(fixture, async (jpeg) => (await engine.measure(jpeg)).mesh?.landmarks)
      const reference = (await engine.measure(source.portrait, { template: true })).template!
      return { subject: createSubject(source.photo, source.landmarks), source, reference }
    },
    see: async (frame, template = false) => engine.measure(await toJpeg(frame), { template }),
  }
}

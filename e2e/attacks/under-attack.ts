/**
 * Attacks that need no example site: the real service, a victim who is enrolled from a photograph, and the laboratory's own
 * methods, each presentation as `ipse attack` makes it.
 */
import assert from 'node:assert/strict'
import {
  createPerformer,
  createStage,
  DEFAULT_PEOPLE,
  findChromium,
  type Job,
  meetPeople,
  type Person,
  type Presentation,
  SIMULATED_CONSENT,
  subjectOf,
  type TargetOptions,
} from '@ipse/cli/attack'
import { createFrame, createSubject, NEUTRAL, renderSubject } from '@ipse/lab'
import { toJpeg } from '@ipse/lab/node'
import { type Service, startService } from '../service.ts'

const VICTIM = 0
const ATTACKER = 1

export interface Scene {
  readonly service: Service
  readonly target: TargetOptions
  readonly people: readonly Person[]
  /** Makes one presentation with the first variant, unless another is named. */
  attack(what: Pick<Job, 'method' | 'instrument'> & Partial<Job>): Promise<Presentation>
}

/** The victim and the attacker are held-out people; the policy is `standard` unless another is named. */
export async function underAttack(
  work: (scene: Scene) => Promise<void>,
  {
    policy = 'standard',
    settings = [],
  }: { readonly policy?: string; readonly settings?: readonly string[] } = {},
): Promise<void> {
  // What is tested is the single presentation, not what an abuser meets after the fifth.
  await using service = await startService('--set', 'lockout.enabled=false', ...settings)
  const people = await meetPeople(DEFAULT_PEOPLE.slice(2, 4))
  const names = people.map(({ name }) => name)
  const target = {
    url: service.url,
    apiKey: service.apiKey,
    policy,
    run: 'e2e',
    attempts: 1,
    names,
  }
  const perform = createPerformer({ ...target, people })
  const { image } = await portraitOf(people[VICTIM]!)
  await service.client.enrol(subjectOf(target, VICTIM), { image, consent: SIMULATED_CONSENT })
  await work({
    service,
    target,
    people,
    attack: (what) => perform(jobOf(what)),
  })
}

/** A head that obeys every prompt, in the place of a browser's camera by the method: the camera must not pass for one. */
export async function underCameraHook(method: Job['method']): Promise<void> {
  const found = await findChromium()
  assert.ok('chromium' in found, 'missing' in found ? found.missing : '')
  await underAttack(async ({ target, people }) => {
    const built = await createStage(found.chromium, target, people)
    assert.ok('perform' in built, 'missing' in built ? built.missing : '')
    await using stage = built
    const job = jobOf({ method, instrument: 'reposed-photograph', variant: 'careful' })
    assertStopped(await stage.perform(job), ['virtual_camera'])
  })
}

function jobOf(what: Pick<Job, 'method' | 'instrument'> & Partial<Job>): Job {
  return { variant: '', victim: VICTIM, attacker: ATTACKER, seed: 11, ...what }
}

/** The victim as photographed, seen from the front. */
async function portraitOf({ photo, landmarks, response }: Person): Promise<{ image: string }> {
  const subject = createSubject(photo, landmarks, { response })
  const frame = createFrame(subject.width, subject.height)
  renderSubject(subject, NEUTRAL, frame)
  return { image: (await toJpeg(frame, 95)).toString('base64') }
}

/** Not accepted, and for one of these reasons. */
export function assertStopped({ accepted, reasons, job }: Presentation, expected: readonly string[]): void {
  const name = `${job.method}, ${job.instrument} ${job.variant}`
  assert.ok(!accepted, `${name} was accepted`)
  assert.ok(
    expected.some((reason) => reasons.includes(reason)),
    `${name} was refused for ${reasons.join(', ')}, expected ${expected.join(' or ')}`,
  )
}

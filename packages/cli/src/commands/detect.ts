/** `ipse detect IMAGE`: which faces does a photograph show, and how good is the largest? */
import type { FrameMeasurement } from '@ipse/engine'
import type { DetectionResult, Measurement } from '@ipse/protocol'
import type { Command } from 'commander'
import { type Answer, answering, EXIT } from '../command.ts'
import { type EngineFlags, engineFlags, measureFile, withEngine } from '../engine.ts'

interface Flags extends EngineFlags {
  readonly landmarks?: boolean
}

export function addDetect(program: Command): void {
  const command = program
    .command('detect')
    .argument('<image>', 'photograph (JPEG, PNG or WebP)')
    .option('--landmarks', 'add the 468 landmarks of the largest face to the JSON document')
    .addHelpText(
      'after',
      `
Examples:
  ipse detect group.jpg
  ipse detect selfie.jpg --landmarks --json

Exit code 0: at least one face. 1: no face. 2: the photograph could not be read.`,
    )
  answering(engineFlags(command), (image: string, flags: Flags) =>
    withEngine(flags, async (engine) => {
      const measured = await measureFile(engine, image)
      return answer(measured, toResult(measured, flags.landmarks === true))
    }),
  )
}

/** The same shape as `POST /v1/detections` answers. */
function toResult(measured: FrameMeasurement, landmarks: boolean): DetectionResult {
  const { width, height, faces, mesh, quality } = measured
  return {
    width,
    height,
    faces,
    quality,
    ...(mesh ? { pose: mesh.pose } : {}),
    ...(mesh && landmarks ? { landmarks: points(mesh.landmarks) } : {}),
  }
}

function points(flat: Float32Array): [number, number, number][] {
  return Array.from({ length: flat.length / 3 }, (_, i) => [
    flat[3 * i] ?? 0,
    flat[3 * i + 1] ?? 0,
    flat[3 * i + 2] ?? 0,
  ])
}

function answer({ mesh, quality }: FrameMeasurement, json: DetectionResult): Answer {
  const { faces, width, height } = json
  const lines = [`${faces.length} ${faces.length === 1 ? 'face' : 'faces'} in ${width} × ${height} pixels`]
  for (const { box, score } of faces) {
    const [x, y, w, h] = [box.x, box.y, box.width, box.height].map(Math.round)
    lines.push(`  at ${x}, ${y}: ${w} × ${h}, detector score ${score.toFixed(3)}`)
  }
  if (mesh) {
    const { yawDeg, pitchDeg, rollDeg } = mesh.pose
    lines.push(`pose: yaw ${yawDeg.toFixed(1)}°, pitch ${pitchDeg.toFixed(1)}°, roll ${rollDeg.toFixed(1)}°`)
    lines.push('quality (ISO/IEC 29794-5, 0 to 100):')
    for (const [name, component] of Object.entries(quality))
      lines.push(`  ${name.padEnd(24)} ${inWords(component)}`)
  }
  return { exit: faces.length > 0 ? EXIT.done : EXIT.negative, json, text: lines.join('\n') }
}

function inWords(component: Measurement): string {
  return component.status === 'assessed'
    ? `${component.score} (native ${Number(component.native.toPrecision(4))})`
    : `not assessed: ${component.reason}`
}

/** PAD networks of an operator that only look at how red a face is: they stand for one, they are none. */
import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Mean colour → two logits, red − green and its opposite. The engine's GraphBuilder wrote it, see its manifest.test.ts. */
export const REDNESS =
  'CAgSBGlwc2U6ngIKNQoFaW1hZ2USBnBsYW5hchoGcGxhbmFyIglUcmFuc3Bvc2UqEQoEcGVybUAAQANAAUACoAEHCisKBnBsYW5hchIGcG9vbGVkGgZwb29sZWQiEUdsb2JhbEF2ZXJhZ2VQb29sCioKBnBvb2xlZBIEZmxhdBoEZmxhdCIHRmxhdHRlbioLCgRheGlzGAGgAQIKJwoEZmxhdAoHd2VpZ2h0cxIGbG9naXRzGgZsb2dpdHMiBk1hdE11bBIHcmVkbmVzcyopCAMIAhABQgd3ZWlnaHRzShgAAIA/AACAvwAAgL8AAIA/AAAAAAAAAABaHwoFaW1hZ2USFgoUCAESEAoCCAEKAghQCgIIUAoCCANiDgoGbG9naXRzEgQKAggBQgQKABAR'
/** The same with a square root behind it: not a number, for every face. */
export const BROKEN =
  'CAgSBGlwc2U6uwIKNQoFaW1hZ2USBnBsYW5hchoGcGxhbmFyIglUcmFuc3Bvc2UqEQoEcGVybUAAQANAAUACoAEHCisKBnBsYW5hchIGcG9vbGVkGgZwb29sZWQiEUdsb2JhbEF2ZXJhZ2VQb29sCioKBnBvb2xlZBIEZmxhdBoEZmxhdCIHRmxhdHRlbioLCgRheGlzGAGgAQIKJwoEZmxhdAoHd2VpZ2h0cxIGbG9naXRzGgZsb2dpdHMiBk1hdE11bAocCgZsb2dpdHMSBXJvb3RzGgVyb290cyIEU3FydBIHcmVkbmVzcyopCAMIAhABQgd3ZWlnaHRzShgAAIA/AACAvwAAgL8AAIA/AAAAAAAAAABaHwoFaW1hZ2USFgoUCAESEAoCCAEKAghQCgIIUAoCCANiDQoFcm9vdHMSBAoCCAFCBAoAEBE='

/** Writes the network into the folder; its entry for a manifest there. With a threshold, that is its operating point. */
export function padNetwork(
  folder: string,
  id: string,
  model: string,
  cropScale: number,
  threshold?: number,
): Record<string, unknown> {
  const data = Buffer.from(model, 'base64')
  writeFileSync(join(folder, `${id}.onnx`), data)
  const measured = { bpcer: 0.05, dataset: 'test', attacks: 200, bonaFide: 200, date: '2026-11-21' }
  return {
    id,
    role: 'pad',
    file: `${id}.onnx`,
    sha256: createHash('sha256').update(data).digest('hex'),
    licence: 'CC0-1.0',
    input: {
      width: 80,
      height: 80,
      layout: 'NHWC',
      channels: 'RGB',
      mean: 0,
      std: 255,
      align: 'crop',
      cropScale,
    },
    output: { kind: 'softmax', bonaFideIndex: 0 },
    ...(threshold === undefined ? {} : { operatingPoints: [{ apcer: 0.05, threshold, ...measured }] }),
  }
}

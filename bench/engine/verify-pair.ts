/**
 * Verification of a pair of JPEGs, ours against the peers: same frames, same run, taking turns.
 *
 *   node bench/engine/verify-pair.ts
 */
import { type ChildProcess, fork } from 'node:child_process'
import { createEngine } from '../../packages/engine/src/index.ts'
import type { Engine } from '../../packages/engine/src/types.ts'
import { arithmeticFloor } from './arithmetic.ts'
import { selfiePair } from './frames.ts'
import { measureStages } from './stages.ts'
import { type Case, median, time } from './timing.ts'

const PEERS = ['human', 'face-api', 'face-api-tiny'] as const
const WARM_UP = 3
/** Frames in flight for the frames per second. */
const IN_FLIGHT = 24

type Pair = readonly [Uint8Array, Uint8Array]
type Answer =
  | { readonly ready: true }
  | { readonly ms: number; readonly score: number }
  | { readonly error: string }

function answer(child: ChildProcess): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const ended = (code: number | null): void => reject(new Error(`the peer ended with ${code}`))
    child.once('exit', ended)
    child.once('message', (message) => {
      child.off('exit', ended)
      resolve(message as Answer)
    })
  })
}

async function startPeer(name: string): Promise<ChildProcess> {
  const child = fork(new URL('./peer.ts', import.meta.url), [name], {
    serialization: 'advanced',
    stdio: 'ignore',
  })
  await answer(child)
  return child
}

async function askPeer(child: ChildProcess, pair: Pair): Promise<number> {
  const reply = answer(child)
  child.send(pair)
  const message = await reply
  if (!('ms' in message)) throw new Error('error' in message ? message.error : 'no answer')
  return message.ms
}

async function verify(engine: Engine, [a, b]: Pair): Promise<number> {
  const frames = await Promise.all([a, b].map((image) => engine.measure(image, { template: true })))
  const [left, right] = frames.map((frame) => frame.template)
  if (!left || !right) throw new Error('the bench frames have no face')
  return engine.compare(left, right).score
}

/** Median milliseconds of everyone, taking turns. */
async function takeTurns(
  rounds: number,
  runners: Readonly<Record<string, () => Promise<number>>>,
): Promise<Readonly<Record<string, number>>> {
  const samples = new Map(Object.keys(runners).map((name) => [name, [] as number[]]))
  for (let round = 0; round < rounds + WARM_UP; round++) {
    for (const [name, run] of Object.entries(runners)) {
      const ms = await run()
      if (round >= WARM_UP) samples.get(name)!.push(ms)
    }
  }
  return Object.fromEntries([...samples].map(([name, values]) => [name, median(values)]))
}

/** The cases `verify-pair`, `frames-per-second`, one per stage, and `arithmetic-floor`. */
export async function benchVerifyPair(rounds = 9): Promise<{ readonly cases: readonly Case[] }> {
  const pair = await selfiePair()
  const peers = new Map<string, ChildProcess>()
  const engine = await createEngine({ threads: 2 })
  const single = await createEngine({ threads: 1 })
  try {
    for (const name of PEERS) peers.set(name, await startPeer(name))
    const runners: Record<string, () => Promise<number>> = {
      ours: () => time(() => verify(engine, pair)),
      single: () => time(() => verify(single, pair)),
      many: () =>
        time(() =>
          Promise.all(
            Array.from({ length: IN_FLIGHT }, (_, i) => engine.measure(pair[i % 2]!, { template: true })),
          ),
        ),
    }
    for (const [name, child] of peers) runners[name] = () => askPeer(child, pair)
    const ms = await takeTurns(rounds, runners)
    const stages = await measureStages(pair[0])
    const floor = await arithmeticFloor()
    const against = (ours: number): Record<string, number> =>
      Object.fromEntries(PEERS.map((name) => [name, ms[name]! / ours]))
    const fps = (1000 * IN_FLIGHT) / ms.many!
    const peerFps = Object.fromEntries(PEERS.map((name) => [name, (fps * ms[name]!) / 2000]))
    const cases: Case[] = [
      { name: 'verify-pair', unit: 'ms', value: ms.ours!, ratios: against(ms.ours!) },
      { name: 'verify-pair-one-thread', unit: 'ms', value: ms.single!, ratios: against(ms.single!) },
      { name: 'frames-per-second', unit: '1/s', value: fps, ratios: peerFps },
      ...Object.entries(stages).map(([name, value]) => ({
        name: `stage-${name}`,
        unit: 'ms',
        value,
        ratios: {},
      })),
      /** Two frames on one thread; the ratio says how much of the time is arithmetic. */
      {
        name: 'arithmetic-floor',
        unit: 'ms',
        value: 2 * floor.ms,
        ratios: { 'verify-pair-one-thread': ms.single! / (2 * floor.ms) },
      },
      { name: 'model-operations', unit: 'GFLOP per frame', value: (2 * floor.macs) / 1e9, ratios: {} },
      { name: 'matrix-product-peak', unit: 'GFLOP/s per thread', value: floor.peak / 1e9, ratios: {} },
    ]
    return { cases }
  } finally {
    for (const child of peers.values()) child.kill()
    await Promise.all([engine.close(), single.close()])
  }
}

if (import.meta.main) {
  const { cases } = await benchVerifyPair()
  for (const { name, unit, value, ratios } of cases) {
    const beside = Object.entries(ratios).map(([peer, ratio]) => `${peer} ${ratio.toFixed(2)}×`)
    console.log(`${name.padEnd(26)} ${value.toFixed(2).padStart(9)} ${unit.padEnd(18)} ${beside.join('  ')}`)
  }
}

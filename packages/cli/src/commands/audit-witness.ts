/** `ipse audit witness`: looks at a log from outside, remembers it, and signs that it only ever grew. */
import { parseVerifier, toVerifierText } from '@ipse/protocol'
import { sha256 } from '@ipse/server'
import type { Command } from 'commander'
import { type LogFlags, openOutside, several, verifierTexts } from '../audit/open.ts'
import { LOG_PROBLEMS } from '../audit/problems.ts'
import { readState, writeState } from '../audit/state.ts'
import { witness } from '../audit/witness.ts'
import { loadOrCreateWitnessKey } from '../audit/witness-key.ts'
import { type Answer, answering, EXIT } from '../command.ts'
import { writeNamedFile } from '../files.ts'
import { systemClock } from '../installation.ts'

interface Flags extends LogFlags {
  readonly state: string
  readonly key: string
  readonly name?: string
  readonly logKey?: readonly string[]
  readonly out?: string
}

export function addAuditWitness(group: Command): void {
  const command = group
    .command('witness')
    .description('cosign the newest checkpoint of a log, if the log only grew since the last time')
    .argument('<from>', 'address that checkpoint and tile/ follow, or exported folder')
    .requiredOption('--state <file>', 'remembers the head of the log; made at the first look')
    .requiredOption('--key <file>', 'private key of the witness; made with --name')
    .option('--name <name>', 'name of a key that is made, such as witness.example/w1')
    .option(
      '--log-key <key>',
      'verifier key of the log, or file with some; those of the first look when absent; repeatable',
      several,
    )
    .option('--out <file>', 'writes the cosigned checkpoint there')
    .option('--api-key <key>', 'key with audit:read (or IPSE_API_KEY)')
    .addHelpText(
      'after',
      `
Examples:
  ipse audit witness https://ipse.example/v1/log --state shop.json --key witness.json --name witness.example/w1
  ipse audit witness exported/ --state shop.json --key witness.json --out cosigned.txt

The first look believes what it sees. A log that is shorter than it was, or does not begin with what it was, is refused with exit
code 1, and both checkpoints are printed: together they convict whoever signed them. Run it regularly, on another machine, by
other people.`,
    )
  answering(command, run)
}

async function run(from: string, flags: Flags): Promise<Answer> {
  const source = await openOutside(from, flags)
  const remembered = await readState(flags.state)
  const keys = (await verifierTexts(flags.logKey)) ?? remembered?.keys ?? (await source.keys())
  const signer = await loadOrCreateWitnessKey(flags.key, flags.name)
  const answer = await witness({
    source,
    verifiers: await Promise.all(keys.map(parseVerifier)),
    signer,
    remembered: remembered?.head,
    remember: (checkpoint, note) => writeState(flags.state, checkpoint, note, keys),
    now: systemClock.now(),
    sha256,
  })
  const key = toVerifierText(signer.verifier)
  if (!answer.ok) {
    const { kind, what, evidence = [] } = answer.problem
    const text = [`REFUSED  ${kind}: ${what}. ${LOG_PROBLEMS[kind]}`, ...evidence].join('\n\n')
    return { exit: EXIT.negative, json: { ok: false, key, problem: answer.problem }, text }
  }
  const { checkpoint, note } = answer.witnessed
  if (flags.out !== undefined) await writeNamedFile(flags.out, note)
  const { origin, size } = checkpoint
  return { exit: EXIT.done, json: { ok: true, origin, size, note, key }, text: note.trimEnd() }
}

/** `ipse models`: which models the service was started with, as every start noted them. */
import type { ModelSet } from '@ipse/server'
import type { Command } from 'commander'
import { type Answer, answering, EXIT } from '../command.ts'
import { textTable } from '../eval/tables.ts'
import { type DataFlags, dataFlags, openExistingInstallation } from '../installation.ts'

export function addModels(program: Command): void {
  const group = program.command('models')
  const list = group
    .command('list')
    .description('every set of models that a process was started with, the last start first')
    .addHelpText(
      'after',
      '\nA start with other models than the start before is in the audit log as models.changed. A set on trial runs in a\nprocess of its own: docs/rollout.md.',
    )
  answering(dataFlags(list), listSets)
}

async function listSets({ data }: DataFlags): Promise<Answer> {
  await using installation = await openExistingInstallation(data)
  const sets = (await installation.store.listModelSets()).map(describe)
  const rows = sets.flatMap(({ digest, firstAt, lastAt, models }) =>
    models.map(({ id, version, sha256 }, i) => [
      ...(i === 0 ? [lastAt, firstAt, digest] : ['', '', '']),
      `${id}@${version}`,
      sha256,
    ]),
  )
  const head = ['last start', 'first start', 'digest', 'model', 'SHA-256']
  return { exit: EXIT.done, json: { sets }, text: textTable({ head, rows }) }
}

function describe({ firstAt, lastAt, ...set }: ModelSet) {
  return { ...set, firstAt: new Date(firstAt).toISOString(), lastAt: new Date(lastAt).toISOString() }
}

/** `ipse templates renew`: the same faces under new keys, so that copies of the old templates are worth nothing. */
import type { Engine } from '@ipse/engine'
import { createAuditor, openVault, renewAll } from '@ipse/server'
import type { Command } from 'commander'
import { type Answer, answering, EXIT, progress } from '../command.ts'
import { type EngineFlags, engineFlags, startEngine } from '../engine.ts'
import {
  type DataFlags,
  dataFlags,
  kekSettings,
  openExistingInstallation,
  systemClock,
  systemRandom,
} from '../installation.ts'
import { openKek } from '../kek.ts'

interface Flags extends DataFlags, EngineFlags {
  readonly tenant?: string
  readonly subject?: string
}

/** What is renewed for everybody belongs to no tenant. */
const NO_TENANT = ''

export function addTemplates(program: Command): void {
  const group = program.command('templates')
  const renew = group
    .command('renew')
    .description('give enrolled templates new keys, in place; scores stay what they are')
    .option('--tenant <name>', 'of this tenant only')
    .option('--subject <reference>', 'of this subject only')
    .addHelpText(
      'after',
      `
Examples:
  ipse templates renew
  ipse templates renew --tenant shop --subject customer-4711

Whoever has copied templates or their keys has nothing afterwards that fits what is kept. Works while the service runs, and
may be stopped at any time. Templates that an older version of Ipse sealed are protected by this, too.`,
    )
  answering(engineFlags(dataFlags(renew)), renewTemplates)
}

async function renewTemplates(flags: Flags): Promise<Answer> {
  await using installation = await openExistingInstallation(flags.data)
  const { store, keys } = installation
  const kek = await openKek(kekSettings(), keys)
  const vault = openVault({ store, keys, kek, clock: systemClock, random: systemRandom })
  // Only templates of older versions do not say of which parts they are made.
  let engine: Engine | undefined
  try {
    const { renewed, skipped } = await renewAll(
      { store, vault, now: () => systemClock.now() },
      async ({ modelId, vector }) => {
        engine ??= await startEngine(flags, 1)
        return modelId === engine.templateModelId ? engine.templateParts : [vector.length]
      },
      ({ tenant, subject }) => tenant === (flags.tenant ?? tenant) && subject === (flags.subject ?? subject),
      (done) => progress(done, done, 'templates'),
    )
    const auditor = createAuditor({ clock: systemClock, random: systemRandom, keys })
    const about = flags.tenant === undefined || flags.subject === undefined ? {} : { subject: flags.subject }
    const details = { ...about, note: `${renewed} templates` }
    await store.appendAudit(auditor.entry('template.renewed', flags.tenant ?? NO_TENANT, details))
    return {
      exit: EXIT.done,
      json: { renewed, skipped },
      text: `${renewed} templates have new keys${skipped === 0 ? '' : `; ${skipped} were erased or renewed meanwhile`}.`,
    }
  } finally {
    await engine?.close()
    kek.close?.()
  }
}

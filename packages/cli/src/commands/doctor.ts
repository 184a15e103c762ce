/** `ipse doctor`: looks at everything that the service needs and says what to do about what is wrong. */
import type { Command } from 'commander'
import { type Answer, answering, EXIT } from '../command.ts'
import { checkEngine } from '../doctor/engine.ts'
import { checkReach } from '../doctor/exposure.ts'
import type { Finding } from '../doctor/finding.ts'
import {
  checkFolder,
  checkKeyring,
  checkPolicies,
  checkSettings,
  checkStore,
} from '../doctor/installation.ts'
import { checkClock, checkNode } from '../doctor/machine.ts'
import { checkVault } from '../doctor/vault.ts'
import { type EngineFlags, engineFlags } from '../engine.ts'
import { type DataFlags, dataFlags, type SettingFlags, settingFlags } from '../installation.ts'

const MARKS = { ok: 'ok  ', warn: 'warn', fail: 'FAIL' } as const

export function addDoctor(program: Command): void {
  const command = program
    .command('doctor')
    .addHelpText(
      'after',
      '\nExit code 0: nothing failed. 1: something did. Changes nothing but a probe row it takes back.',
    )
  answering(engineFlags(settingFlags(dataFlags(command))), examine)
}

async function examine(flags: DataFlags & SettingFlags & EngineFlags): Promise<Answer> {
  const findings: Finding[] = []
  const checks = [
    async () => [checkNode()],
    async () => [checkSettings(flags.set)],
    () => checkReach(flags.data, flags.set),
    () => checkPolicies(flags.set),
    () => checkFolder(flags.data),
    () => checkKeyring(flags.data),
    () => checkStore(flags.data, flags.set),
    () => checkVault(flags.data, flags.set),
    () => checkEngine(flags),
    () => checkClock(flags.data),
  ]
  for (const check of checks) findings.push(...(await check()))
  const ok = findings.every(({ status }) => status !== 'fail')
  return {
    exit: ok ? EXIT.done : EXIT.negative,
    json: { ok, findings },
    text: findings.map(inWords).join('\n'),
  }
}

function inWords({ status, name, detail, advice }: Finding): string {
  return `${MARKS[status]}  ${name}: ${detail}${advice === undefined ? '' : `\n      ${advice}`}`
}

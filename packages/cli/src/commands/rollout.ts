/** `ipse rollout`: versions of policies, from a draft over shadow and canary to being in force, and back. */
import { userInfo } from 'node:os'
import { IpseError } from '@ipse/protocol'
import {
  assertStageApproved,
  createAuditor,
  type PolicyVersion,
  publishPolicy,
  type RolloutContext,
  reportRollout,
  rollBackPolicy,
  STAGE_NAMES,
  STAGES,
  type Stage,
  stagePolicy,
} from '@ipse/server'
import { Argument, type Command, InvalidArgumentError } from 'commander'
import { type Answer, answering, EXIT } from '../command.ts'
import {
  type DataFlags,
  dataFlags,
  type Installation,
  openExistingInstallation,
  readSettings,
  type SettingFlags,
  settingFlags,
  systemClock,
  systemRandom,
} from '../installation.ts'
import { openPolicyBook, readDocument } from '../policies.ts'
import { privacyContext } from '../privacy.ts'
import { canaryText, shadowText, versionTable } from '../rollout/tables.ts'

interface TenantFlags extends DataFlags {
  readonly tenant: string
}

interface ChangeFlags extends TenantFlags, SettingFlags {
  readonly why: string
  readonly share?: number
}

const STAGES_HELP = Object.entries(STAGES)
  .map(([name, meaning]) => `  ${name.padEnd(8)} ${meaning}`)
  .join('\n')

export function addRollout(program: Command): void {
  const group = program
    .command('rollout')
    .addHelpText('after', `\nStages:\n${STAGES_HELP}\n\ndocs/rollout.md has the whole way of a policy.`)
  const publish = group
    .command('publish')
    .description('publish a version of a policy as a draft')
    .argument('<file>', 'policy file (JSON), see docs/calibration.md')
  answering(changeFlags(publish), publishFile)
  const list = group.command('list').description('all versions and their stages')
  answering(tenantFlags(list), listVersions)
  const stage = group
    .command('stage')
    .description('give a version another stage')
    .argument('<name>', 'name of the policy')
    .argument('<version>', 'number of the version', parseVersion)
    .addArgument(new Argument('<stage>', 'what it shall be').choices(STAGE_NAMES))
    .option('--share <percent>', 'of a canary: share of the new sessions, 1 to 100', parseShare)
  answering(changeFlags(stage), stageVersion)
  const back = group
    .command('back')
    .description('take back the canary, or else what is active: then what was active before is again')
    .argument('<name>', 'name of the policy')
  answering(changeFlags(back), rollBack)
  const report = group
    .command('report')
    .description('what candidates decided, or would have decided, with exact intervals')
    .argument('<name>', 'name of the policy')
    .addHelpText('after', '\nCounts of a running service are at most a second old.')
  answering(tenantFlags(report), reportOn)
}

function tenantFlags(command: Command): Command {
  return dataFlags(command.option('--tenant <tenant>', 'whose policies they are', 'default'))
}

function changeFlags(command: Command): Command {
  return settingFlags(tenantFlags(command.requiredOption('--why <text>', 'why, for the audit log', parseWhy)))
}

function parseVersion(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new InvalidArgumentError('It must be a number from 1.')
  return Number(text)
}

function parseShare(text: string): number {
  if (!/^\d{1,3}$/.test(text) || Number(text) < 1 || Number(text) > 100)
    throw new InvalidArgumentError('It must be a whole number from 1 to 100.')
  return Number(text)
}

function parseWhy(text: string): string {
  if (text.trim() === '' || text.length > 300)
    throw new InvalidArgumentError('It must have 1–300 characters.')
  return text
}

async function publishFile(file: string, { data, set, tenant, why }: ChangeFlags): Promise<Answer> {
  const document = await readDocument(file)
  await using installation = await openExistingInstallation(data)
  const context = await contextOf(installation, set)
  return changed([await publishPolicy(context, document, byOf(tenant, why))])
}

async function listVersions({ data, tenant }: TenantFlags): Promise<Answer> {
  await using installation = await openExistingInstallation(data)
  const versions = await installation.store.listPolicyVersions(tenant)
  return { exit: EXIT.done, json: { versions }, text: versionTable(versions) }
}

async function stageVersion(
  name: string,
  version: number,
  to: Stage,
  { data, set, tenant, why, share }: ChangeFlags,
): Promise<Answer> {
  await using installation = await openExistingInstallation(data)
  const context = await contextOf(installation, set)
  const move = { version, to, ...(share === undefined ? {} : { share }) }
  const by = byOf(tenant, why)
  const asked = { tenant, actor: by.actor, requestId: 'command-line' }
  await assertStageApproved(privacyContext(installation, readSettings(set)), name, move, asked)
  return changed(await stagePolicy(context, name, move, by))
}

async function rollBack(name: string, { data, set, tenant, why }: ChangeFlags): Promise<Answer> {
  await using installation = await openExistingInstallation(data)
  return changed(await rollBackPolicy(await contextOf(installation, set), name, byOf(tenant, why)))
}

async function reportOn(name: string, { data, tenant }: TenantFlags): Promise<Answer> {
  await using installation = await openExistingInstallation(data)
  const report = await reportRollout(installation.store, tenant, name).catch((error: unknown) => {
    throw error instanceof IpseError && error.code === 'not_found'
      ? new IpseError('invalid_request', `no version of ${name} is published for ${tenant}`, { cause: error })
      : error
  })
  const { versions, shadows, canaries } = report
  const parts = [versionTable(versions), ...shadows.map(shadowText), ...canaries.map(canaryText)]
  if (shadows.length + canaries.length === 0) parts.push('Nothing was counted yet.')
  return { exit: EXIT.done, json: report, text: parts.join('\n\n') }
}

function changed(versions: readonly PolicyVersion[]): Answer {
  return { exit: EXIT.done, json: { versions }, text: versionTable(versions) }
}

/** Who stands in the audit log: this command, and the account that ran it. */
function byOf(tenant: string, why: string) {
  return { tenant, why, actor: `ipse rollout: ${userInfo().username}` }
}

async function contextOf(installation: Installation, set: SettingFlags['set']): Promise<RolloutContext> {
  const { store, keys } = installation
  const settings = readSettings(set)
  return {
    store,
    clock: systemClock,
    auditor: createAuditor({ clock: systemClock, random: systemRandom, keys }),
    policies: await openPolicyBook(settings.policies.path, installation),
    guard: settings.rollout.guard,
  }
}

/** `ipse policies list`, `show`, `check`: what the service would decide by, and what a file of the operator changes. */
import type { Policy, Rule } from '@ipse/protocol'
import { digestOf, type Json } from '@ipse/protocol'
import { findPolicy, POLICIES } from '@ipse/server'
import type { Command } from 'commander'
import { type Answer, answering, EXIT } from '../command.ts'
import { textTable } from '../eval/tables.ts'
import { knownPolicies, pathFlag, readPolicy } from '../policies.ts'

interface Flags {
  readonly policies?: string
}

export function addPolicies(program: Command): void {
  const group = program.command('policies')
  answering(pathFlag(group.command('list').description('all policies that sessions may name')), list)
  const show = group.command('show').description('one policy, whole').argument('<name>', 'as in "list"')
  answering(pathFlag(show), showOne)
  const check = group
    .command('check')
    .description('read a policy file as the service would, and say what it changes')
    .argument('<file>', 'policy file (JSON), see docs/calibration.md')
    .addHelpText('after', '\nExit code 0: the file is sound. 2: it is not; the message names the member.')
  answering(check, checkFile)
}

async function list(flags: Flags): Promise<Answer> {
  const policies = await Promise.all(Object.values(await knownPolicies(flags.policies)).map(summary))
  return {
    exit: EXIT.done,
    json: { policies },
    text: textTable({
      head: ['name', 'version', 'from', 'assurance', 'description'],
      rows: policies.map(({ name, version, shipped, assurance, description, developmentOnly }) => [
        name,
        String(version),
        shipped ? 'Ipse' : 'file',
        assurance,
        `${description}${developmentOnly ? ' (development)' : ''}`,
      ]),
    }),
  }
}

async function summary(policy: Policy) {
  const { name, version, description, assurance = 'active-geometry', developmentOnly = false } = policy
  const digest = await digestOf(policy as unknown as Json)
  return { name, version, description, assurance, developmentOnly, shipped: isShipped(policy), digest }
}

function isShipped({ name }: Policy): boolean {
  return Object.hasOwn(POLICIES, name)
}

async function showOne(name: string, flags: Flags): Promise<Answer> {
  const policy = findPolicy(await knownPolicies(flags.policies), name, true)
  return { exit: EXIT.done, json: policy, text: JSON.stringify(policy, null, 2) }
}

async function checkFile(file: string): Promise<Answer> {
  const policy = await readPolicy(file)
  const { added, dropped, against } = changes(policy)
  const { calibration = [] } = policy
  const lines = [
    `${policy.name}/${policy.version} is sound; assurance ${policy.assurance ?? 'active-geometry'} at most.`,
    ...added.map((rule) => `  further demand   ${demandOf(rule)}`),
    ...dropped.map((rule) => `  LET GO           ${demandOf(rule)}`),
    ...(calibration.length === 0 && added.length > 0
      ? ['  No threshold of this file comes with measured error rates ("ipse calibrate" writes them).']
      : []),
    `Compared with ${against}.`,
  ]
  return {
    exit: EXIT.done,
    json: { name: policy.name, version: policy.version, comparedWith: against, added, dropped, policy },
    text: lines.join('\n'),
  }
}

/** Against the shipped policy that shares most rules with it: the one it stands on. */
function changes(policy: Policy): { added: Rule[]; dropped: Rule[]; against: string } {
  const shared = (base: Policy) => base.rules.filter((rule) => policy.rules.includes(rule)).length
  const [base] = Object.values(POLICIES).toSorted((a, b) => shared(b) - shared(a))
  return {
    added: policy.rules.filter((rule) => !base?.rules.includes(rule)),
    dropped: base?.rules.filter((rule) => !policy.rules.includes(rule)) ?? [],
    against: base?.name ?? '',
  }
}

function demandOf({ signal, model, atLeast, otherwise }: Rule): string {
  const least = typeof atLeast === 'number' ? String(atLeast) : JSON.stringify(atLeast)
  return `${signal}${model === undefined ? '' : ` of ${model}`} at least ${least}, otherwise ${otherwise}`
}

/** The operator's policies from disk: one JSON file, or a folder of them, on top of those that come with Ipse. */
import { readdir, stat } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { IpseError, type Policy } from '@ipse/protocol'
import {
  createPolicyBook,
  DEFAULT_POLICY,
  findPolicy,
  POLICIES,
  type Policies,
  type PolicyBook,
  parsePolicy,
} from '@ipse/server'
import type { Command } from 'commander'
import { fileError, readNamedFile } from './files.ts'
import { type Installation, readSettings } from './installation.ts'

export interface PolicyFlags {
  readonly policy: string
  readonly policies?: string
}

export function policyFlags(command: Command): Command {
  return pathFlag(command.option('--policy <name>', 'policy whose demands are looked at', DEFAULT_POLICY))
}

/** `--policies`, for commands that take no other settings. */
export function pathFlag(command: Command): Command {
  return command.option('--policies <path>', 'policy file or folder; default: setting policies.path')
}

/** The policies that a command may name: development ones too, because nobody is let in by it. */
export async function namedPolicy({ policy, policies }: PolicyFlags): Promise<Policy> {
  return findPolicy(await knownPolicies(policies), policy, true)
}

/** @param path from the command line; the setting otherwise */
export async function knownPolicies(path?: string): Promise<Policies> {
  return loadPolicies(path ?? readSettings().policies.path)
}

/**
 * The shipped policies and those of the path; only the shipped ones for an empty path.
 * @throws IpseError `policy_invalid` naming file and member, `invalid_request` for a path that cannot be read
 */
export async function loadPolicies(path: string): Promise<Policies> {
  if (path === '') return POLICIES
  const policies: Record<string, Policy> = { ...POLICIES }
  const from = new Map<string, string>()
  for (const file of await filesAt(path)) {
    const policy = await readPolicy(file)
    const earlier = from.get(policy.name)
    if (earlier !== undefined)
      throw new IpseError('policy_invalid', `${file}: name: ${earlier} holds a policy ${policy.name} already`)
    from.set(policy.name, file)
    policies[policy.name] = policy
  }
  return policies
}

/** The policies of the path and those that tenants have published, as the service chooses among them. */
export async function openPolicyBook(
  path: string,
  { store, keys }: Pick<Installation, 'store' | 'keys'>,
): Promise<PolicyBook> {
  return createPolicyBook({ files: await loadPolicies(path), development: true, store, keys })
}

/** @throws IpseError `policy_invalid` naming file and member */
export async function readPolicy(file: string): Promise<Policy> {
  const document = await readDocument(file)
  return naming(file, () => parsePolicy(document, POLICIES))
}

/** A policy file as JSON, unread. @throws IpseError `policy_invalid` naming the file */
export async function readDocument(file: string): Promise<unknown> {
  const text = (await readNamedFile(file)).toString('utf8')
  return naming(file, () => JSON.parse(text))
}

function naming<T>(file: string, read: () => T): T {
  try {
    return read()
  } catch (cause) {
    throw new IpseError('policy_invalid', `${file}: ${(cause as Error).message}`, { cause })
  }
}

async function filesAt(path: string): Promise<string[]> {
  try {
    if (!(await stat(path)).isDirectory()) return [path]
    const names = (await readdir(path)).filter((name) => extname(name) === '.json')
    return names.sort().map((name) => join(path, name))
  } catch (cause) {
    throw fileError(path, cause)
  }
}

/**
 * Which policy decides which session: those of files, and the versions that tenants have published. It is drawn once, when
 * the session is made, and stays its policy whatever is published, promoted or taken back meanwhile.
 */
import { digestOf, IpseError, type Json, type Policy } from '@ipse/protocol'
import { findPolicy, POLICIES, type Policies } from '../domain/policies/index.ts'
import { drawVersion } from '../domain/rollout/draw.ts'
import type { PolicyVersion } from '../domain/rollout/stages.ts'
import type { SessionRecord, Store } from '../store/store.ts'

/** Published policies that are kept in memory; they never change. */
const MOST_KEPT = 100

/** A policy that is no published version. */
export interface ListedPolicy extends Pick<PolicyVersion, 'name' | 'version' | 'digest' | 'stage'> {
  readonly from: 'ipse' | 'file'
}

/** A policy and its digest. */
export interface Known {
  readonly policy: Policy
  readonly digest: string
}

export interface PolicyBook {
  /** A policy of the files, or one that comes with Ipse. @throws IpseError `policy_unknown` */
  named(name: string): Policy
  /**
   * The policy of a new session.
   * @throws IpseError `policy_unknown`
   */
  choose(tenant: string, name: string, sessionId: string): Promise<Known>
  /** The policy that a session was made with; undefined when its file is another one now. */
  find(session: Pick<SessionRecord, 'tenant' | 'policy'>): Promise<Policy | undefined>
  /** The same. @throws IpseError `session_expired` instead */
  of(session: Pick<SessionRecord, 'tenant' | 'policy'>): Promise<Policy>
  /** @throws IpseError `policy_unknown` */
  published(tenant: string, name: string, version: number): Promise<Policy>
  /** Those of the files and of Ipse: in force where no published version of their name is. */
  list(published: readonly PolicyVersion[]): readonly ListedPolicy[]
  /** Of the files, or of Ipse; undefined for names that are published only. */
  inFile(name: string): Known | undefined
}

export interface BookContext {
  /** Those that come with Ipse, and the operator's files. */
  readonly files: Policies
  readonly development: boolean
  readonly store: Pick<Store, 'listPolicyVersions' | 'findPublishedPolicy'>
  readonly keys: { mac(context: 'rollout', value: readonly [string, string, number, string]): string }
}

export function policyDigest(policy: Policy): Promise<string> {
  return digestOf(policy as unknown as Json)
}

/** No tenant can publish under these names. */
export function isShipped(name: string): boolean {
  return Object.hasOwn(POLICIES, name)
}

export async function createPolicyBook(context: BookContext): Promise<PolicyBook> {
  const { files, development, store, keys } = context
  const inFiles = new Map<string, Known>()
  for (const policy of Object.values(files))
    inFiles.set(policy.name, { policy, digest: await policyDigest(policy) })
  const kept = new Map<string, Known>()
  const read = async (tenant: string, name: string, version: number): Promise<Known | undefined> => {
    const key = JSON.stringify([tenant, name, version])
    const before = kept.get(key)
    if (before) return before
    const policy = await store.findPublishedPolicy(tenant, name, version)
    if (!policy || (policy.developmentOnly === true && !development)) return undefined
    if (kept.size >= MOST_KEPT) kept.delete(kept.keys().next().value ?? '')
    const known = { policy, digest: await policyDigest(policy) }
    kept.set(key, known)
    return known
  }
  const published: PolicyBook['published'] = async (tenant, name, version) => {
    const known = await read(tenant, name, version)
    if (!known) throw new IpseError('policy_unknown', `${name}/${version} is no policy here`)
    return known.policy
  }
  const find: PolicyBook['find'] = async ({ tenant, policy: { name, version, digest } }) => {
    const file = inFiles.get(name)
    if (file && (digest === undefined ? file.policy.version === version : file.digest === digest))
      return findPolicy(files, name, development)
    if (digest === undefined || isShipped(name)) return undefined
    const known = await read(tenant, name, version)
    return known?.digest === digest ? known.policy : undefined
  }
  return {
    named: (name) => findPolicy(files, name, development),
    inFile: (name) => inFiles.get(name),
    list: (versions) =>
      [...inFiles.values()].flatMap(({ policy, digest }) => {
        if (policy.developmentOnly === true && !development) return []
        const { name, version } = policy
        const replaced = versions.some((other) => other.name === name && other.stage === 'active')
        const from = isShipped(name) ? ('ipse' as const) : ('file' as const)
        return [{ name, version, digest, from, stage: replaced ? ('retired' as const) : ('active' as const) }]
      }),
    published,
    find,
    async of(session) {
      const policy = await find(session)
      if (!policy) throw new IpseError('session_expired', 'the policy has changed')
      return policy
    },
    async choose(tenant, name, sessionId) {
      const versions = isShipped(name) ? [] : await store.listPolicyVersions(tenant, name)
      const drawn = drawVersion(versions, (version) =>
        keys.mac('rollout', [tenant, name, version, sessionId]),
      )
      if (drawn) return { policy: await published(tenant, name, drawn.version), digest: drawn.digest }
      const policy = findPolicy(files, name, development)
      return { policy, digest: inFiles.get(name)?.digest ?? (await policyDigest(policy)) }
    },
  }
}

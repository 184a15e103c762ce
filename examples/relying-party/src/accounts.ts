/**
 * Accounts in one small JSON file. Ipse knows a person only by the random subject id in here: no name ever leaves the site.
 */
import { randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ReceiptClaims } from '@ipse/client'

/** A finished check that the backend has verified; claims as signed by Ipse. */
export interface CheckEntry {
  readonly at: string
  readonly claims: ReceiptClaims
}

export interface Account {
  readonly name: string
  /** Pseudonym towards Ipse. */
  readonly subject: string
  readonly createdAt: string
  readonly consent: { readonly version: string; readonly givenAt: string }
  /** Newest first. */
  readonly checks: readonly CheckEntry[]
}

/** So many checks are kept for an account. */
const HISTORY = 20

export interface Accounts {
  find(name: string): Account | undefined
  add(account: Account): void
  note(name: string, entry: CheckEntry): void
  remove(name: string): void
}

/** One name, one spelling: case and compatible characters do not make another account. */
function keyOf(name: string): string {
  return name.normalize('NFKC').toLowerCase()
}

/** A name as people type it; undefined when it cannot be one. */
export function parseName(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined
  const name = value.normalize('NFC').trim()
  return /^[\p{L}\p{N}][\p{L}\p{N} ._'’-]{0,39}$/u.test(name) ? name : undefined
}

export function newSubject(): string {
  return `person-${randomUUID()}`
}

export function openAccounts(dataDir: string): Accounts {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const file = join(dataDir, 'relying-party.json')
  const accounts = new Map<string, Account>(
    existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as [string, Account][]) : [],
  )
  const save = () => {
    writeFileSync(`${file}.new`, JSON.stringify([...accounts], null, 1), { mode: 0o600 })
    renameSync(`${file}.new`, file)
  }
  return {
    find: (name) => accounts.get(keyOf(name)),
    add(account) {
      accounts.set(keyOf(account.name), account)
      save()
    },
    note(name, entry) {
      const account = accounts.get(keyOf(name))
      if (!account) return
      accounts.set(keyOf(name), { ...account, checks: [entry, ...account.checks].slice(0, HISTORY) })
      save()
    },
    remove(name) {
      accounts.delete(keyOf(name))
      save()
    },
  }
}

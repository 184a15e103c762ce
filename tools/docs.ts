/**
 * Reference pages that are made from the closed lists in the code (principle 8).
 * `npm run docs` writes them; the check compares, so neither side can drift.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { catalogueMarkdown } from '@ipse/lab'
import {
  ASSURANCE_LEVELS,
  ATTESTATION_LEVELS,
  DECISIONS,
  DEVICE_SIGNS,
  ERRORS,
  GLOSSARY,
  QUALITY_COMPONENTS,
  REASONS,
  SIGNALS,
} from '@ipse/protocol'
import { CERTIFICATE_HEADERS, REFUSALS, ROLES, SCOPES, SETTINGS } from '@ipse/server'
import { COMMANDS, REST, SOCKET } from '../e2e/bad-input/cases.ts'
import { complianceMarkdown } from './compliance.ts'
import { exportMarkdown, privacyMarkdown } from './privacy.ts'
import { threatModelMarkdown } from './threats.ts'

const HEAD = '<!-- Made by `npm run docs` from the code; edit there. -->\n'

function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const line = (cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

function errors(): string {
  const rows = Object.entries(ERRORS).map(([code, row]) => [
    `\`${code}\``,
    row.status === 0 ? 'browser, client' : row.status,
    row.title,
    row.advice,
    row.retry,
  ])
  return `# Errors\n\nEvery code, where it occurs and what to do. Codes are stable; sentences may change. Outcomes such as a
non-match are results, not errors.\n\n${table(['code', 'status', 'what happened', 'what to do', 'retry'], rows)}\n`
}

function glossary(): string {
  const rows = Object.entries(GLOSSARY).map(([term, entry]) => [term, entry.meaning, entry.standard])
  return `# Glossary\n\n${table(['term', 'meaning here', 'source'], rows)}\n`
}

function evidence(): string {
  const list = (entries: Readonly<Record<string, string>>) =>
    Object.entries(entries).map(([name, text]) => [`\`${name}\``, text])
  return `# Decisions, signals and reasons

## Decisions\n\n${table(['decision', 'meaning'], list(DECISIONS))}

## Signals\n\nAll rise with “more bona fide” or “more similar”.\n\n${table(['signal', 'meaning'], list(SIGNALS))}

## Reasons\n\n${table(['reason', 'meaning'], list(REASONS))}

## Assurance levels\n\n${table(['level', 'meaning'], list(ASSURANCE_LEVELS))}

## Device attestation

${table(['level', 'meaning'], list(ATTESTATION_LEVELS))}

What an app may report against its own device: ${Object.entries(DEVICE_SIGNS)
    .map(([sign, text]) => `\`${sign}\` (${text.toLowerCase().replace(/\.$/, '')})`)
    .join(', ')}.

## Quality components\n\nNames of ISO/IEC 29794-5: ${QUALITY_COMPONENTS.map((name) => `\`${name}\``).join(', ')}.\n`
}

function settings(): string {
  const rows = SETTINGS.map((setting) => [
    `\`${setting.name}\``,
    `\`${setting.env}\``,
    setting.secret ? '(secret)' : `\`${JSON.stringify(setting.default) ?? 'none'}\``,
    [setting.help, setting.recommend].filter(Boolean).join(' '),
  ])
  return `# Settings\n\nSet by environment variable, or with \`ipse serve --set name=value\`. Secrets may be read from a file through
the variable with \`_FILE\` at its end. Unknown names and bad values stop the start, all of them named at once.\n\n${table(['setting', 'variable', 'default', 'what it does'], rows)}\n`
}

function badInput(): string {
  const code = (text: string) => `\`${text}\``
  const rest = REST.map((row) => [
    row.tried,
    code(`${row.method} ${row.path}`),
    ERRORS[row.code].status,
    code(row.code),
  ])
  const socket = SOCKET.map((row) => [row.tried, code(row.code)])
  const commands = COMMANDS.map((row) => [row.tried, code(`ipse ${row.args.join(' ')}`), row.exit])
  const element = Object.entries(ERRORS).filter(([, row]) => row.status === 0)
  return `# Bad input\n\nWhat was tried at each door and what comes back. The table is the test: \`e2e/bad-input\`.

## REST\n\n${table(['tried', 'request', 'status', 'code'], rest)}

## WebSocket\n\nAfter the error the socket closes.\n\n${table(['tried', 'code'], socket)}

## Command\n\n${table(['tried', 'command', 'exit code'], commands)}

## Element\n\nEvery failure is an \`ipse-error\` event with a code, and words for the person (tested in Chromium by
\`packages/web/test\`).\n\n${table(
    ['code', 'what happened', 'what to do'],
    element.map(([name, row]) => [code(name), row.title, row.advice]),
  )}\n`
}

function scopes(): string {
  const rows = (list: Readonly<Record<string, string>>) =>
    Object.entries(list).map(([name, text]) => [`\`${name}\``, text])
  return `# Scopes

How callers prove themselves: [callers.md](callers.md). The scope of each operation is in \`/openapi.json\`.

${table(['scope', 'what it allows'], rows(SCOPES))}

## Roles of people

How people sign in: [people.md](../people.md). A role has the scopes that stand here and no other.

${table(
  ['role', 'what it is for', 'scopes'],
  Object.entries(ROLES).map(([name, { meaning, scopes }]) => [
    `\`${name}\``,
    meaning,
    name === 'owner' ? 'all' : scopes.map((scope) => `\`${scope}\``).join(', '),
  ]),
)}

## Why a credential was refused

In the log, as \`why\`. The caller hears \`unauthenticated\`, whatever it was.

${table(['why', 'meaning'], rows(REFUSALS))}

## Headers of a proxy that has verified a client certificate

Only from \`server.trustedProxies\`, and only with \`server.proxyClientCertificates\`.

${table(['header', 'value'], rows(CERTIFICATE_HEADERS))}\n`
}

const PAGES: Readonly<Record<string, () => string>> = {
  'docs/reference/errors.md': errors,
  'docs/reference/glossary.md': glossary,
  'docs/reference/evidence.md': evidence,
  'docs/reference/settings.md': settings,
  'docs/reference/scopes.md': scopes,
  'docs/reference/bad-input.md': badInput,
  'docs/reference/export.md': exportMarkdown,
  'docs/privacy.md': () => privacyMarkdown(table),
  'docs/attacks.md': catalogueMarkdown,
  'docs/compliance.md': () => complianceMarkdown(join(import.meta.dirname, '..')),
  'docs/threat-model.md': () => threatModelMarkdown(join(import.meta.dirname, '..')),
}

/** Names of pages that differ from what the code says. */
export function staleDocuments(root: string): string[] {
  return Object.entries(PAGES)
    .filter(
      ([page, make]) =>
        !existsSync(join(root, page)) || readFileSync(join(root, page), 'utf8') !== HEAD + make(),
    )
    .map(([page]) => `${page} is not what the code says: run npm run docs`)
}

if (import.meta.main) {
  const root = join(import.meta.dirname, '..')
  if (process.argv.includes('--write')) {
    for (const [page, make] of Object.entries(PAGES)) writeFileSync(join(root, page), HEAD + make())
  } else {
    for (const line of staleDocuments(root)) console.log(line)
  }
}

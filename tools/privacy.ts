/** docs/privacy.md and the reference page of the export, from the tables and schemas that the service itself works with. */
import {
  APPROVAL_ACTIONS,
  ERASED_KINDS,
  MOST_EXPORTED_FILES,
  RETENTION_PRESETS,
  RETENTION_RULE_KEYS,
} from '@ipse/protocol'
import {
  DATA,
  GROUNDS,
  MOMENTS,
  PRESETS,
  RETENTION_RULES,
  retentionDays,
  SETTINGS,
  SubjectExportSchema,
} from '@ipse/server'

type Table = (head: readonly string[], rows: readonly (readonly (string | number)[])[]) => string

const code = (text: string) => `\`${text}\``

export function privacyMarkdown(table: Table): string {
  const data = DATA.map(({ what, why, ground, tables, where, ends, shows }) => [
    what,
    why,
    ground,
    where ?? (tables.length === 0 ? 'memory only' : 'the store'),
    typeof ends === 'string' ? ends : ends.map((rule) => `rule ${code(rule)}`).join(', '),
    shows,
  ])
  const sessionDays = SETTINGS.find(({ name }) => name === 'retention.sessionDays')?.default as number
  const days = RETENTION_PRESETS.map((preset) => retentionDays({ preset, days: {} }, sessionDays))
  const rules = RETENTION_RULE_KEYS.map((rule) => [
    code(rule),
    `${RETENTION_RULES[rule].what}, after ${MOMENTS[RETENTION_RULES[rule].from]}`,
    ...days.map((given) =>
      RETENTION_RULES[rule].days === 'retention.sessionDays'
        ? `${code('retention.sessionDays')} (${given[rule]})`
        : given[rule],
    ),
  ])
  return `# Privacy

What Ipse holds about people, why, and how it ends. Templates, not pictures; as few as possible; each with an end.

## Every datum

${table(['datum', 'why', 'ground', 'where', 'until', 'how deletion shows'], data)}

The browser of the person in front of the camera keeps nothing: no cookie, no local storage, no database. The key of a capture lives in
the page's memory.

Grounds to choose from; which one carries is the operator's to decide and to write down: ${Object.entries(
    GROUNDS,
  )
    .map(([name, meaning]) => `**${name}** ${meaning}`)
    .join('; ')}.

## Consent

A consent is a record: version and SHA-256 of the text, time, channel, language, end of its purpose. \`POST
/v1/subjects/{subject}/consents\` records one, enrolments and sessions name it as \`consentId\`, or bring a new one as \`consent\`. Where
the policy asks (\`consentForEnrolment\`, \`consentForSessions\`) nothing begins without one: \`consent_missing\`. One that was withdrawn or
whose purpose has ended carries nothing: \`consent_withdrawn\`.

\`POST /v1/consents/{id}/withdraw\` ends it: sessions under way that rest on it are cancelled, also in mid-capture; templates that rest on
it are compared with no more from that moment on, and are erased as the rule \`reference-withdrawn\` says, at once unless a tenant wants
otherwise. Who gives a new consent is enrolled anew.

## Retention

${table(['rule', 'what ends', ...RETENTION_PRESETS.map((preset) => `${code(preset)}, days`)], rules)}

${RETENTION_PRESETS.map((preset) => `- **${preset}**: ${PRESETS[preset].law} Sources: ${PRESETS[preset].source}.`).join('\n')}

None of this is legal advice. \`retention.preset\` is for tenants that have set no rules; \`PUT /v1/privacy/rules\` gives a tenant its own
preset and days. Once a minute every process deletes what is due, 200 rows a transaction, so that requests get in between; each batch
is an entry of the audit log with the rule and the count. \`GET /v1/privacy/report\` and \`ipse retention report\` show what the next
sweep deletes, and why, from the same rules and the same queries.

## Erasure

\`DELETE /v1/subjects/{subject}\` or \`ipse erase SUBJECT\`: the keys first, so that nothing opens any more whatever happens then; in one
transaction everything else; the receipt last. It is a signed statement (JWS of the type \`ipse-erasure+jwt\`) of what was deleted, of
which backups may still hold sealed data until when (\`retention.backupDays\`), and of the entry in the audit log. \`@ipse/client\`
verifies it (\`verifyErasure\`); Ipse keeps no copy.

${table(
  ['counted', 'what'],
  Object.entries(ERASED_KINDS).map(([kind, what]) => [code(kind), what]),
)}

Of a consent a proof stays, as long as the rule \`consent\` says: version and hash of the text and times, under an id that leads to
nobody. Entries of the audit log stay and verify: they name a random pseudonym, and what led to it is deleted. Session ids in them lead to
nothing.

\`ipse erase SUBJECT --verify\` searches the raw files of the store, byte by byte and before and after, for the subject, its keyed hash,
pieces of its templates, keys, sessions, receipts and authenticators. SQLite overwrites what is deleted (\`secure_delete\`) and the command
empties the write-ahead log. **PostgreSQL** leaves dead rows until \`VACUUM FULL\`, which the command runs (tables are locked meanwhile), and
keeps old segments of its write-ahead log for later use: set \`wal_recycle = off\` there. Give its data folder with \`--scan\` to have it
searched. What archives, replicas and file system snapshots hold is out of reach: that is what \`retention.backupDays\` states.

## Export

\`GET /v1/subjects/{subject}/export\` or \`ipse export SUBJECT\`: one JSON document for the person, described in
[export](reference/export.md): templates as what they are, never themselves; consents, sessions with every line of evidence explained,
authenticators, failed attempts that count, which pictures of captures are kept and until when, and the entries of the audit log
about them. With \`?media=included\` and the scope \`media:read\` beside \`subject:read\`, or with \`ipse export SUBJECT --media FOLDER\`, the
pictures themselves come along: in the document as base64, or as files beside it, each with its length and SHA-256. They are the
person's own copy, so the rule of one reader does not hold it back and is not used up by it; every picture is an entry
\`media.read\` of the audit log before its bytes leave. ${MOST_EXPORTED_FILES} at most come at once, the oldest first.

## A second person

A tenant may ask that nobody does these alone: ${Object.entries(APPROVAL_ACTIONS)
    .map(([name, meaning]) => `${code(name)} (${meaning.toLowerCase().replace(/\.$/, '')})`)
    .join(
      ', ',
    )}. The request is then answered \`approval_required\`, waits for a day, and is sent again when another
person with \`approval:decide\` and the scope of the action itself has agreed under \`/admin/approvals\`. Nobody agrees to what they asked
for; an agreement counts once, for that party and that very target. A person who may make API keys can ask with a key: give
\`key:manage\` and \`approval:decide\` to different people.
`
}

export function exportMarkdown(): string {
  return `# The export of a subject

The JSON that \`GET /v1/subjects/{subject}/export\` and \`ipse export SUBJECT\` give: format \`ipse-subject-export/3\`. Times are RFC 3339,
what signals and reasons mean stands in [evidence](evidence.md). Pictures have a \`file\` where they were asked for
(\`?media=included\`, \`--media FOLDER\`); without \`data\` it lies beside the document under its name. JSON Schema:

\`\`\`json
${JSON.stringify(SubjectExportSchema, null, 2)}
\`\`\`
`
}

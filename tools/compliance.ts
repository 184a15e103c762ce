/**
 * The compliance map: which control serves which clause, where it is and the test that shows it. docs/compliance.txt is its
 * home, one line a control; docs/compliance.md is made from it. A row whose file, test or clause is not there stops the
 * page from being made.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isShown, link, markdownTable, parseShown, type ShownBy, shownText } from './shown.ts'

interface Framework {
  readonly title: string
  /** How a clause is cited, before its number. */
  readonly cite: string
  readonly clauses: Readonly<Record<string, string>>
}

/** What a map can cite, in our words. Nothing else: a slip of the pen is no clause. */
export const FRAMEWORKS: Readonly<Record<string, Framework>> = {
  GDPR: {
    title: 'GDPR, Regulation (EU) 2016/679',
    cite: 'Art. ',
    clauses: {
      '5(1)(c)': 'data minimisation',
      '5(1)(e)': 'storage limitation',
      '5(1)(f)': 'integrity and confidentiality',
      '5(2)': 'accountability',
      '7(1)': 'being able to show the consent',
      '7(3)': 'withdrawal of consent',
      '9(2)(a)': 'explicit consent to biometric data',
      '15': 'access by the data subject',
      '17': 'erasure',
      '20': 'portability',
      '22(3)': 'human intervention in automated decisions',
      '25': 'data protection by design and by default',
      '30': 'records of processing',
      '32(1)(a)': 'pseudonymisation and encryption',
      '32(1)(b)': 'confidentiality, integrity, availability, resilience',
      '32(1)(c)': 'restoring availability',
      '32(1)(d)': 'regular testing of the measures',
      '33': 'notification of a breach',
    },
  },
  BIPA: {
    title: 'BIPA, 740 ILCS 14 (Illinois)',
    cite: '§ ',
    clauses: {
      '15(a)': 'retention schedule and destruction',
      '15(b)': 'written release before collection',
      '15(d)': 'no disclosure without consent',
      '15(e)': 'reasonable care in storage and transmission',
    },
  },
  HIPAA: {
    title: 'HIPAA Security Rule, 45 CFR',
    cite: '§ ',
    clauses: {
      '164.308(a)(1)(ii)(D)': 'review of system activity',
      '164.308(a)(4)': 'management of access to information',
      '164.308(a)(6)(ii)': 'response to incidents',
      '164.308(a)(7)(ii)(A)': 'backups',
      '164.310(d)(2)(i)': 'disposal',
      '164.312(a)(1)': 'access control',
      '164.312(a)(2)(i)': 'unique identification of users',
      '164.312(a)(2)(iii)': 'automatic log-off',
      '164.312(a)(2)(iv)': 'encryption at rest',
      '164.312(b)': 'audit controls',
      '164.312(c)(1)': 'integrity',
      '164.312(d)': 'authentication of persons and entities',
      '164.312(e)(1)': 'security of transmission',
    },
  },
  PCI: {
    title: 'PCI DSS 4.0',
    cite: '',
    clauses: {
      '3.2.1': 'retention and disposal of stored data',
      '3.6.1': 'protection of the keys of stored data',
      '3.7.4': 'change of keys at the end of their time',
      '4.2.1': 'strong cryptography in transmission',
      '6.2.4': 'common software attacks are prevented',
      '6.5.1': 'control of changes',
      '7.2.2': 'access by role and least privilege',
      '8.2.1': 'unique identification of users',
      '8.3.4': 'lock-out after failed attempts',
      '8.4.2': 'multi-factor authentication',
      '10.2.1': 'audit logs of access and of administrative actions',
      '10.3.2': 'audit logs protected from change',
      '10.4.1': 'logs are reviewed, by machines',
      '12.10.1': 'incident response plan',
    },
  },
  SOC2: {
    title: 'SOC 2, Trust Services Criteria (2017)',
    cite: '',
    clauses: {
      'CC6.1': 'logical access to protected information',
      'CC6.2': 'registration and removal of users',
      'CC6.3': 'roles and least privilege',
      'CC6.5': 'disposal',
      'CC6.6': 'threats from outside the boundary',
      'CC6.7': 'protection in transmission',
      'CC6.8': 'unauthorised or altered software',
      'CC7.1': 'detection of changes and new weaknesses',
      'CC7.2': 'monitoring for anomalies',
      'CC7.3': 'evaluation of security events',
      'CC7.4': 'response to incidents',
      'CC8.1': 'management of changes',
      'A1.2': 'backup and recovery',
      'PI1.3': 'processing as specified',
      'P2.1': 'choice and consent',
      'P4.2': 'retention',
      'P4.3': 'disposal of personal information',
      'P5.1': 'access to one’s personal information',
    },
  },
  COPPA: {
    title: 'COPPA Rule, 16 CFR',
    cite: '§ ',
    clauses: {
      '312.5': 'consent, which a parent gives through the relying party',
      '312.6': 'review and deletion on a parent’s request',
      '312.7': 'no more than is necessary',
      '312.8': 'confidentiality, security and integrity',
      '312.10': 'retention and deletion',
    },
  },
}

export interface Clause {
  readonly framework: string
  readonly number: string
}

export interface Control {
  readonly control: string
  readonly clauses: readonly Clause[]
  /** Where it lives. */
  readonly at: string
  readonly test: ShownBy
}

/** What is the organisation's to do: no program can show it. */
export interface OthersDuty {
  readonly duty: string
  readonly clauses: string
}

export interface ComplianceMap {
  readonly controls: ReadonlyMap<string, readonly Control[]>
  readonly duties: readonly OthersDuty[]
}

/**
 * @param text of docs/compliance.txt
 * @param root of the repository, where files and tests are looked for
 * @throws SyntaxError naming every row that says what is not there
 */
export function readCompliance(text: string, root: string): ComplianceMap {
  const controls = new Map<string, Control[]>()
  const duties: OthersDuty[] = []
  const problems: string[] = []
  let chapter: Control[] = []
  // The first line names the columns.
  for (const line of text.split('\n').slice(1)) {
    const cells = line.split(' | ')
    const [control = '', cited = '', at = '', shown = ''] = cells
    if (line.startsWith('# ')) {
      chapter = []
      controls.set(line.slice(2), chapter)
    } else if (cells.length === 2) duties.push({ duty: control, clauses: cited })
    else if (cells.length === 4) {
      const row = { control, clauses: parseClauses(cited), at, test: parseShown(shown) }
      problems.push(...problemsOf(row, root))
      chapter.push(row)
    } else if (line !== '') problems.push(`${line}: has ${cells.length} columns`)
  }
  const all = [...controls.values()].flat().map(({ control }) => control)
  for (const control of new Set(all.filter((name, i) => all.indexOf(name) < i)))
    problems.push(`${control}: is there twice`)
  for (const { framework, number } of uncited([...controls.values()].flat()))
    problems.push(`${framework} ${number}: no control serves it`)
  if (problems.length > 0) throw new SyntaxError(`docs/compliance.txt:\n${problems.join('\n')}`)
  for (const [name, rows] of controls) if (rows.length === 0) controls.delete(name)
  return { controls, duties }
}

/** `GDPR 32(1)(a), 5(2); SOC2 CC6.1`. */
function parseClauses(cited: string): Clause[] {
  return cited.split('; ').flatMap((group) => {
    const [framework = '', numbers = ''] = group.split(/ (.*)/)
    return numbers.split(', ').map((number) => ({ framework, number }))
  })
}

function problemsOf({ control, clauses, at, test }: Control, root: string): string[] {
  const unknown = clauses.filter(({ framework, number }) => !isClause(framework, number))
  return [
    ...unknown.map(({ framework, number }) => `${control}: there is no clause ${framework} ${number}`),
    ...(existsSync(join(root, at)) ? [] : [`${control}: there is no ${at}`]),
    ...(isShown(root, test) ? [] : [`${control}: ${test.file} has no test "${test.title}"`]),
  ]
}

function isClause(framework: string, number: string): boolean {
  return Object.hasOwn(FRAMEWORKS, framework) && Object.hasOwn(FRAMEWORKS[framework]!.clauses, number)
}

/** Clauses in the list that no control serves: then they do not belong into it. */
function uncited(controls: readonly Control[]): Clause[] {
  const cited = new Set(
    controls.flatMap(({ clauses }) => clauses.map(({ framework, number }) => `${framework} ${number}`)),
  )
  return Object.entries(FRAMEWORKS).flatMap(([framework, { clauses }]) =>
    Object.keys(clauses)
      .filter((number) => !cited.has(`${framework} ${number}`))
      .map((number) => ({ framework, number })),
  )
}

export function complianceMarkdown(root: string): string {
  const text = readFileSync(join(root, 'docs/compliance.txt'), 'utf8')
  const { controls, duties } = readCompliance(text, root)
  const cite = (clauses: readonly Clause[]) =>
    [...Map.groupBy(clauses, ({ framework }) => framework)]
      .map(
        ([framework, group]) =>
          `${framework} ${FRAMEWORKS[framework]!.cite}${group.map(({ number }) => number).join(', ')}`,
      )
      .join(' · ')
  const chapters = [...controls].map(
    ([name, rows]) =>
      `## ${name}\n\n${markdownTable(
        ['control', 'serves', 'where', 'shown by'],
        rows.map(({ control, clauses, at, test }) => [control, cite(clauses), link(at), shownText(test)]),
      )}`,
  )
  const index = Object.entries(FRAMEWORKS).map(([framework, { title, cite: before, clauses }]) => {
    const ordered = Object.entries(clauses).toSorted(([a], [b]) =>
      a.localeCompare(b, 'en', { numeric: true }),
    )
    const rows = ordered.map(([number, meaning]) => [
      `${before}${number}`,
      meaning,
      [...controls.values()]
        .flat()
        .filter((control) =>
          control.clauses.some((clause) => clause.framework === framework && clause.number === number),
        )
        .map(({ control }) => control)
        .join(' · '),
    ])
    return `### ${title}\n\n${markdownTable(['clause', 'about', 'controls'], rows)}`
  })
  return `# Compliance map

Control, the clauses that it serves, where it lives, and the test that shows it works. The page is made from
\`docs/compliance.txt\` and is not made when a file, a test or a clause in it is not there.

**This is no certification and no legal advice.** Nobody has audited Ipse against these texts; the clauses are named in our own
words. A control helps with a clause, it does not fulfil it: most of them also ask for people, contracts and procedures, which no
program has. Whether Ipse's data fall under a law is for the operator to find out.

${chapters.join('\n\n')}

## Left to the operator and the relying party

${markdownTable(
  ['what', 'asked by'],
  duties.map(({ duty, clauses }) => [duty, clauses]),
)}

## By clause

${index.join('\n\n')}
`
}

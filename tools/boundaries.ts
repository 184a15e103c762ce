/**
 * Fails when an import crosses a line that docs/architecture.md does not draw.
 * Two tables are the whole rule: packages may import packages, folders may import folders.
 * An entry written 'type engine' allows `import type` only. Tests may import more than what ships.
 */
import { existsSync, globSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'

export const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  protocol: [],
  engine: ['protocol'],
  web: ['protocol'],
  console: ['protocol'],
  client: ['protocol'],
  lab: ['protocol'],
  server: ['protocol', 'type engine'],
  cli: ['protocol', 'engine', 'server', 'client', 'lab'],
}

/** Inside a package: folder → folders it may import. '.' is the package's own top level. */
export const FOLDERS: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  server: {
    domain: [],
    store: ['domain', '.'],
    log: ['store', 'keys', '.'],
    vault: ['store', 'keys', '.'],
    attestation: ['.'],
    keys: ['.'],
    identity: ['store', 'keys', '.'],
    people: ['attestation', 'identity', 'store', 'keys', 'work', '.'],
    routes: ['domain', 'http', 'identity', 'people', 'store', 'vault', 'keys', 'work', 'capture', 'log', '.'],
    capture: ['attestation', 'domain', 'identity', 'store', 'vault', 'keys', 'work', 'log', '.'],
    http: ['identity', 'people', 'store', 'keys', '.'],
    listen: ['http', '.'],
    work: ['domain', 'identity', 'store', 'keys', 'log', 'vault', '.'],
    '.': [
      'attestation',
      'domain',
      'store',
      'vault',
      'keys',
      'routes',
      'capture',
      'http',
      'identity',
      'people',
      'listen',
      'work',
      'log',
    ],
  },
  engine: {
    convert: [],
    image: ['.'],
    models: ['convert', '.'],
    runtime: ['models', '.'],
    face: ['image', 'models', 'runtime', '.'],
    quality: ['image', 'face', '.'],
    injection: ['.'],
    pad: ['face', 'image', 'runtime', '.'],
    track: ['face', 'image', '.'],
    '.': ['convert', 'image', 'models', 'runtime', 'face', 'quality', 'injection', 'pad', 'track'],
  },
}

/** Modules that must not appear in a package at all: the ground rules of DESIGN, as text. */
export const FORBIDDEN: readonly {
  readonly packages: readonly string[]
  readonly pattern: RegExp
  readonly why: string
}[] = [
  { packages: ['protocol', 'web', 'client'], pattern: /from '(node:|fs|path)/, why: 'runs outside Node' },
  {
    packages: ['engine', 'server', 'protocol', 'web', 'client', 'lab'],
    pattern: /\bprocess\.env\.(?!ORT_DISABLE_TELEMETRY)/,
    why: 'only the cli reads the environment',
  },
  { packages: ['engine', 'server', 'lab'], pattern: /\bMath\.random\(/, why: 'randomness is an argument' },
  { packages: ['server', 'engine'], pattern: /\bDate\.now\(/, why: 'the clock is an argument' },
]

const IMPORT =
  /\b(?:import|export)\s+(type\s+)?(?:[\w*{}\s,$]*?\bfrom\s*)?['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/g

/** Every offence as `file -> what`; empty means the drawing is still true. */
export function offences(
  root: string,
  packages = PACKAGES,
  folders = FOLDERS,
  forbidden = FORBIDDEN,
): string[] {
  const found: string[] = []
  for (const [name, allowed] of Object.entries(packages)) {
    const src = join(root, name, 'src')
    const isFolder = (path: string) => existsSync(join(src, path)) && statSync(join(src, path)).isDirectory()
    for (const file of globSync('**/*.ts', { cwd: src })) {
      const text = readFileSync(join(src, file), 'utf8')
      const from = file.includes('/') ? file.split('/')[0]! : '.'
      for (const [, type, fixed, dynamic] of text.matchAll(IMPORT)) {
        const target = fixed ?? dynamic ?? ''
        const refuse = () => found.push(`${name}/src/${file} -> ${target}`)
        if (target.startsWith('@ipse/')) {
          const to = target.split('/')[1]!
          if (!allowed.includes(to) && !(type && allowed.includes(`type ${to}`))) refuse()
        } else if (target.startsWith('.') && folders[name]) {
          const to = relative(src, resolve(dirname(join(src, file)), target))
          const folder = to.includes('/') || isFolder(to) ? to.split('/')[0]! : '.'
          if (folder !== from && !(folders[name][from] ?? []).includes(folder)) refuse()
        }
      }
      for (const rule of forbidden) {
        if (rule.packages.includes(name) && rule.pattern.test(text))
          found.push(`${name}/src/${file} -> ${rule.why}`)
      }
    }
  }
  return found
}

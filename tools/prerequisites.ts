/**
 * Puts in place what the tests need and a fresh machine lacks. On Debian as root it installs; elsewhere it says in one
 * line what is missing.
 */
import { type ExecFileSyncOptions, execFileSync, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

/** Command → Debian package. The proxies are those of the recipes in deploy/; strace sees what reaches the disk. */
const NEEDED: Readonly<Record<string, string>> = {
  chromium: 'chromium',
  ffmpeg: 'ffmpeg',
  nginx: 'nginx',
  caddy: 'caddy',
  ...(process.platform === 'linux' ? { strace: 'strace' } : {}),
}

function missing(): string[] {
  return Object.entries(NEEDED)
    .filter(([command]) => spawnSync('sh', ['-c', `command -v ${command}`]).status !== 0)
    .map(([, name]) => name)
}

/** @throws Error naming what is missing */
export function ensurePrerequisites(): void {
  const wanted = missing()
  if (wanted.length === 0) return
  if (process.getuid?.() === 0 && existsSync('/etc/debian_version')) {
    console.log(`installing ${wanted.join(', ')} (Debian packages)`)
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
    const options: ExecFileSyncOptions = { stdio: ['ignore', 'ignore', 'inherit'], env }
    execFileSync('apt-get', ['update', '-qq'], options)
    execFileSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...wanted], options)
  }
  const still = missing()
  if (still.length > 0) throw new Error(`please install ${still.join(', ')}: the tests need them`)
}

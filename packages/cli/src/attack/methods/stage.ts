/**
 * A minimal page with the real element, served on loopback, and what stands in for the camera there: a file that Chromium
 * plays, or a canvas that gets its pictures from this process and passes the prompts back.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClip, createFrame, type Feed } from '@ipse/lab'
import { toJpeg, writeMjpeg } from '@ipse/lab/node'
import type { ChallengeStep, CreatedSession } from '@ipse/protocol'
import { createCast, type Person } from '../people.ts'
import { feedOf } from '../performer.ts'
import type { Job, Presentation } from '../presentation.ts'
import { createTarget, type Ended, type TargetOptions } from '../target.ts'
import type { Chromium } from './chromium.ts'
import { CANVAS_HOOK, PAGE, PATCHED_MEDIA } from './page.ts'

/** A capture takes about twelve seconds; a browser on a busy machine takes several times that. */
const CAPTURE_LIMIT_MS = 120_000
/** Chromium plays Motion JPEG at this rate and begins again at the end; a loop of a recording is this long. */
const FILE_FPS = 30
const FILE_MS = 9000

const ELEMENT = '/web/ipse-check.js'

/** One capture under way in a browser. */
interface Act {
  readonly session: CreatedSession
  readonly feed: Feed
  readonly beganMs: number
  readonly end: PromiseWithResolvers<Ended>
  frames: number
}

export interface Stage extends AsyncDisposable {
  perform(job: Job): Promise<Presentation>
}

export async function createStage(
  chromium: Chromium,
  options: TargetOptions,
  people: readonly Person[],
): Promise<Stage | { missing: string }> {
  const element = await fetch(new URL(ELEMENT, options.url)).catch(() => undefined)
  if (element?.ok !== true)
    return { missing: `the service does not serve ${ELEMENT}: build it with "npm run build"` }
  const target = createTarget(options)
  const cast = createCast(people)
  const acts = new Map<string, Act>()
  const server = createServer((request, response) => {
    answer(acts, request, response).catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const canvas = await chromium.launch()
  const disguised = await chromium.launch(['--disable-blink-features=AutomationControlled'])

  async function run(job: Job, show: (act: Act, id: string) => Promise<void>): Promise<Presentation> {
    const beganMs = performance.now()
    const session = await target.open(job, [origin])
    const act: Act = { session, feed: feedOf(cast, job), beganMs, end: Promise.withResolvers(), frames: 0 }
    acts.set(session.id, act)
    const limit = setTimeout(
      () => act.end.resolve({ frames: act.frames, code: 'connection_lost' }),
      CAPTURE_LIMIT_MS,
    )
    try {
      await show(act, session.id)
      return await target.judge(session, job, await act.end.promise, beganMs)
    } finally {
      clearTimeout(limit)
      acts.delete(session.id)
    }
  }

  async function show(browser: typeof canvas, act: Act, id: string, script?: string): Promise<void> {
    const context = await browser.newContext({ permissions: ['camera'] })
    try {
      const page = await context.newPage()
      if (script)
        await page.addInitScript(`globalThis.__pictures = ${JSON.stringify(`/pictures/${id}`)};${script}`)
      await page.goto(`${origin}/act/${id}`)
      await act.end.promise
    } finally {
      await context.close()
    }
  }

  return {
    perform: (job) =>
      run(job, async (act, id) => {
        if (job.method === 'canvas-hook') return show(canvas, act, id, CANVAS_HOOK)
        if (job.method === 'patched-media') return show(disguised, act, id, PATCHED_MEDIA)
        await withFile(act.feed, async (file) => {
          const browser = await chromium.launch([`--use-file-for-fake-video-capture=${file}`])
          try {
            await show(browser, act, id)
          } finally {
            await browser.close()
          }
        })
      }),
    async [Symbol.asyncDispose]() {
      await Promise.all([canvas.close(), disguised.close()])
      server.closeAllConnections()
      server.close()
    },
  }
}

async function withFile(feed: Feed, use: (file: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'ipse-camera-'))
  try {
    const file = join(folder, 'camera.mjpeg')
    await writeMjpeg(createClip({ feed, fps: FILE_FPS, durationMs: FILE_MS }), file)
    await use(file)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function answer(
  acts: ReadonlyMap<string, Act>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const [, what, id = ''] = (request.url ?? '').split('/')
  const act = acts.get(id)
  if (!act) {
    response.writeHead(404).end()
    return
  }
  const { feed, session, beganMs } = act
  const now = performance.now() - beganMs
  if (what === 'pictures') {
    const picture = createFrame(feed.width, feed.height)
    feed.render(now, picture)
    response.writeHead(200, { 'content-type': 'image/jpeg', 'cache-control': 'no-store' })
    response.end(await toJpeg(picture, 95))
    act.frames++
  } else if (what === 'step') {
    feed.prompt((await body(request)) as ChallengeStep, now)
    response.writeHead(204).end()
  } else if (what === 'end') {
    const { code } = (await body(request)) as { code?: string }
    response.writeHead(204).end()
    act.end.resolve({ frames: act.frames, ...(code === undefined ? {} : { code }) })
  } else {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' })
    response.end(PAGE({ id, session }))
  }
}

async function body(request: IncomingMessage): Promise<unknown> {
  let text = ''
  for await (const chunk of request) text += chunk
  return JSON.parse(text)
}

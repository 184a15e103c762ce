/** Tampering with a capture that would be accepted: the victim's own, or the attacker's where the outcome is forged. */
import type { Subject } from '@ipse/lab'
import { filmFeed } from '@ipse/lab/node'
import { IpseError } from '@ipse/protocol'
import { bonaFideFeed } from '../bona-fide.ts'
import type { Job, Presentation } from '../presentation.ts'
import type { Target } from '../target.ts'
import { type Hands, inBetween, type Message } from './between.ts'
import { substituteKeys } from './key-substitution.ts'

/** The record that is tampered with: a frame in the middle of the hold (0 is facts, 1 seen). */
const CHOSEN = 6

const HANDS: Readonly<Record<string, () => Hands>> = {
  'dropped-record': () => ({ outgoing: (message, record) => (record === CHOSEN ? [] : [message]) }),
  'repeated-record': () => ({
    outgoing: (message, record) => (record === CHOSEN ? [message, message] : [message]),
  }),
  'edited-record': () => ({
    outgoing: (message, record) => (record === CHOSEN ? [withOneBitChanged(message)] : [message]),
  }),
  'reordered-records': () => {
    let held: Message | undefined
    return {
      outgoing(message, record) {
        if (record !== CHOSEN && record !== CHOSEN + 1) return [message]
        if (record === CHOSEN) {
          held = message
          return []
        }
        return [message, held ?? message]
      },
    }
  },
  'edited-step': () => ({ incoming: editStep }),
  'key-substituted': () => substituteKeys(CHOSEN),
  'edited-outcome': () => ({
    incoming: (text) => {
      const message = JSON.parse(text) as { type: string }
      return message.type === 'outcome' ? JSON.stringify({ ...message, outcome: 'pass' }) : text
    },
  }),
}

export async function tamper(target: Target, cast: readonly Subject[], job: Job): Promise<Presentation> {
  const hands = HANDS[job.instrument]
  if (!hands) throw new IpseError('invalid_request', `mitm-edit knows no ${job.instrument}`)
  const began = performance.now()
  const session = await target.open(job)
  const filmed = cast[job.instrument === 'edited-outcome' ? job.attacker : job.victim]!
  const camera = filmFeed(bonaFideFeed(filmed, job.seed))
  const ended = await target.capture(session, camera, { connect: inBetween(hands()) })
  return target.judge(session, job, ended, began)
}

function withOneBitChanged(message: Message): Message {
  if (typeof message === 'string') return message
  const copy = message.slice()
  const middle = copy.length >> 1
  copy[middle] = (copy[middle] ?? 0) ^ 1
  return copy
}

/** Another direction where one is asked for, another time limit everywhere else. */
function editStep(text: string): string {
  const message = JSON.parse(text) as { type: string; limitMs: number; step: { direction?: string } }
  if (message.type !== 'step') return text
  const { direction } = message.step
  const other = direction === undefined ? {} : { direction: direction === 'left' ? 'right' : 'left' }
  return JSON.stringify({ ...message, limitMs: message.limitMs + 1, step: { ...message.step, ...other } })
}

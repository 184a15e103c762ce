/** The queue of blocked devices, and what was decided before. */
import type { Page, Review } from '@ipse/protocol'
import { html, type TemplateResult } from 'lit'
import { ask } from '../api.ts'
import { type Table, tableView } from '../parts/table.ts'
import { hrefOf } from '../route.ts'
import { Screen } from '../screen.ts'
import { figure, time } from '../words.ts'

const link = ({ id }: Review) =>
  html`<a href=${hrefOf({ screen: 'reviews', item: id })}><code>${id}</code></a>`
const signs = ({ spoofTypes, bruteForce }: Review) =>
  [...spoofTypes, ...(bruteForce ? ['brute force'] : [])].join(', ')

const OPEN: Table<Review> = {
  title: 'Waiting for a review',
  empty: 'No device waits for a review.',
  head: ['Review', 'Since', 'Score', 'Signs', 'Sessions'],
  row: (review) => [
    link(review),
    time(review.createdAt),
    figure(review.score),
    signs(review),
    String(review.sessions.length),
  ],
}

const DECIDED: Table<Review> = {
  title: 'Decided',
  empty: 'Nothing was decided yet.',
  head: ['Review', 'Decided', 'Decision', 'Why', 'Signs'],
  row: (review) => [
    link(review),
    time(review.decidedAt),
    review.decision ?? '–',
    review.reason ?? '–',
    signs(review),
  ],
}

/** Every review of a state that the screen shows; older ones are read with the REST interface. */
export async function readReviews(state: 'open' | 'decided'): Promise<readonly Review[]> {
  return (await ask<Page<Review>>('GET', `/v1/reviews?limit=100&state=${state}`)).items
}

export class Reviews extends Screen {
  static override properties = { ...Screen.properties, open: { state: true }, decided: { state: true } }

  declare private open: readonly Review[] | undefined
  declare private decided: readonly Review[] | undefined

  protected override async load(): Promise<void> {
    ;[this.open, this.decided] = await Promise.all([readReviews('open'), readReviews('decided')])
  }

  override render(): TemplateResult {
    return html`${this.heading('Reviews', 'Devices that attacked again and again; no new session of theirs begins until a person has looked.')}
    ${tableView(OPEN, this.open)} ${tableView(DECIDED, this.decided)}`
  }
}

customElements.define('ipse-reviews', Reviews)

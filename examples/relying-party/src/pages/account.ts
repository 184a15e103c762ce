/** The account: what the last receipt says, in words and bars, what happened before, and the person's rights. */
import type { Account, CheckEntry } from '../accounts.ts'
import { evidenceTable } from './evidence.ts'
import { type Html, html } from './html.ts'
import { layout } from './layout.ts'

const PURPOSES: Readonly<Record<string, string>> = {
  enrolment: 'Sign-up',
  verification: 'Sign-in',
  liveness: 'Check',
}

function moment(text: string): Html {
  const short = text.replace('T', ' ').replace(/:\d\d\.\d+Z$/, ' UTC')
  return html`<time datetime="${text}">${short}</time>`
}

function fact(name: string, value: Html | string): Html {
  return html`<div><dt>${name}</dt><dd>${value}</dd></div>`
}

function receipt({ at, claims }: CheckEntry): Html {
  const { match, policy, models, device, transcript } = claims
  return html`<section class="panel" aria-labelledby="receipt">
  <h2 id="receipt">Latest receipt</h2>
  <p class="verdict"><span class="stamp">${claims.decision}</span> ${PURPOSES[claims.purpose] ?? claims.purpose}, ${moment(at)}, verified offline by this site</p>
  <dl class="facts">
    ${fact('Policy', `${policy.name}, version ${policy.version}`)}
    ${fact('Assurance', claims.assurance)}
    ${fact('Attempt', String(claims.attempt))}
    ${fact('Camera', device.virtualCamera ? html`<b class="warn">simulated or virtual</b>` : 'no sign of a virtual one')}
    ${match ? fact('Comparison', `${match.score.toFixed(3)}, needed ${match.threshold.toFixed(3)} (one false match in ${Math.round(1 / match.fmr).toLocaleString('en')})`) : undefined}
    ${fact('Session', html`<code>${claims.sid}</code>`)}
    ${transcript ? fact('Transcript', html`<code>${transcript.slice(0, 22)}…</code>`) : undefined}
  </dl>
  <h3>Evidence</h3>
  ${evidenceTable(claims.evidence)}
  <details><summary>Models</summary><ul class="models">${models.map(
    ({ id, version, sha256 }) => html`<li>${id} ${version} <code>${sha256.slice(0, 16)}…</code></li>`,
  )}</ul></details>
</section>`
}

export function accountPage(account: Account): string {
  const latest = account.checks.find(({ claims }) => claims.decision === 'accept')
  return layout({
    title: 'Account',
    name: account.name,
    body: html`<section class="account" data-account>
  <h1>Hello, ${account.name}</h1>
  <p class="lead">You are here because a receipt says so.</p>
  ${latest ? receipt(latest) : undefined}
  <section class="panel" aria-labelledby="history">
    <h2 id="history">History</h2>
    <ol class="history">${account.checks.map(
      ({ at, claims }) =>
        html`<li><span>${PURPOSES[claims.purpose] ?? claims.purpose}</span>${moment(at)}<span class="stamp small ${claims.decision}">${claims.decision}</span></li>`,
    )}</ol>
  </section>
  <section class="panel" aria-labelledby="yours">
    <h2 id="yours">Your data</h2>
    <p>You agreed on ${moment(account.consent.givenAt)} (text ${account.consent.version}). Ipse knows you as <code>${account.subject}</code> only.</p>
    <p class="problem" role="alert" hidden></p>
    <p class="actions">
      <a class="button plain" href="/account/export" download="my-data.json">Download my data</a>
      <button class="button plain" type="button" data-action="sign-out">Sign out</button>
      <button class="button danger" type="button" data-action="delete">Delete my account</button>
    </p>
    <dialog aria-labelledby="sure">
      <h2 id="sure">Delete everything?</h2>
      <p>Your account, your template and all sessions are erased. This cannot be undone.</p>
      <p class="actions"><button class="button danger" type="button" data-action="erase">Delete</button><button class="button plain" type="button" data-action="keep">Keep</button></p>
    </dialog>
  </section>
</section>`,
  })
}

export function erasedPage(): string {
  return layout({
    title: 'Deleted',
    body: html`<section class="hero"><h1>All gone.</h1>
<p class="lead">Your account is deleted here, and Ipse has erased your template and your sessions.</p>
<p class="actions"><a class="button plain" href="/">Home</a></p></section>`,
  })
}

export function missingPage(name: string | undefined): string {
  return layout({
    title: 'Not found',
    name,
    body: html`<section class="hero"><h1>Nothing here.</h1><p class="actions"><a class="button" href="/">Home</a></p></section>`,
  })
}

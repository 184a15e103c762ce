/** Sign-up and sign-in: a form, then the capture in its place. */
import { CONSENT_TEXT, CONSENT_VERSION } from '../consent.ts'
import { PEOPLE } from '../simulated.ts'
import { html } from './html.ts'
import { layout } from './layout.ts'

function cameraChoice(kind: 'sign-up' | 'sign-in') {
  const hint =
    kind === 'sign-in'
      ? 'Choose another person than at sign-up to see a refusal.'
      : 'Remember whom you chose.'
  return html`<fieldset class="cameras">
    <legend>Camera</legend>
    <label class="option"><input type="radio" name="camera" value="own" checked><span>My camera</span></label>
    <p class="sub">No camera? Use the simulated camera <em>(development only)</em>. ${hint}</p>
    <div class="people">${PEOPLE.map(
      ({ name, label }) => html`<label class="person"><input type="radio" name="camera" value="${name}">
        <img src="/sim/${name}/portrait.jpg" alt="" width="88" height="88"><span>${label}</span></label>`,
    )}</div>
  </fieldset>`
}

export function checkPage(kind: 'sign-up' | 'sign-in', simulatedCamera: boolean): string {
  const up = kind === 'sign-up'
  return layout({
    title: up ? 'Sign up' : 'Sign in',
    body: html`<section class="narrow" data-check="${kind}">
  <div data-part="form">
    <h1>${up ? 'Create your account' : 'Welcome back'}</h1>
    <form>
      <label class="field"><span>Name</span><input name="name" required maxlength="40" autocomplete="username" autofocus></label>
      ${
        up
          ? html`<div class="consent"><h2>Consent</h2><p>${CONSENT_TEXT}</p>
        <label class="option"><input type="checkbox" name="consent" value="${CONSENT_VERSION}" required><span>I agree to this.</span></label></div>`
          : undefined
      }
      ${simulatedCamera ? cameraChoice(kind) : undefined}
      <p class="problem" role="alert" hidden></p>
      <button class="button wide" type="submit">Continue</button>
    </form>
    <p class="aside">${
      up
        ? html`Have an account already? <a href="/sign-in">Sign in</a>`
        : html`No account yet? <a href="/sign-up">Sign up</a>`
    }</p>
  </div>
  <div data-part="capture" hidden></div>
  <div data-part="refused" class="refused" role="alert" hidden>
    <svg viewBox="0 0 100 100" aria-hidden="true"><circle cx="50" cy="50" r="46"/><path d="M50 27v28M50 70v1"/></svg>
    <h1 tabindex="-1">${up ? 'You are not signed up' : 'You are not signed in'}</h1>
    <p>The check ended, and the receipt does not say that ${up ? 'a person was there' : 'it was you'}. This is how it stays until a new check says otherwise.</p>
    <div data-part="why"></div>
    <p class="actions"><a class="button" href="/${kind}">Start again</a><a class="button plain" href="/">Home</a></p>
  </div>
</section>`,
  })
}

/** The first page. */
import { html } from './html.ts'
import { layout } from './layout.ts'

export function landingPage(name: string | undefined): string {
  return layout({
    title: 'Sign in with your face',
    name,
    body: html`<section class="hero">
  <h1>Sign in by being there.</h1>
  <p class="lead">No password. Your camera, a turn of the head, and a signed receipt that this site checks by itself.</p>
  <p class="actions"><a class="button" href="/sign-up">Create an account</a><a class="button plain" href="/sign-in">Sign in</a></p>
</section>
<ol class="cards">
  <li><h2>Present</h2><p>Ipse asks for movements nobody could have recorded beforehand, one at a time.</p></li>
  <li><h2>The same</h2><p>The face is compared with the template from your sign-up, on this machine, without a cloud.</p></li>
  <li><h2>Proven</h2><p>The result is a signed receipt. This site's backend verifies it offline before you are in.</p></li>
</ol>`,
  })
}

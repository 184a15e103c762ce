/** The frame of every page. */
import { type Html, html } from './html.ts'

export interface PageInput {
  readonly title: string
  /** Name of the person who is signed in. */
  readonly name?: string | undefined
  readonly body: Html
}

export function layout({ title, name, body }: PageInput): string {
  const nav = name
    ? html`<a href="/account">${name}</a>`
    : html`<a href="/sign-in">Sign in</a><a class="strong" href="/sign-up">Sign up</a>`
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · Harbour</title>
<link rel="icon" href="/site/icon.svg">
<link rel="stylesheet" href="/site/site.css">
<link rel="stylesheet" href="/site/account.css">
<script type="module" src="/site/page.js"></script>
</head>
<body>
<header class="top"><a class="brand" href="/"><img src="/site/icon.svg" alt="" width="28" height="28">Harbour</a><nav>${nav}</nav></header>
<main>${body}</main>
<footer>Harbour is the example relying party of Ipse. It keeps names; Ipse keeps templates; neither keeps pictures.</footer>
</body>
</html>`.text
}

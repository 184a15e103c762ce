/** Importing this registers `<ipse-check>`. The built module is this file. */
import { IpseCheck } from './element.ts'

if (!customElements.get('ipse-check')) customElements.define('ipse-check', IpseCheck)

export * from './index.ts'

/** The one script of the site's pages: finds out which page it is on. */
import { runAccount } from './account.ts'
import { runCheck } from './check.ts'

const check = document.querySelector<HTMLElement>('[data-check]')
if (check) runCheck(check)
const account = document.querySelector<HTMLElement>('[data-account]')
if (account) runAccount(account)

/** The account page's buttons. */
import { post, tell } from './api.ts'

export function runAccount(root: HTMLElement): void {
  const dialog = root.querySelector('dialog')!
  const problem = root.querySelector<HTMLElement>('.problem')
  const leave = async (path: string, to: string) => {
    try {
      await post(path, {})
      location.assign(to)
    } catch (error) {
      dialog.close()
      tell(problem, error)
    }
  }
  const actions: Readonly<Record<string, () => void>> = {
    'sign-out': () => leave('/api/sign-out', '/'),
    delete: () => dialog.showModal(),
    erase: () => leave('/api/delete', '/deleted'),
    keep: () => dialog.close(),
  }
  root.addEventListener('click', (event) => {
    const action = (event.target as Element).closest<HTMLElement>('[data-action]')?.dataset.action
    if (action !== undefined) actions[action]?.()
  })
}

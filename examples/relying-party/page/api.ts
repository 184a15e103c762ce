/** Calls to the site's own backend. */

/** @throws Error with the backend's sentence */
export async function post<T>(path: string, body: object): Promise<T> {
  const response = await fetch(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  const answer = (await response.json()) as T & { message?: string }
  if (!response.ok) throw new Error(answer.message ?? 'Something went wrong.')
  return answer
}

export function show(element: HTMLElement | null, visible: boolean): void {
  if (element) element.hidden = !visible
}

/** Says what went wrong, in an alert region that screen readers read. */
export function tell(element: HTMLElement | null, error: unknown): void {
  if (!element) return
  element.textContent = error instanceof Error ? error.message : ''
  element.hidden = error === undefined
}

/** Starts another program of the bench in a process of its own and talks to it over IPC. */
import { fork } from 'node:child_process'
import { once } from 'node:events'

export interface Child<Ready> extends AsyncDisposable {
  readonly ready: Ready
  /** Sends a message and waits for the next one. */
  ask<Answer>(message: unknown): Promise<Answer>
}

/** @throws Error when the child ends before it has said that it is ready */
export async function startChild<Ready>(path: string): Promise<Child<Ready>> {
  const child = fork(path, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  const ended = once(child, 'exit')
  const next = async () => {
    const [message] = await Promise.race([
      once(child, 'message'),
      ended.then(() => Promise.reject(new Error(`${path} ended`))),
    ])
    return message as unknown
  }
  const ready = (await next()) as Ready
  return {
    ready,
    async ask<Answer>(message: unknown) {
      const answer = next()
      child.send(message as string)
      return (await answer) as Answer
    },
    async [Symbol.asyncDispose]() {
      if (child.connected) child.disconnect()
      await ended
    },
  }
}

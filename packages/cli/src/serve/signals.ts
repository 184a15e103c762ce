/** Waits for the end that a person or a supervisor asks for. Repeated signals do not interrupt a stop under way. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

export function untilStopped(): Promise<(typeof SIGNALS)[number]> {
  return new Promise((resolve) => {
    for (const signal of SIGNALS) process.on(signal, () => resolve(signal))
  })
}

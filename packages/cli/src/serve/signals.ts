/** Waits for the end that a person or a supervisor asks for. Repeated signals do not interrupt a stop under way. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
type Signal = (typeof SIGNALS)[number]

/** @param onHangUp what SIGHUP does instead, as services with files to read again do */
export function untilStopped(onHangUp?: () => void): Promise<Signal> {
  return new Promise((resolve) => {
    for (const signal of SIGNALS)
      process.on(signal, signal === 'SIGHUP' && onHangUp ? onHangUp : () => resolve(signal))
  })
}

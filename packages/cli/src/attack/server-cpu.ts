/** CPU that the service has used so far, from its own metrics. */

/** Seconds; undefined where the metrics may not be read. */
export async function serverCpuSeconds(url: string): Promise<number | undefined> {
  try {
    const response = await fetch(new URL('/metrics', url))
    if (!response.ok) return undefined
    const line = /^ipse_process_cpu_seconds_total (\S+)/m.exec(await response.text())
    const seconds = Number(line?.[1])
    return Number.isFinite(seconds) ? seconds : undefined
  } catch {
    return undefined
  }
}

/** The part of autocannon 9 that the bench uses; the package brings no types. */
declare module 'autocannon' {
  interface Options {
    readonly url: string
    readonly method: 'GET' | 'POST'
    readonly headers?: Record<string, string>
    readonly body?: string
    /** Seconds; or so many requests. */
    readonly duration?: number
    readonly amount?: number
    readonly connections: number
  }
  interface Result {
    /** `average` a second, `total` of those that were answered. */
    readonly requests: { readonly average: number; readonly total: number }
    readonly non2xx: number
    readonly errors: number
  }
  export default function autocannon(options: Options): Promise<Result>
}

/** Whether the service may be reached from other machines the way it is set up: never over plain HTTP. */
import type { Settings } from '@ipse/server'

/** 127.0.0.0/8, ::1 and the name for them. */
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1|\[::1\])$/

export function isLoopback(host: string): boolean {
  return LOOPBACK.test(host)
}

/** What is wrong with address and proxy settings together, and what to do; undefined when nothing is. */
export function exposureProblem({ server }: Settings): { detail: string; advice: string } | undefined {
  const { host, publicUrl, trustedProxies } = server
  const { protocol, hostname } = new URL(publicUrl)
  if (protocol !== 'https:' && !isLoopback(hostname))
    return {
      detail: `server.publicUrl is ${publicUrl}: browsers give no camera to plain HTTP, and tokens would travel in the clear`,
      advice: 'Put a proxy with TLS in front and set server.publicUrl to its https:// address.',
    }
  if (isLoopback(host) || (protocol === 'https:' && trustedProxies.length > 0)) return undefined
  return {
    detail: `server.host is ${host}: other machines would reach Ipse over plain HTTP`,
    advice:
      'Put a proxy with TLS in front, set server.publicUrl to its https:// address and server.trustedProxies to the proxy, or stay on 127.0.0.1.',
  }
}

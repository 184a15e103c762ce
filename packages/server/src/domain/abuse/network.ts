/** The network that an address belongs to, as far as one abuser is likely to hold it: /24 of IPv4, /56 of IPv6. */
import { isIPv4, isIPv6, SocketAddress } from 'node:net'

/**
 * @returns undefined for loopback, which is this machine or an undeclared proxy on it, and for what is no address:
 * neither tells one abuser from another
 */
export function networkOf(address: string): string | undefined {
  const bare = address.split('%', 1)[0] ?? ''
  if (isIPv4(bare))
    return bare.startsWith('127.') ? undefined : `${bare.split('.').slice(0, 3).join('.')}.0/24`
  if (!isIPv6(bare)) return undefined
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(canonical(bare))?.[1]
  if (mapped !== undefined) return networkOf(mapped)
  const groups = expand(canonical(bare))
  if (groups.join(':') === '0:0:0:0:0:0:0:1') return undefined
  const [a, b, c, d = '0'] = groups
  return `${a}:${b}:${c}:${(Number.parseInt(d, 16) & 0xff00).toString(16)}::/56`
}

function canonical(address: string): string {
  return new SocketAddress({ address, family: 'ipv6' }).address
}

/** Eight groups of a canonical address. */
function expand(address: string): string[] {
  const [head = '', tail] = address.split('::')
  const groups = (part: string) => (part === '' ? [] : part.split(':'))
  if (tail === undefined) return groups(head)
  const [left, right] = [groups(head), groups(tail)]
  return [...left, ...Array<string>(8 - left.length - right.length).fill('0'), ...right]
}

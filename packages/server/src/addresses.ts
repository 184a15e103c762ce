/** Network addresses: which are this machine itself, and which are on a list of addresses and CIDR ranges. */
import { BlockList, isIP } from 'node:net'

/** 127.0.0.0/8, ::1 and the name for them. */
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1|\[::1\])$/

export function isLoopback(host: string): boolean {
  return LOOPBACK.test(withoutMapping(host))
}

/** IPv4 as a socket that also hears IPv6 writes it: `::ffff:10.0.0.5`. */
function withoutMapping(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '')
}

export type AddressList = (address: string) => boolean

/** @throws TypeError naming what is neither an address nor a CIDR range */
export function parseAddressList(texts: readonly string[]): AddressList {
  const list = new BlockList()
  for (const text of texts) {
    const [address = '', prefix, ...rest] = text.split('/')
    const family = familyOf(address)
    const most = family === 'ipv6' ? 128 : 32
    const bits = prefix === undefined ? most : /^\d{1,3}$/.test(prefix) ? Number(prefix) : Number.NaN
    // A zone (`fe80::1%eth0`) would be dropped, and the list be wider than it says.
    if (family === undefined || address.includes('%') || rest.length > 0 || !(bits <= most))
      throw new TypeError(`${text} is no address or CIDR range`)
    list.addSubnet(address, bits, family)
  }
  return (address) => {
    const plain = withoutMapping(address)
    const family = familyOf(plain)
    return family !== undefined && list.check(plain, family)
  }
}

function familyOf(address: string): 'ipv4' | 'ipv6' | undefined {
  return ({ 4: 'ipv4', 6: 'ipv6' } as const)[isIP(address) as 4 | 6]
}

/** The certificate chain of an App Attest key: leaf, intermediate, and one of the roots that were injected. */
import { X509Certificate } from 'node:crypto'
import { demand, orRefuse } from './refusals.ts'

/**
 * The verified leaf. Two certificates exactly: the length of the path is fixed, so nothing can be put in between.
 * @param now milliseconds since the epoch
 */
export async function verifiedLeaf(
  x5c: unknown,
  roots: readonly X509Certificate[],
  now: number,
): Promise<X509Certificate> {
  const [leaf, intermediate] = await orRefuse('certificate_malformed', () => {
    demand(Array.isArray(x5c) && x5c.length === 2, 'certificate_malformed')
    return x5c.map(parse) as [X509Certificate, X509Certificate]
  })
  const root = roots.find((candidate) => isIssuedBy(intermediate, candidate))
  demand(root !== undefined, 'root_unknown')
  demand(intermediate.ca, 'issuer_not_ca')
  demand(isIssuedBy(leaf, intermediate), 'chain_broken')
  demand(!leaf.ca, 'leaf_is_ca')
  for (const certificate of [leaf, intermediate, root]) {
    demand(certificate.validFromDate.getTime() <= now, 'certificate_early')
    demand(now <= certificate.validToDate.getTime(), 'certificate_expired')
  }
  return leaf
}

/** DER and nothing behind it: what Node reads back is what came. */
function parse(value: unknown): X509Certificate {
  if (!(value instanceof Uint8Array)) throw new TypeError('not bytes')
  const certificate = new X509Certificate(value)
  if (!certificate.raw.equals(value)) throw new TypeError('not one certificate')
  return certificate
}

function isIssuedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey)
}

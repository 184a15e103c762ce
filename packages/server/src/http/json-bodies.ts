/**
 * Bodies in JSON, refused where a member comes twice or is named like what every object inherits. Fastify's own parser looks
 * for such names in the text, letter by letter: of an image of 10 MB that takes longer than everything else.
 */
import { IpseError } from '@ipse/protocol'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { hasTwinMembers, objectsOf } from '../strict-json.ts'
import { parseAroundLongStrings } from './long-strings.ts'

/** Whoever copies one of these without care changes a prototype. No schema of ours has a member of that name. */
const INHERITED = ['__proto__', 'constructor']

export function addJsonBodies(app: FastifyInstance): void {
  app.removeContentTypeParser(['application/json', 'text/plain'])
  app.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer' },
    async (_request: FastifyRequest, body: Buffer) => {
      const text = body.toString()
      release(body)
      const value = parse(text)
      if (hasTwinMembers(text, value)) throw refusal('a member of an object comes twice')
      for (const object of objectsOf(value))
        for (const name of INHERITED)
          if (Object.hasOwn(object, name)) throw refusal(`a member may not be named ${name}`)
      return value
    },
  )
}

/** Memory outside the heap is given back at once: some 80 MB of it that wait have the collector mark everything anew. */
function release({ buffer, byteLength }: Buffer): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0)
}

function parse(text: string): unknown {
  try {
    return parseAroundLongStrings(text)
  } catch (cause) {
    throw refusal('the body is not JSON', cause)
  }
}

function refusal(detail: string, cause?: unknown): IpseError {
  return new IpseError('invalid_request', detail, { cause })
}

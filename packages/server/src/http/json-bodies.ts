/** Bodies in JSON: Fastify’s own parser, and behind it the look for members that come twice. */
import { IpseError } from '@ipse/protocol'
import type { FastifyInstance } from 'fastify'
import { hasTwinMembers } from '../strict-json.ts'

export function addJsonBodies(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error')
  app.removeContentTypeParser(['application/json', 'text/plain'])
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    const text = String(body)
    parse(request, text, (error, value) => {
      if (error) done(error)
      else if (hasTwinMembers(text, value))
        done(new IpseError('invalid_request', 'a member of an object comes twice'))
      else done(null, value)
    })
  })
}

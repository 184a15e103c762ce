/** Answers to what never reaches a route: addresses that cannot be decoded, and bytes that are not HTTP. */
import { STATUS_CODES } from 'node:http'
import { IpseError } from '@ipse/protocol'
import type { FastifyReply, FastifyServerOptions } from 'fastify'
import { securityHeaders } from './headers.ts'
import { PROBLEM_TYPE, problemOf, toIpseError } from './problems.ts'

/** What the parser of Node names; everything else is not well formed. */
const STATUS: Readonly<Record<string, number>> = { HPE_HEADER_OVERFLOW: 431, ERR_HTTP_REQUEST_TIMEOUT: 408 }

export function unrouted(
  publicUrl: string,
): Required<Pick<FastifyServerOptions, 'frameworkErrors' | 'clientErrorHandler'>> {
  const headers = securityHeaders(publicUrl)
  return {
    frameworkErrors(error, request, reply) {
      const problem = problemOf(toIpseError(error), request.id)
      // An answer of no route, whose type nobody knows.
      const plain = reply as unknown as FastifyReply
      plain.headers(headers).header('x-request-id', request.id)
      plain.code(problem.status).type(PROBLEM_TYPE).send(problem)
    },
    clientErrorHandler({ code }, socket) {
      if (code === 'ECONNRESET' || socket.destroyed) return
      const status = STATUS[code] ?? 400
      const { requestId: _, ...problem } = problemOf(new IpseError('invalid_request'), '')
      const body = JSON.stringify({ ...problem, status })
      const lines = Object.entries({
        ...headers,
        'content-type': PROBLEM_TYPE,
        'content-length': Buffer.byteLength(body),
        connection: 'close',
      }).map(([name, value]) => `${name}: ${value}\r\n`)
      if (socket.writable)
        socket.write(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n${body}`)
      socket.destroySoon()
    },
  }
}

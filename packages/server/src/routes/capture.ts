/** `/c/v1/capture`: the WebSocket door. Everything after the handshake is capture/conversation.ts. */
import { CAPTURE_PATH, CLOSE_REFUSED, IpseError } from '@ipse/protocol'
import type { FastifyInstance } from 'fastify'
import { createChannel } from '../capture/channel.ts'
import type { CaptureContext } from '../capture/context.ts'
import { converse } from '../capture/conversation.ts'
import { RECORD_OVERHEAD_BYTES } from '../capture/record-reader.ts'
import { loggable } from '../http/problems.ts'

/** Largest message of a capture device, bytes. */
export function maxMessageBytes(maxFrameBytes: number): number {
  return maxFrameBytes + RECORD_OVERHEAD_BYTES
}

export function addCaptureRoute(app: FastifyInstance, context: CaptureContext): void {
  const { inFlight, maxFrameBytes } = context.settings.capture
  /** What is under way is ended in the store before the service is: another node goes on with the session. */
  const underWay = new Set<Promise<void>>()
  app.addHook('onClose', async () => void (await Promise.all(underWay)))
  const limits = { inFlight, maxBinaryBytes: maxMessageBytes(maxFrameBytes) }
  app.route({
    method: 'GET',
    url: CAPTURE_PATH,
    schema: { hide: true },
    handler: () => {
      throw new IpseError('invalid_request', 'this address takes WebSocket connections only')
    },
    wsHandler: (socket, request) => {
      const channel = createChannel(socket, limits, context.clock)
      const visitor = { origin: request.headers.origin, address: request.ip }
      const conversation = converse(channel, context, visitor)
        .catch((error: unknown) => {
          request.log.error({ error: loggable(error) }, 'capture failed')
          socket.close(CLOSE_REFUSED)
        })
        .finally(() => underWay.delete(conversation))
      underWay.add(conversation)
    },
  })
}

/** What the routes work with, and the app as they see it. */
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type {
  FastifyBaseLogger,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify'
import type { CaptureContext } from '../capture/context.ts'
import type { Guard } from '../http/auth.ts'
import type { Element } from '../http/element.ts'

export interface RouteContext extends Omit<CaptureContext, 'live' | 'report'> {
  readonly guard: Guard
  readonly element: Element
}

export type App = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>

/** Bodies with images: two of 10 MB in base64, and what surrounds them. */
export const IMAGE_BODY_BYTES = 28_000_000

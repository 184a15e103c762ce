/** `/v1/comparisons`: one photograph against another, or against an enrolled subject. A non-match is a result. */
import { type ComparisonInput, type ComparisonResult, IpseError } from '@ipse/protocol'
import { openReferences } from '../capture/reference-templates.ts'
import { resolveThreshold } from '../domain/policies/index.ts'
import { callerOf } from '../http/caller.ts'
import { asBare, comparedWith, type ProtectedTemplate } from '../vault/protected.ts'
import { type App, IMAGE_BODY_BYTES, type RouteContext } from './context.ts'
import { measureImage, referenceTemplate } from './images.ts'
import { answers, ComparisonResultSchema, CreateComparisonSchema } from './schemas.ts'

export function addComparisonRoutes(app: App, context: RouteContext): void {
  const { guard, queue, engine, store, auditor } = context
  app.post(
    '/v1/comparisons',
    {
      onRequest: guard('face:verify'),
      bodyLimit: IMAGE_BODY_BYTES,
      schema: {
        summary: 'Compare two faces',
        body: CreateComparisonSchema,
        response: answers(200, ComparisonResultSchema),
      },
    },
    async (request): Promise<ComparisonResult> => {
      const { probe, reference, fmr } = request.body
      const caller = callerOf(request)
      const lowest = Math.min(...engine.operatingPoints.map((point) => point.fmr))
      if (fmr !== undefined && fmr < lowest)
        throw new IpseError(
          'invalid_request',
          `the model was measured down to a false match rate of ${lowest}`,
        )
      const point =
        fmr === undefined ? engine.defaultOperatingPoint : resolveThreshold(fmr, engine.operatingPoints)
      const references = await referencesOf(context, caller.tenant, reference)
      const { template } = await measureImage(queue, probe.image, true)
      if (!template) throw new IpseError('image_unreadable', 'the probe shows no face')
      const best = references
        .map((candidate) => comparedWith(candidate, template, engine.compare.bind(engine)))
        .reduce((a, b) => (b.score > a.score ? b : a))
      const decision = best.score >= point.threshold ? 'match' : 'non-match'
      await store.appendAudit(
        auditor.entry('comparison.made', caller.tenant, {
          ...('subject' in reference ? { subject: reference.subject } : {}),
          decision: decision === 'match' ? 'accept' : 'reject',
          matchScore: best.score,
          requestId: request.id,
          actor: caller.id,
        }),
      )
      return {
        decision,
        score: best.score,
        similarity: best.similarity,
        threshold: point.threshold,
        fmr: point.fmr,
        dataset: engine.operatingPoints.find(({ fmr }) => fmr === point.fmr)?.dataset ?? '',
        model: engine.templateModelId,
      }
    },
  )
}

/** At least one template. @throws IpseError `reference_not_found`, `reference_unusable`, `image_unreadable` */
async function referencesOf(
  { queue, store, vault, engine }: RouteContext,
  tenant: string,
  input: ComparisonInput,
): Promise<ProtectedTemplate[]> {
  if ('image' in input) return [asBare(await referenceTemplate(queue, input.image))]
  const { subject } = input
  const usable = (await store.listReferences(tenant, subject)).filter(
    ({ model }) => model === engine.templateModelId,
  )
  const opened = await openReferences(vault, usable)
  if (opened.length === 0) throw new IpseError('reference_not_found')
  return opened
}

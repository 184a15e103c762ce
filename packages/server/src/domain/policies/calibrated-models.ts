/** A calibrated threshold belongs to the networks that it was measured with (principle 5). */
import { IpseError, type Policy } from '@ipse/protocol'

/**
 * @param models those of the engine that will measure
 * @throws IpseError `policy_invalid` when a policy was calibrated with another network
 */
export function checkCalibratedModels(
  policies: Readonly<Record<string, Policy>>,
  models: readonly { readonly id: string; readonly sha256: string }[],
): void {
  for (const { name, calibration = [] } of Object.values(policies))
    for (const [i, entry] of calibration.entries())
      for (const [id, sha256] of Object.entries(entry.models))
        if (models.find((model) => model.id === id)?.sha256 !== sha256)
          throw new IpseError(
            'policy_invalid',
            `policy ${name}: calibration[${i}].models.${id} is not the network that is loaded: calibrate again`,
          )
}

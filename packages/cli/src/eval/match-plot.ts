/** The DET plot of `ipse eval match`. */
import { type DetMarker, detPlot, percent } from './det-plot.ts'
import type { AtPoint, MatchReport } from './match-report.ts'

function markerOf({ fmr, fnmr, claimed, default: isDefault }: AtPoint): DetMarker {
  return {
    x: fmr.value,
    y: fnmr.value,
    kind: isDefault ? 'default' : 'point',
    title: `operating point FMR ${claimed}: measured FMR ${percent(fmr.value)}, FNMR ${percent(fnmr.value)}`,
  }
}

/** @param title a line above the plot; may be anybody's text */
export function matchPlot(report: MatchReport, title: string): string {
  const { mated, nonMated, eer, curve, operatingPoints, auc } = report
  return detPlot({
    title,
    summary: `${mated} mated, ${nonMated} non-mated · EER ${percent(eer)} · AUC ${auc.toFixed(4)}`,
    key: 'red: operating points, filled: default',
    axes: { x: 'False match rate, %', y: 'False non-match rate, %' },
    curves: [{ label: 'comparison', points: curve }],
    markers: [
      ...operatingPoints.map(markerOf),
      { x: eer, y: eer, kind: 'eer', title: `EER ${percent(eer)}` },
    ],
    resolution: {
      rate: 1 / nonMated,
      title: `fewer than one false match in ${nonMated} comparisons`,
    },
  })
}

/** The DET plot of `ipse eval pad`: one curve for every PAI species. */
import { detPlot, percent } from './det-plot.ts'
import type { PadReport } from './pad-report.ts'

/** @param title a line above the plot; may be anybody's text */
export function padPlot({ species, bonaFide, worst, curves }: PadReport, title: string): string {
  const most = Math.max(...species.map(({ responses }) => responses))
  return detPlot({
    title,
    summary: `${bonaFide.n} bona fide · worst species ${worst?.name ?? 'none'}: APCER ${percent(worst?.apcer ?? Number.NaN)}`,
    key: 'red: the threshold in use',
    axes: { x: 'APCER, %', y: 'BPCER, %' },
    curves: curves.map(({ name, points }) => ({ label: name, points })),
    markers: species.map(({ name, apcer }) => ({
      x: apcer,
      y: bonaFide.bpcer,
      kind: name === worst?.name ? ('default' as const) : ('point' as const),
      title: `${name}: APCER ${percent(apcer)}, BPCER ${percent(bonaFide.bpcer)}`,
    })),
    resolution: { rate: 1 / most, title: `fewer than one accepted attack in ${most}` },
  })
}

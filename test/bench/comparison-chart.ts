/** The comparison as an SVG chart: the rate of each contender, as a multiple of what it is compared with. */
import { init } from 'echarts';
import type { ComparedMode } from './comparison-rows';
import { shown, type Summary } from './summary';

const WIDTH = 880;
const BAR_HEIGHT = 22;
const NAMES_WIDTH = 290;
const TEXT_COLOUR = '#57606a';
const BASE_COLOUR = '#9aa3ad';
const OUR_COLOURS = ['#2f6fbf', '#86b1e3'];

interface Bar {
  readonly name: string;
  readonly colour: string;
  readonly ratio: Summary;
  readonly text: string;
}

/** The one that is compared with is drawn once, if several modes in a row have the same. */
function barsOf(modes: readonly ComparedMode[]): Bar[] {
  return modes.flatMap(({ title, base, others }, index) => {
    const perSecond = (each: typeof base) => `${shown(each.perSecond.median)}/s`;
    const isRepeated = index > 0 && modes[index - 1]?.base.label === base.label && base.label !== 'bare loop';
    const name = base.label === 'bare loop' ? `${title}: ${base.label}` : base.label;
    const ratio = { median: 1, low: 1, high: 1 };
    const bars = isRepeated ? [] : [{ name, colour: BASE_COLOUR, ratio, text: perSecond(base) }];
    const ours = others.map((each, other) => {
      const ownName = base.label === 'bare loop' ? each.label : title.replace('Node-RED, ', 'toggle node, ');
      const text = `${perSecond(each)}, × ${shown(each.rateRatio.median)}`;
      return { name: ownName, colour: OUR_COLOURS[other] ?? BASE_COLOUR, ratio: each.rateRatio, text };
    });
    return [...bars, ...ours];
  });
}

/** A panel with its own scale; the lines show the lowest and highest round, the texts on the right the medians. */
function panel(index: number, title: string, top: number, bars: readonly Bar[]) {
  const colour = { color: TEXT_COLOUR };
  const labels = {
    gridIndex: index,
    type: 'category' as const,
    inverse: true,
    axisLabel: colour,
    axisTick: { show: false },
  };
  const at = { xAxisIndex: index, yAxisIndex: 2 * index };
  return {
    title: { text: title, left: 8, top: top - 34, textStyle: { fontSize: 14, ...colour } },
    grid: { left: NAMES_WIDTH, right: 150, top, height: bars.length * BAR_HEIGHT },
    xAxis: {
      gridIndex: index,
      type: 'value' as const,
      min: 0,
      axisLabel: colour,
      splitLine: { lineStyle: { color: '#d0d7de' } },
    },
    yAxis: [
      { ...labels, data: bars.map(({ name }) => name) },
      { ...labels, data: bars.map(({ text }) => text), position: 'right' as const, axisLine: { show: false } },
    ],
    series: [
      {
        ...at,
        type: 'bar' as const,
        barWidth: '62%',
        data: bars.map(({ ratio, colour: color }) => ({ value: ratio.median, itemStyle: { color } })),
      },
      ...bars.map(({ ratio: { low, high } }, row) => ({
        ...at,
        type: 'line' as const,
        symbol: 'none',
        lineStyle: { color: '#1f2328', width: 2 },
        data: low < high ? [low, high].map((ratio) => [ratio, row]) : [],
      })),
    ],
  };
}

export function comparisonChart(modes: readonly ComparedMode[], caption: string): string {
  const isInNodeRed = ({ title }: ComparedMode) => title.startsWith('Node-RED');
  const core = barsOf(modes.filter((mode) => !isInNodeRed(mode)));
  const nodeRed = barsOf(modes.filter((mode) => isInNodeRed(mode)));
  const nodeRedTop = 50 + core.length * BAR_HEIGHT + 80;
  const height = nodeRedTop + nodeRed.length * BAR_HEIGHT + 60;
  const panels = [
    panel(0, 'Toggles per second, as a multiple of a bare node:net loop', 50, core),
    panel(1, 'In Node-RED, as a multiple of a function node and tcp request', nodeRedTop, nodeRed),
  ];
  const small = { fontSize: 11, color: TEXT_COLOUR, fontWeight: 400 as const };
  const chart = init(null, null, { renderer: 'svg', ssr: true, width: WIDTH, height });
  chart.setOption({
    animation: false,
    backgroundColor: '#ffffff',
    title: [...panels.map(({ title }) => title), { text: caption, left: 8, top: height - 22, textStyle: small }],
    grid: panels.map(({ grid }) => grid),
    xAxis: panels.map(({ xAxis }) => xAxis),
    yAxis: panels.flatMap(({ yAxis }) => yAxis),
    series: panels.flatMap(({ series }) => series),
  });
  const svg = chart.renderToSVGString();
  // It would keep the process alive.
  chart.dispose();
  return `${compact(svg)}\n`;
}

const FONT = 'font-size:12px;font-family:sans-serif;';

/** Without what only a page with the library needs: the chart is part of the package. */
function compact(svg: string): string {
  return svg
    .replaceAll(/<style[^]*?<\/style>|<defs[^]*?<\/defs>|<\/?g[^>]*>/g, '')
    .replaceAll(/ (class|pointer-events|xmlns:xlink|xml:space|ecmeta_\w+|baseProfile|version)="[^"]*"/g, '')
    .replaceAll(` style="${FONT}"`, '')
    .replaceAll(/><\/(path|rect)>/g, '/>')
    .replaceAll(/\n+/g, '\n')
    .replace('<svg', `<svg style="${FONT}"`)
    .trim();
}

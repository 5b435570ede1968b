export { formatBytes } from './format.ts';
export { type LinePlot, linePlot, type LinePoint } from './line-plot.ts';
export { legend as seriesLegend } from './marks.ts';
export { escapeText, html, type Markup, nothing } from './markup.ts';
export { style as reportStyle } from './style.ts';
export { writeReport, type BenchRow } from './write-report.ts';
export { type Column, table } from './tables.ts';

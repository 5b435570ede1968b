export { formatBytes } from './format.ts';
export { escapeText, html, type Markup, nothing } from './markup.ts';
export { style as reportStyle } from './style.ts';
export { writeReport, type BenchRow } from './write-report.ts';
export { type Column, table } from './tables.ts';

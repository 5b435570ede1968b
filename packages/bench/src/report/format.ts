/** About three digits, no exponent where it can be helped: `0.0123`, `1.23`, `123`, `12,300`. */
export function figure(value: number): string {
  if (value === 0) return '0';
  const magnitude = Math.abs(value);
  if (magnitude < 1e-3 || magnitude >= 1e7) return value.toExponential(1);
  if (magnitude >= 1000) return Math.round(value).toLocaleString('en-US');
  return value
    .toPrecision(3)
    .replace(/(\.\d*?)0+$/, '$1')
    .replace(/\.$/, '');
}

/** Milliseconds with the unit that suits them. */
export function duration(milliseconds: number): string {
  if (milliseconds < 1) return `${figure(milliseconds * 1e3)} µs`;
  return milliseconds < 1000 ? `${figure(milliseconds)} ms` : `${figure(milliseconds / 1e3)} s`;
}

const byteUnits = ['B', 'kB', 'MB', 'GB'] as const;

/** `5.25 MB`, in powers of 1,000. */
export function formatBytes(bytes: number): string {
  const unit = bytes < 1000 ? 0 : Math.min(3, Math.floor(Math.log10(bytes) / 3));
  return unit === 0 ? `${bytes} B` : `${(bytes / 1000 ** unit).toPrecision(3)} ${byteUnits[unit]!}`;
}

export const percent = (value: number): string => `${figure(value)} %`;

/** A value that may be missing. */
export const maybe = <T>(value: T | null, format: (value: T) => string): string =>
  value === null ? '–' : format(value);

/** `variant name=value …` */
export const planText = (plan: Readonly<Record<string, unknown>> | null): string =>
  plan === null
    ? '–'
    : Object.entries(plan)
        .map(([name, value]) => (name === 'variant' ? String(value) : `${name}=${String(value)}`))
        .join(' ');

// What the page says of a run: numbers as the device counted them, and what this adapter had to do without.
import type { Device } from '@tilewright/runtime';
import type { LoadedVariant } from './model-host.ts';

/** 1,234,567 bytes as `1.23 MB`. */
export function bytesText(bytes: number): string {
  const [size, unit] = bytes < 1e6 ? [bytes / 1e3, 'kB'] : [bytes / 1e6, 'MB'];
  return `${size.toFixed(size < 10 ? 2 : size < 100 ? 1 : 0)} ${unit}`;
}

/** `12.3`, with as many digits as mean something. */
export const rateText = (perSecond: number): string => perSecond.toFixed(perSecond < 100 ? 1 : 0);

export const bitsText = (bitsPerWeight: number): string =>
  `${Number(bitsPerWeight.toFixed(2))} bits a weight`;

/** What the browser is willing to say of the adapter: a name at best, else its maker and family. */
export function adapterText({ adapter }: Device): string {
  const { description, vendor, architecture } = adapter;
  const family = [vendor, architecture].filter((word) => word !== '').join(' ');
  const name = description.toLowerCase() === architecture && family !== '' ? family : description;
  return adapter.software ? `${name} (software)` : name;
}

/**
 * What the adapter lacks or does not use, and what runs instead. All kernels compute in f32: `shader-f16` would only
 * spare the unpacking of what is stored in 16 bits.
 */
export function fallbackTexts(device: Device, { model }: LoadedVariant): string[] {
  const { features, software } = device.capabilities;
  const { calls } = model.decode.compiled;
  const withSubgroups = calls.filter(({ program }) => program.requires.includes('subgroups')).length;
  const found = [
    features.has('shader-f16')
      ? 'f16 is here, for storage; the arithmetic is f32.'
      : 'No f16 here: f32. Weights stored in 16 bits are unpacked first.',
    features.has('subgroups')
      ? `Subgroups are here: ${withSubgroups} of ${calls.length} kernel calls use them.`
      : 'No subgroups here: sums go through workgroup memory.',
  ];
  if (software) found.push('No GPU here: the adapter is software, and slow.');
  return found;
}

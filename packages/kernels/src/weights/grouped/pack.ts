// Grouped tensors from their parts.
import { checkHost } from '../check-host.ts';
import { TilewrightError } from '../../contract/errors.ts';
import type { HostTensor } from '../../contract/weight-format.ts';
import { writeCodes } from '../codes.ts';
import { sectionNamed } from '../sections.ts';
import type { GroupedFormat } from './format.ts';
import type { GroupedParts } from './numbers.ts';

/**
 * A tensor of codes and sections.
 *
 * @throws `bad-argument` for parts of the wrong length, sections that are not the format's, and codes of too many bits.
 */
export function packGrouped<Format extends GroupedFormat>(
  subject: string,
  parts: GroupedParts,
  shape: readonly number[],
  format: Format,
): HostTensor & { readonly format: Format } {
  checkHost(subject, { parts, shape, format });
  const { rows, columns, sections, sizeBytes } = format.sections(shape);
  const expect = (what: string, got: number, want: number): void => {
    if (got === want) return;
    throw new TilewrightError('bad-argument', {
      subject,
      problem: `${got} ${what}`,
      requirement: `the shape takes ${want}`,
      fix: `give as many`,
    });
  };
  expect('codes', parts.codes.length, rows * columns);
  const names = sections.slice(1).map(({ name }) => name);
  const strange = Object.keys(parts.sections).find((name) => !names.includes(name));
  if (strange !== undefined)
    throw new TilewrightError('bad-argument', {
      subject,
      problem: `there is a part '${strange}'`,
      requirement: `${format.name} has codes and ${names.join(', ')}`,
      fix: 'leave it out, or take the format that has it',
    });
  const limit = 2 ** format.bits;
  const wide = format.bits === 8 ? -1 : parts.codes.findIndex((code) => code >= limit);
  if (wide >= 0)
    throw new TilewrightError('bad-argument', {
      subject,
      problem: `code ${parts.codes[wide]} at index ${wide}`,
      requirement: `${format.name} holds codes from 0 to ${limit - 1}`,
      fix: 'clamp them, or take a format of more bits',
    });
  const bytes = new Uint8Array(sizeBytes);
  const words = new Uint32Array(bytes.buffer);
  const { rowBytes } = sectionNamed(sections, 'codes');
  const padded = new Uint8Array((8 * rowBytes) / format.bits);
  const zeros = parts.sections['zero points'];
  const lastZero = (row: number): number => zeros![((row + 1) * zeros!.length) / rows - 1]!;
  const byZeroPoints = format.scaling.zero === 'bytes' && format.places === 'rows';
  for (let r = 0; r < rows; r++) {
    padded.fill(format.zeroCode ?? (byZeroPoints ? lastZero(r) : 0), columns);
    padded.set(parts.codes.subarray(r * columns, (r + 1) * columns));
    writeCodes(format.bits, padded, words, (r * rowBytes) / 4);
  }
  for (const { name, offset, sizeBytes: size } of sections.slice(1)) {
    const section = parts.sections[name] ?? new Uint8Array(0);
    expect(`bytes of ${name}`, section.length, size);
    bytes.set(section, offset);
  }
  return { format, shape, bytes };
}

import { checkOptions } from '../../contract/check-options.ts';
import type { Quantizer, TensorQuantizer } from '../../contract/quantizer.ts';
import { e4m3ToF32 } from '../../numbers/float8.ts';
import { codeBytes } from '../code-bytes.ts';
import { nearestIn } from '../grouped/nearest-code.ts';
import { e2m1Numbers } from '../../numbers/e2m1-numbers.ts';
import { nvfp4, type Nvfp4Parameters } from './format.ts';
import { packNvfp4 } from './pack.ts';

/** The scale of 16 columns: as it is stored, and with the outer one. */
export interface Nvfp4Grid {
  /** e4m3. */
  readonly stored: number;
  readonly scale: number;
}

/** Scales from 0 to 448. */
const scaleNumbers: readonly number[] = /* @__PURE__ */ Array.from({ length: 127 }, (_, code) =>
  e4m3ToF32(code),
);
const largestProduct = 6 * 448;
const { fround } = Math;

/**
 * Rounds to NVFP4. The outer scale puts the largest magnitude of the tensor at 6 · 448; each 16 columns have the scale, in e4m3, that
 * puts theirs at 6. `divides` as the format has it, default true: what compressed-tensors stores. Throws `bad-argument` for other
 * options.
 */
export function nvfp4Quantizer(options: Nvfp4Parameters = {}): TensorQuantizer<Nvfp4Grid> {
  checkOptions('nvfp4Quantizer', options, ['divides']);
  const { divides = true } = options;
  const format = nvfp4({ divides });
  const shared = { name: 'nvfp4', format, limit: 2 ** 120 };
  const nearestScale = nearestIn(scaleNumbers);
  const nearestNumber = nearestIn(e2m1Numbers);
  const withOuter = (outer: number): Quantizer<Nvfp4Grid> => ({
    ...shared,
    span: 16,
    lanes: 1,
    fit: (values, start, count) => {
      let largest = 0;
      for (let i = start; i < start + count; i++) largest = Math.max(largest, Math.abs(values[i]!));
      const wanted = largest / 6;
      const stored = nearestScale(divides ? wanted * outer : wanted / outer);
      const scale = scaleNumbers[stored]!;
      return { stored, scale: fround(divides ? scale / outer : scale * outer) };
    },
    nearest: ({ scale }, values, at) => (scale === 0 ? 0 : nearestNumber(values[at]! / scale)),
    value: ({ scale }, code) => e2m1Numbers[code]! * scale,
    zero: () => 0,
    pack: (codes, grids, shape) =>
      packNvfp4(
        {
          codes: codeBytes(codes),
          scales: Uint8Array.from(grids, ({ stored }) => stored),
          outers: new Float32Array(shape[0]!).fill(outer),
        },
        shape,
        format,
      ),
  });
  return Object.freeze({
    ...shared,
    forTensor: (runs) => {
      let largest = 0;
      for (const run of runs)
        for (let i = 0; i < run.length; i++) largest = Math.max(largest, Math.abs(run[i]!));
      // The smallest normal number keeps the quotient finite.
      const outer = Math.max(2 ** -126, fround(largest === 0 ? 1 : largest / largestProduct));
      return withOuter(divides ? fround(1 / outer) : outer);
    },
  } satisfies TensorQuantizer<Nvfp4Grid>);
}

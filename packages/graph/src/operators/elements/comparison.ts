import type { UniformType } from '@tilewright/kernels';
import type { Pairwise } from '../../extent/pairwise.ts';
import type { Operator } from '../../ir.ts';
import { defineMap } from './define-map.ts';
import { numbers } from './element-types.ts';
import { foldsPairs } from './folds.ts';

/** Makes a comparison of ONNX's: 1 where it holds, else 0; it never holds of NaN. Call sites carry a pure annotation. */
export const defineComparison = ({
  name,
  symbol,
  fold,
}: {
  readonly name: string;
  readonly symbol: '==' | '<' | '<=' | '>' | '>=';
  readonly fold: Pairwise;
}): Operator =>
  defineMap({
    name,
    inputs: ['A', 'B'],
    output: 'C',
    takes: numbers,
    gives: 'u32',
    wgsl: (type) => comparison(type, symbol),
    fold: foldsPairs(fold),
  });

/** WGSL lets compilers assume that nothing is NaN: bits tell. */
const comparison = (type: UniformType, symbol: string): string =>
  type === 'f32'
    ? `let most = max(bitcast<u32>(a) & 0x7fffffffu, bitcast<u32>(b) & 0x7fffffffu);
  return u32((a ${symbol} b) & (most <= 0x7f800000u));`
    : `return u32(a ${symbol} b);`;

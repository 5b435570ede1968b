import { foldPairwise } from '../../extent/fold.ts';
import { isEqual } from '../../extent/pairwise.ts';
import { extentAlgebra } from '../../extent/index.ts';
import type { Operator } from '../../ir.ts';
import { defineMap } from './define-map.ts';

/** ONNX `Not` (opset 1) of booleans: u32, 0 or 1. */
export const not: Operator = /* @__PURE__ */ defineMap({
  name: 'Not',
  // Y = 1 where X is 0, else 0
  inputs: ['X'],
  output: 'Y',
  takes: ['u32'],
  wgsl: () => 'return u32(a == 0u);',
  fold: ({ extents }, [x]) =>
    foldPairwise(extentAlgebra(extents.symbols), isEqual, x!, { shape: [], contents: [0] }),
});

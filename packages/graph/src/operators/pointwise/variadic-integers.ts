import { foldPairwise } from '../../extent/fold.ts';
import { type Pairwise } from '../../extent/pairwise.ts';
import { extentAlgebra, type KnownValue } from '../../extent/index.ts';
import { broadcastShapes } from '../../extent/shapes.ts';
import { knownOf } from '../shape/known.ts';
import { type IntegerMap, parameterOf } from './with-fold.ts';

/** What an operator of any number of inputs makes of integers, two by two; its WGSL function has the name of its output. */
export const variadicIntegers = (output: 'min' | 'max', operation: Pairwise): IntegerMap => ({
  output,
  wgsl: (_, roles) =>
    `return ${roles.map((_, i) => parameterOf(i)).reduce((all, next) => `${output}(${all}, ${next})`)};`,
  elements: (context) => {
    const known = Object.keys(context.inputs).map((role) => knownOf(context, role)!);
    const sizes = extentAlgebra(context.extents.symbols);
    return known.reduce<KnownValue | undefined>((all, next) => {
      if (!all || all === next) return all;
      const contents = foldPairwise(sizes, operation, all, next);
      const joined = broadcastShapes(context.extents, [all.shape, next.shape]);
      return contents && !('contradiction' in joined)
        ? { shape: joined.shape as readonly number[], contents }
        : undefined;
    }, known[0])?.contents;
  },
});

// How operators of elements reckon with integers that are known while a graph is built.
import { foldPairwise } from '../../extent/fold.ts';
import { type Pairwise } from '../../extent/pairwise.ts';
import { type Contents, extentAlgebra, type KnownValue } from '../../extent/index.ts';
import type { InferContext } from '../../ir.ts';

type Fold = (
  context: Pick<InferContext<unknown>, 'extents'>,
  known: readonly KnownValue[],
) => Contents | undefined;

/** What becomes of two known values, element by element. */
export const foldsPairs =
  (operation: Pairwise): Fold =>
  ({ extents }, [a, b]) =>
    foldPairwise(extentAlgebra(extents.symbols), operation, a!, b!);

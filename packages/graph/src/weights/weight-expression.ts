/**
 * How a weight of a graph is made from the tensors of a state dict. Rules that fold and merge build these instead of
 * touching numbers, so that all weight algebra happens once, before calibration and compression.
 */
export type WeightExpression =
  | { readonly kind: 'stored'; readonly name: string }
  | {
      readonly kind: 'concat-rows';
      readonly parts: readonly WeightExpression[];
    }
  /** Row `i` of the result is row `permutation[i]` of the operand. */
  | {
      readonly kind: 'permute-rows';
      readonly permutation: readonly number[];
      readonly of: WeightExpression;
    }
  /** Multiplies column `j` by element `j` of a vector (a norm's gain). Dense weights only. */
  | {
      readonly kind: 'scale-columns';
      readonly by: WeightExpression;
      readonly of: WeightExpression;
    };

export const stored = (name: string): WeightExpression => ({
  kind: 'stored',
  name,
});

/** The names of the tensors an expression reads. */
export function storedNames(expression: WeightExpression): string[] {
  switch (expression.kind) {
    case 'stored':
      return [expression.name];
    case 'concat-rows':
      return expression.parts.flatMap(storedNames);
    case 'permute-rows':
      return storedNames(expression.of);
    case 'scale-columns':
      return [...storedNames(expression.by), ...storedNames(expression.of)];
  }
}

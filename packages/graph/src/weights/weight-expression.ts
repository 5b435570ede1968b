import type { HostTensor, WeightFormat } from '@tilewright/kernels';

/**
 * How a weight of a graph is made from the tensors of a state dict, at load: exact in any format with rows. Rules that merge
 * build these instead of touching numbers.
 */
export type WeightExpression =
  | { readonly kind: 'stored'; readonly name: string }
  | {
      readonly kind: 'concat-rows';
      readonly parts: readonly WeightExpression[];
    }
  /** The bias that one part of a joined one does not have. */
  | { readonly kind: 'zeros'; readonly rows: number }
  /** What is made of a tensor by a function: a gain less one, the logarithm of a rate, rows for columns. */
  | {
      readonly kind: 'made';
      readonly of: WeightExpression;
      readonly make: (tensor: HostTensor) => HostTensor;
      /** Of a gain: the stored number that `make` makes one of. */
      readonly unit?: number;
    }
  /** Row `i` of the result is row `permutation[i]` of the operand. */
  | {
      readonly kind: 'permute-rows';
      readonly permutation: readonly number[];
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
    case 'made':
      return storedNames(expression.of);
    case 'zeros':
      return [];
  }
}

/** Whether the rows of these weights may become one weight. */
export type Joinable = (parts: readonly WeightExpression[]) => boolean;

/** Rows of one weight have one format, and nothing else in common; a weight whose format is not known is like any other that is not. */
export const joinableBy =
  (formats: ReadonlyMap<string, WeightFormat>): Joinable =>
  (parts) => {
    const found = parts.flatMap(storedNames).map((name) => formats.get(name));
    return new Set(found.map((format) => format?.id)).size === 1 && !found[0]?.unjoined;
  };

/** Whether the rows of a weight can be put in another order. */
export type HasRows = (weight: WeightExpression) => boolean;

export const hasRowsBy =
  (formats: ReadonlyMap<string, WeightFormat>): HasRows =>
  (weight) =>
    storedNames(weight).every((name) => !formats.get(name)?.rowless);

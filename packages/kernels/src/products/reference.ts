import type { Oracle, OracleInput, Round } from '../contract/check.ts';
import { rowFactors } from './fillings/row-factors.ts';
import { pairwiseSum } from '../numbers/pairwise-sum.ts';
import type {
  EpilogueReference,
  LoadAReference,
  ObserveAReference,
  SlotArguments,
} from './fillings/slots.ts';

/** What becomes of the activation between `load_a` and the product. */
type Prepare = (a: Float64Array) => Float64Array;

/** epilogue(factor · (a · bᵀ)), each entry a pairwise sum. */
export const linearReference = (input: OracleInput, prepare?: Prepare): ReturnType<Oracle> => {
  const { axes, inputs, slots } = input;
  const { y, factors, rows } = product(input, axes.n!, prepare);
  const scaled = scaleRows(y, factors, axes.n!, input.round);
  const epilogue = slots.epilogue as EpilogueReference;
  return epilogue({ ...slotArguments('epilogue', inputs, input), rows, columns: axes.n!, y: scaled });
};

/** a · bᵀ `[rows, n]` after `load_a`, with the factor of each row that `observe_a` gives. */
export function product(
  input: OracleInput,
  n: number,
  prepare: Prepare = (a) => a,
): { y: Float64Array; factors: Float64Array; rows: number } {
  const { axes, inputs, slots, round } = input;
  const { batch, m, k } = axes as { batch: number; m: number; k: number };
  const rows = batch * m;
  const load = slots.load_a as LoadAReference;
  const loaded = load({ ...slotArguments('load_a', inputs, input), rows, columns: k, a: inputs.a! });
  const observe = slots.observe_a as ObserveAReference;
  const factors = rowFactors(observe, {
    ...slotArguments('observe_a', inputs, input),
    rows,
    columns: k,
    a: inputs.a!,
  });
  return { y: multiply(prepare(loaded), inputs.b!, rows, n, k, round), factors, rows };
}

export const scaleRows = (
  y: Float64Array,
  factors: Float64Array,
  columns: number,
  round: Round,
): Float64Array => y.map((value, i) => round(value * factors[Math.floor(i / columns)]!));

/** The tensors and uniforms of one slot, under the filling's own names. */
export function slotArguments(
  slot: string,
  inputs: OracleInput['inputs'],
  { uniforms, round }: Pick<OracleInput, 'uniforms' | 'round'>,
): Pick<SlotArguments, 'inputs' | 'uniforms' | 'round'> {
  const own = Object.entries(inputs).filter(([name]) => name.startsWith(`${slot}.`));
  return {
    inputs: Object.fromEntries(own.map(([name, values]) => [name.slice(slot.length + 1), values])),
    uniforms,
    round,
  };
}

function multiply(
  a: Float64Array,
  b: Float64Array,
  rows: number,
  n: number,
  k: number,
  round: Round,
): Float64Array {
  const y = new Float64Array(rows * n);
  const terms = new Float64Array(k);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < n; column++) {
      for (let i = 0; i < k; i++) terms[i] = round(a[row * k + i]! * b[column * k + i]!);
      y[row * n + column] = pairwiseSum(terms, round);
    }
  return y;
}

// Recurrent cells in f64, one row, direction and token after the other. For tests.
import type { MeaningContext } from '../meaning.ts';

type Vector = readonly number[];
type Activation = (x: Vector) => Vector;

/** What a cell is made of at a token. */
export interface CellStep {
  /** What enters a gate: of the token, of a state (of the hidden one where none is given), and biases. */
  readonly gate: (index: number, state?: Vector) => Vector;
  /** Of a gate the parts apart: token with its bias, state with its bias. */
  readonly parts: (index: number) => readonly [Vector, Vector];
  readonly peephole: (index: number, memory: Vector) => Vector;
  /** The functions, which bound what they read where the node says so. */
  readonly functions: readonly Activation[];
  readonly attributes: MeaningContext['attributes'];
  readonly hidden: Vector;
  readonly memory: Vector;
}

export interface CellMeaning {
  readonly gates: number;
  /** The functions of a direction where a node names no others, and whether each bounds what it reads. */
  readonly functions: readonly (readonly [fallback: (x: number) => number, bounded: boolean])[];
  readonly step: (step: CellStep) => {
    readonly hidden: Vector;
    readonly memory: Vector;
  };
}

export const plus = (...all: readonly Vector[]): Vector =>
  all[0]!.map((_, i) => all.reduce((sum, each) => sum + each[i]!, 0));
export const times = (a: Vector, b: Vector): Vector => a.map((each, i) => each * b[i]!);
export const rest = (a: Vector): Vector => a.map((each) => 1 - each);

export const logistic = (x: number): number => 1 / (1 + Math.exp(-x));

const functions: Readonly<Record<string, (x: number, alpha: number, beta: number) => number>> = {
  Affine: (x, alpha, beta) => alpha * x + beta,
  Elu: (x, alpha) => (x < 0 ? alpha * Math.expm1(x) : x),
  HardSigmoid: (x, alpha, beta) => Math.max(0, Math.min(1, alpha * x + beta)),
  LeakyRelu: (x, alpha) => (x < 0 ? alpha * x : x),
  Relu: (x) => Math.max(x, 0),
  ScaledTanh: (x, alpha, beta) => alpha * Math.tanh(beta * x),
  Sigmoid: logistic,
  Softplus: (x) => Math.log1p(Math.exp(x)),
  Softsign: (x) => x / (1 + Math.abs(x)),
  Tanh: (x) => Math.tanh(x),
  ThresholdedRelu: (x, alpha) => (x > alpha ? x : 0),
};
const ofAlpha: Readonly<Record<string, number>> = {
  Affine: NaN,
  Elu: 1,
  HardSigmoid: 0.2,
  LeakyRelu: 0.01,
  ScaledTanh: NaN,
  ThresholdedRelu: 1,
};
const ofBeta: Readonly<Record<string, number>> = {
  Affine: NaN,
  HardSigmoid: 0.5,
  ScaledTanh: NaN,
};

/** What ONNX says of a recurrent operator, or of its recurrence behind the product. */
export function recurrentMeaning(
  cell: CellMeaning,
  { attributes, has, value, shape }: MeaningContext,
): {
  readonly Y: Float64Array;
  readonly Y_h: Float64Array;
  readonly Y_c: Float64Array;
} {
  const isBatchFirst = attributes.layout === 1;
  const role = has('X') ? 'X' : 'G';
  const [first, second, width] = shape(role) as [number, number, number];
  const [tokens, batch] = isBatchFirst ? [second, first] : [first, second];
  const directions = attributes.direction === 'bidirectional' ? 2 : 1;
  const hidden = shape('R').at(-1)!;
  const rows = cell.gates * hidden;
  const rowOf = (token: number, row: number): number =>
    isBatchFirst ? row * tokens + token : token * batch + row;
  const numbers = (name: string, from: number, count: number): Vector => [
    ...value(name).subarray(from, from + count),
  ];
  const product = (name: string, from: number, columns: number, x: Vector): Vector =>
    Array.from({ length: hidden }, (_, unit) =>
      numbers(name, (from + unit) * columns, columns).reduce((sum, each, i) => sum + each * x[i]!, 0),
    );
  const zeros: Vector = Array.from({ length: hidden }, () => 0);
  const Y = new Float64Array(tokens * batch * directions * hidden);
  const [Y_h, Y_c] = [
    new Float64Array(batch * directions * hidden),
    new Float64Array(batch * directions * hidden),
  ];
  const alphas = [...((attributes.activation_alpha as Vector | null) ?? [])];
  const betas = [...((attributes.activation_beta as Vector | null) ?? [])];
  const clip = (attributes.clip as number | null) ?? Infinity;
  const named = (attributes.activations as readonly string[] | null) ?? [];
  for (let direction = 0; direction < directions; direction++) {
    const applied = cell.functions.map(([fallback, bounded], i): Activation => {
      const name = named[direction * cell.functions.length + i] ?? '';
      const alpha = name in ofAlpha ? (alphas.shift() ?? ofAlpha[name]!) : 0;
      const beta = name in ofBeta ? (betas.shift() ?? ofBeta[name]!) : 0;
      const of = functions[name] ?? fallback;
      const bound = bounded ? clip : Infinity;
      return (x) => x.map((each) => of(Math.max(-bound, Math.min(bound, each)), alpha, beta));
    });
    const bias = (part: number): Vector =>
      has('B') ? numbers('B', (direction * 2 * cell.gates + part) * hidden, hidden) : zeros;
    for (let row = 0; row < batch; row++) {
      const line = (isBatchFirst ? row * directions + direction : direction * batch + row) * hidden;
      let state = has('initial_h') ? numbers('initial_h', line, hidden) : zeros;
      let memory = has('initial_c') ? numbers('initial_c', line, hidden) : zeros;
      const length = has('sequence_lens')
        ? Math.max(0, Math.min(tokens, value('sequence_lens')[row]!))
        : tokens;
      const order = Array.from({ length }, (_, i) => i);
      if (attributes.direction === 'reverse' || direction === 1) order.reverse();
      for (const token of order) {
        const at = rowOf(token, row);
        const ofToken = (gate: number): Vector =>
          role === 'X'
            ? product('W', direction * rows + gate * hidden, width, numbers('X', at * width, width))
            : numbers('G', at * width + direction * rows + gate * hidden, hidden);
        const ofState = (gate: number, vector: Vector): Vector =>
          product('R', direction * rows + gate * hidden, hidden, vector);
        const before = state;
        ({ hidden: state, memory } = cell.step({
          gate: (gate, vector = before) =>
            plus(ofToken(gate), ofState(gate, vector), bias(gate), bias(cell.gates + gate)),
          parts: (gate) => [
            plus(ofToken(gate), bias(gate)),
            plus(ofState(gate, before), bias(cell.gates + gate)),
          ],
          peephole: (index, of) =>
            has('P') ? times(numbers('P', (direction * 3 + index) * hidden, hidden), of) : zeros,
          functions: applied,
          attributes,
          hidden: before,
          memory,
        }));
        const place = isBatchFirst
          ? at * directions + direction
          : (token * directions + direction) * batch + row;
        Y.set(state, place * hidden);
      }
      Y_h.set(state, line);
      Y_c.set(memory, line);
    }
  }
  return { Y, Y_h, Y_c };
}

// A small graph written node after node, run on a device and in f64. For tests.
import type { Extent, Sizes } from '@tilewright/kernels';
import type { Device } from '@tilewright/runtime';
import { graphBuilder } from '../builder.ts';
import { compile, type CompiledGraph } from '../compile.ts';
import type { ValueData } from '../executable.ts';
import { type Contents, extentAlgebra, type SymbolRanges } from '../extent/index.ts';
import type { Attribute, ElementType, Operator } from '../ir.ts';
import type { OperatorMeaning } from '../operators/meaning.ts';
import { concat } from '../operators/shape/concat.ts';
import { reshape } from '../operators/shape/reshape.ts';
import { slice } from '../operators/shape/slice.ts';
import { transpose } from '../operators/shape/transpose.ts';
import { loadSession } from '../session.ts';
import { interpret } from './interpret.ts';

type Roles = Readonly<Record<string, string | undefined>>;
type Attributes = Readonly<Record<string, Attribute>>;

/** Writes a graph. */
export interface Sketch {
  readonly input: (name: string, shape: readonly Extent[], dtype?: ElementType) => string;
  readonly node: (
    operator: Operator,
    inputs: Roles,
    attributes?: Attributes,
  ) => Readonly<Record<string, string>>;
  /** The first output of a node. */
  readonly first: (operator: Operator, inputs: Roles, attributes?: Attributes) => string;
  readonly known: (...elements: Contents) => string;
  readonly reshaped: (data: string, ...shape: readonly Extent[]) => string;
  readonly turned: (data: string, ...perm: readonly number[]) => string;
  readonly cut: (data: string, axis: number, from: Extent, to: Extent) => string;
  readonly joined: (axis: number, ...parts: readonly string[]) => string;
  readonly plus: (a: Extent, b: Extent) => Extent;
  readonly times: (a: Extent, b: Extent) => Extent;
  readonly finish: (...outputs: readonly string[]) => Sketched;
}

/** A graph that is written. */
export interface Sketched {
  readonly compiled: (device: Device, variant?: string) => CompiledGraph;
  /** Outputs in their order. */
  readonly onDevice: (
    device: Device,
    data: Readonly<Record<string, ValueData>>,
    sizes?: Sizes,
    variant?: string,
  ) => Promise<readonly Float32Array[]>;
  readonly meant: (
    meanings: readonly OperatorMeaning[],
    data: Readonly<Record<string, ValueData>>,
    sizes?: Sizes,
  ) => readonly Float64Array[];
}

/** Begins a graph. */
export function sketch(symbols: SymbolRanges = {}): Sketch {
  const g = graphBuilder(symbols);
  const { sum, product } = extentAlgebra(symbols);
  let count = 0;
  const node: Sketch['node'] = (operator, inputs, attributes = {}) =>
    g.node(operator, inputs, attributes, `node ${count++}`);
  const first: Sketch['first'] = (...of) => Object.values(node(...of))[0]!;
  const known: Sketch['known'] = (...elements) => g.integers(`known ${count++}`, [elements.length], elements);
  return {
    input: (name, shape, dtype = 'f32') => g.input(name, dtype, shape),
    node,
    first,
    known,
    reshaped: (data, ...shape) => first(reshape, { data, shape: known(...shape) }),
    turned: (data, ...perm) => first(transpose, { data }, { perm }),
    cut: (data, axis, from, to) =>
      first(slice, { data, starts: known(from), ends: known(to), axes: known(axis) }),
    joined: (axis, ...parts) =>
      first(concat, Object.fromEntries(parts.map((part, i) => [`inputs_${i}`, part])), { axis }),
    plus: sum,
    times: product,
    finish: (...outputs) => {
      const graph = g.finish({ outputs });
      const compiled: Sketched['compiled'] = (device, variant) =>
        compile(graph, {
          capabilities: device.capabilities,
          choosePlan: (_, plans) => plans.find((plan) => plan.variant === variant) ?? plans[0]!,
        });
      return {
        compiled,
        onDevice: async (device, data, sizes = {}, variant) => {
          const step = compiled(device, variant);
          const session = await loadSession(device, { step }, new Map());
          try {
            // What no output needs is not an input of the compiled graph.
            const needed = Object.entries(data).filter(([name]) => step.graph.inputs.includes(name));
            session.executables.step!.run(sizes, Object.fromEntries(needed));
            const results: Float32Array[] = [];
            for (const output of outputs)
              results.push((await session.executables.step!.read(output)) as Float32Array);
            return results;
          } finally {
            session.dispose();
          }
        },
        meant: (meanings, data, sizes = {}) => {
          const values = interpret(meanings, graph, new Map(), data, sizes);
          return outputs.map((output) => values[output]!);
        },
      };
    },
  };
}

/** Numbers in some order of no meaning, from −`scale` to `scale`. */
export const drawnNumbers = (seed: number, count: number, scale = 1): Float32Array =>
  Float32Array.from(
    { length: count },
    (_, i) => scale * Math.sin(1 + 12.9898 * i * (1 + seed) + 78.233 * seed),
  );

/** The largest difference of two lists as a fraction of the largest value of the second; infinite where they are not as long. */
export function relativeError(got: ArrayLike<number>, want: ArrayLike<number>): number {
  if (got.length !== want.length) return Infinity;
  const [worst, largest] = Array.from(want).reduce(
    ([error, most], value, i) => [
      Math.max(error, Number.isNaN(got[i]! - value) ? Infinity : Math.abs(got[i]! - value)),
      Math.max(most, Math.abs(value)),
    ],
    [0, 0] as [number, number],
  );
  return largest === 0 ? worst : worst / largest;
}

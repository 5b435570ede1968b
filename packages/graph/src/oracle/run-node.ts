// One node over drawn numbers, on a device and in f64. For tests.
import { type Extent, normalStream, type Sizes } from '@tilewright/kernels';
import type { Device } from '@tilewright/runtime';
import { graphBuilder } from '../builder.ts';
import { compile } from '../compile.ts';
import type { ValueData } from '../executable.ts';
import type { Attribute, ElementType, Operator } from '../ir.ts';
import type { OperatorMeaning } from '../operators/meaning.ts';
import { loadSession } from '../session.ts';
import { interpret } from './interpret.ts';

type NodeInput =
  | readonly Extent[]
  | { readonly dtype: ElementType; readonly shape: readonly Extent[] }
  | { readonly known: readonly Extent[]; readonly shape?: readonly number[] };

/** What is run; sizes may be `n`, which is 3 of at most 4, and `m`, 2 of at most 2. */
export interface NodeCase {
  readonly operator: Operator;
  /** Shapes by role, of `dtype` or a type of their own, or the known elements of integers. */
  readonly inputs: Readonly<Record<string, NodeInput>>;
  readonly attributes?: Readonly<Record<string, Attribute>>;
  readonly dtype?: ElementType;
  /** What an element is made of a normal number; default three times it. */
  readonly draw?: (normal: number) => number;
  /** Numbers of an input in place of what is drawn. */
  readonly data?: Readonly<Record<string, readonly number[]>>;
}

export interface NodeResult {
  readonly dtype: ElementType;
  /** The output's numbers; in f64 of the node, and of the nodes that it became. */
  readonly got: ArrayLike<number>;
  readonly wants: readonly Float64Array[];
}

const sizes: Sizes = { n: 3, m: 2 };

/** Numbers as near as their type has them. */
function stored(dtype: ElementType, numbers: readonly number[]): ValueData {
  if (dtype === 'i32') return Int32Array.from(numbers, Math.round);
  if (dtype === 'u32') return Uint32Array.from(numbers, (each) => Math.abs(Math.round(each)));
  return Float32Array.from(numbers);
}

/** Runs a node: its results by role, and how many kernels were called. */
export async function runNode(
  device: Device,
  meanings: readonly OperatorMeaning[],
  { operator, inputs, attributes = {}, dtype = 'f32', draw, data: given = {} }: NodeCase,
): Promise<{ readonly results: Readonly<Record<string, NodeResult>>; readonly calls: number }> {
  const g = graphBuilder({ n: { min: 1, max: 4 }, m: { min: 1, max: 2 } });
  const data: Record<string, ValueData> = {};
  const values = Object.entries(inputs).map(([role, input], seed): [string, string] => {
    if ('known' in input) return [role, g.integers(role, input.shape ?? [input.known.length], input.known)];
    const [type, shape] = 'shape' in input ? [input.dtype, input.shape] : [dtype, input];
    const normal = normalStream(seed + 5);
    const number = (): number => (draw ? draw(normal()) : 3 * normal());
    const length = shape.reduce<number>(
      (product, size) => product * (typeof size === 'number' ? size : sizes[String(size)]!),
      1,
    );
    // Numbers that f16 holds exactly.
    data[role] = stored(type, given[role] ?? Array.from({ length }, () => Math.round(16 * number()) / 16));
    return [role, g.input(role, type, shape)];
  });
  const made = g.node(operator, Object.fromEntries(values), attributes, 'node');
  const graph = g.finish({ outputs: Object.values(made) });
  const compiled = compile(graph, { capabilities: device.capabilities });
  const session = await loadSession(device, { compiled }, new Map());
  try {
    // What no output needs is not an input of the compiled graph.
    const needed = Object.entries(data).filter(([name]) => compiled.graph.inputs.includes(name));
    session.executables.compiled!.run(sizes, Object.fromEntries(needed));
    const results: Record<string, NodeResult> = {};
    for (const [role, output] of Object.entries(made))
      results[role] = {
        dtype: graph.values[output]!.dtype,
        got: await session.executables.compiled!.read(output),
        wants: [graph, compiled.graph].map(
          (meant) => interpret(meanings, meant, new Map(), data, sizes)[output]!,
        ),
      };
    return { results, calls: compiled.calls.length };
  } finally {
    session.dispose();
  }
}

// Where numbers stop being numbers: every value of the graph is looked at, so this is for when something went wrong.
import {
  compile,
  type Executable,
  type Graph,
  loadSession,
  prepareWeights,
  storedNames,
  withOutputs,
} from '@tilewright/graph';
import type { StateDict } from '@tilewright/kernels';
import { denseDType, unpackDense } from '@tilewright/kernels/weights/dense';
import type { Device } from '@tilewright/runtime';
import { sequenceFrom, wantedBy } from './generate.ts';
import type { PreparedModel } from './language-model.ts';
import { checkLoadable, checkTokens } from './requests.ts';

/** The first number that is none. */
export interface NonFinite {
  /** The weight that holds it, by its published name, or the operator that makes it of numbers. */
  readonly kind: 'weight' | 'operator';
  /** Of a weight, its name; of an operator, what it is called and the name of its node. */
  readonly name: string;
  /** The position in the text; null for a weight. */
  readonly position: number | null;
  readonly value: number;
}

/**
 * Looks for numbers that are not finite: in the dense weights, then in what each operator makes while the model reads
 * `tokens`. Undefined where all are finite.
 */
export async function findNonFinite(
  device: Device,
  prepared: Pick<PreparedModel, 'model' | 'weights'>,
  tokens: readonly number[],
): Promise<NonFinite | undefined> {
  checkLoadable('findNonFinite', device, prepared, 'a language model', 'decode');
  const { model, weights } = prepared;
  checkTokens('findNonFinite', tokens, model.tasks.vocabulary);
  return (
    nonFiniteWeight(model.graph, weights) ??
    (await nonFiniteOperator(device, model.graph, prepareWeights(model.graph, weights), tokens))
  );
}

function nonFiniteWeight(graph: Graph, weights: StateDict): NonFinite | undefined {
  for (const [name, tensor] of weights) {
    if (denseDType(tensor.format) === undefined) continue;
    const value = unpackDense(tensor).find((each) => !Number.isFinite(each));
    if (value === undefined) continue;
    const expression = graph.weights[name];
    const published = expression ? [...new Set(storedNames(expression))].join(', ') : name;
    return { kind: 'weight', name: published, position: null, value };
  }
  return undefined;
}

async function nonFiniteOperator(
  device: Device,
  graph: Graph,
  weights: StateDict,
  tokens: readonly number[],
): Promise<NonFinite | undefined> {
  const states = new Set(Object.values(graph.states).map(({ final }) => final));
  // What is made of weights alone, their transposes, is as finite as they are.
  const steps = graph.nodes.filter(({ inputs }) =>
    Object.values(inputs).some((value) => !graph.weights[value]),
  );
  const made = steps.flatMap((node) =>
    Object.values(node.outputs).flatMap((value) =>
      states.has(value) || graph.values[value]!.dtype === 'u32' ? [] : [{ node, value }],
    ),
  );
  const prepared = prepareWeights(graph, weights);
  const chunk = Math.min(graph.symbols.tokens!.max, 16);
  const compiled = compile(
    withOutputs(
      graph,
      made.map(({ value }) => value),
    ),
    {
      capabilities: device.capabilities,
      formats: new Map([...prepared].map(([name, tensor]) => [name, tensor.format])),
      sizes: { tokens: chunk },
      fuse: false,
    },
  );
  const session = await loadSession(device, { compiled }, prepared);
  try {
    for (let start = 0; start < tokens.length; start += chunk) {
      const found = await lookThrough(
        session.executables.compiled!,
        made,
        tokens.slice(start, start + chunk),
        start,
      );
      if (found) return found;
    }
    return undefined;
  } finally {
    session.dispose();
  }
}

async function lookThrough(
  executable: Executable,
  made: readonly { readonly node: Graph['nodes'][number]; readonly value: string }[],
  tokens: readonly number[],
  start: number,
): Promise<NonFinite | undefined> {
  const count = tokens.length;
  executable.run(
    { tokens: count, keys: start + count, temperature: 0, top_k: 0, top_p: 1, seed: 0, counter: 0 },
    wantedBy(executable, {
      ids: Uint32Array.from(tokens),
      sequences: sequenceFrom(start, count),
      targets: Uint32Array.from(tokens),
    }),
  );
  for (const { node, value } of made) {
    const numbers = await executable.read(value);
    const at = numbers.findIndex((each: number) => !Number.isFinite(each));
    if (at < 0) continue;
    return {
      kind: 'operator',
      name: `${node.operator.name} (${node.name})`,
      position: start + Math.floor((at * count) / numbers.length),
      value: numbers[at]!,
    };
  }
  return undefined;
}

// What the host computes when a step begins: few integers, of what the step was given.
import { evaluate, type Sizes, TilewrightError } from '@tilewright/kernels';
import type { ByteData, TensorData } from '@tilewright/runtime';
import type { CompiledGraph } from './compile.ts';

import { completeNode } from './operators/attributes.ts';

interface HostNodes {
  /** Remembers an input of the step: inputs keep their last values. */
  readonly give: (name: string, data: TensorData | ByteData) => void;
  /** Computes them, and hands those over that a kernel reads. */
  readonly run: (sizes: Sizes) => void;
}

/**
 * The nodes of a compiled graph whose operators the host computes. Throws `bad-graph` where one reads what a kernel makes; running them
 * throws what they have against the numbers.
 */
export function hostOf(
  { graph, memory }: Pick<CompiledGraph, 'graph' | 'memory'>,
  write: (value: string, numbers: Uint32Array) => void,
): HostNodes {
  const nodes = graph.nodes.filter(({ operator }) => operator.host).map(completeNode);
  const known = new Set([...graph.inputs, ...nodes.flatMap(({ outputs }) => Object.values(outputs))]);
  for (const { name, inputs } of nodes)
    for (const value of Object.values(inputs))
      if (!known.has(value))
        throw new TilewrightError('bad-graph', {
          subject: name,
          problem: `the host computes it of '${value}', which a kernel makes`,
          requirement: 'the host knows what a step is given',
          fix: 'give it as an input',
        });
  const read = new Set(nodes.flatMap(({ inputs }) => Object.values(inputs)));
  const numbers: Record<string, TensorData | ByteData> = {};
  return {
    give(name, data) {
      // A copy: the caller may write into its own before the next run.
      if (read.has(name)) numbers[name] = data.slice();
    },
    run(sizes) {
      for (const { name, operator, inputs, outputs, attributes } of nodes) {
        const made = operator.host!({
          subject: name,
          attributes,
          value: (role) => numbers[inputs[role]!]!,
          shape: (role) =>
            graph.values[inputs[role] ?? outputs[role]!]!.shape.map((size) => evaluate(size, sizes)),
        });
        for (const [role, value] of Object.entries(outputs)) {
          numbers[value] = made[role]!;
          if (memory.placements[value]) write(value, made[role]!);
        }
      }
    },
  };
}

// One recurrent node over a sequence, whole and in parts with a state between them, on a device and in f64. For tests.
import { normalStream, type Sizes } from '@tilewright/kernels';
import type { Device } from '@tilewright/runtime';
import { graphBuilder } from '../builder.ts';
import { compile } from '../compile.ts';
import type { Attribute, Graph, Operator } from '../ir.ts';
import { packedSequences } from '../operators/sequences/sequences.ts';
import type { OperatorMeaning } from '../operators/meaning.ts';
import { loadSession } from '../session.ts';
import { interpret } from './interpret.ts';

export type Numbers = Float32Array<ArrayBuffer>;

/** A recurrent node and what it reads. */
export interface MixerCase {
  readonly operator: Operator;
  readonly attributes?: Readonly<Record<string, Attribute>>;
  /** Inputs `[batch, tokens, width]` by role: the width, and what makes an element of a normal number (default itself). */
  readonly sequences: Readonly<Record<string, readonly [width: number, of?: (normal: number) => number]>>;
  /** Inputs without tokens, by role. */
  readonly fixed?: Readonly<
    Record<string, readonly [shape: readonly number[], of?: (normal: number) => number]>
  >;
  /** Initial role → final role and the shape behind the batch. */
  readonly states: Readonly<Record<string, readonly [final: string, shape: readonly number[]]>>;
  /** Output `[batch, tokens, width]`. */
  readonly output: string;
  readonly batch: number;
  /** The batch rows are packed sequences, of which a step has as many tokens of each as it likes. */
  readonly packed?: boolean;
  readonly tokens: number;
  /** Storage of the sequences. */
  readonly dtype?: 'f32' | 'f16';
}

/** What a node gives: the output of all tokens, and the states after them by their final role. */
export type MixerResult = Readonly<Record<string, ArrayLike<number>>>;

/**
 * Draws inputs, f16 exactly, and makes both ways to run them; `parts` of tokens follow each other, as many of each row, or of packed ones a
 * number for each. All inputs with tokens of the row `disturbed` are others.
 */
export function mixerRun(
  mixer: MixerCase,
  meanings: readonly OperatorMeaning[],
  seed = 1,
): {
  readonly graph: Graph;
  readonly onDevice: (
    device: Device,
    parts: readonly (number | readonly number[])[],
    variant?: string,
    disturbed?: number,
  ) => Promise<MixerResult>;
  readonly meant: () => MixerResult;
} {
  const { batch, tokens, dtype = 'f32', fixed = {}, packed = false } = mixer;
  const normal = normalStream(seed);
  const draw = (count: number, of: (normal: number) => number = (value) => value): Numbers =>
    Float32Array.from({ length: count }, () => of(Math.round(64 * normal()) / 64));
  const data: Record<string, Numbers> = {};
  for (const [role, [width, of]] of Object.entries(mixer.sequences))
    data[role] = draw(batch * tokens * width, of);
  for (const [role, [shape, of]] of Object.entries(fixed))
    data[role] = draw(
      shape.reduce((a, b) => a * b, 1),
      of,
    );
  const { graph, made } = graphOf(mixer, packed);

  /** The inputs of tokens `from` up to `from + count` of each row. */
  const step = (
    from: readonly number[],
    count: readonly number[],
    disturbed?: number,
  ): Record<string, Numbers> => {
    const inputs: Record<string, Numbers> = {};
    for (const role of Object.keys(fixed)) inputs[role] = data[role]!;
    for (const [role, [width]] of Object.entries(mixer.sequences)) {
      const part = (b: number) => {
        const first = b * tokens + from[b]!;
        const row = data[role]!.subarray(first * width, (first + count[b]!) * width);
        return b === disturbed ? row.map((value) => 0.75 * value) : row;
      };
      inputs[role] = Float32Array.from(from.flatMap((_, b) => [...part(b)]));
    }
    return inputs;
  };

  /** On a device, part after part; `choose` picks the variant. */
  async function onDevice(
    device: Device,
    parts: readonly (number | readonly number[])[],
    variant?: string,
    disturbed?: number,
  ): Promise<MixerResult> {
    const compiled = compile(graph, {
      capabilities: device.capabilities,
      choosePlan: (_, plans) =>
        plans.find((plan) => variant === undefined || plan.variant === variant) ?? plans[0]!,
    });
    const session = await loadSession(device, { compiled }, new Map());
    try {
      const executable = session.executables.compiled!;
      const output: number[][] = Array.from({ length: batch }, () => []);
      const from = output.map(() => 0);
      for (const part of parts) {
        const counts = from.map((_, b) => (typeof part === 'number' ? part : part[b]!));
        const sum = counts.reduce((a, b) => a + b);
        const given = packed && {
          sequences: packedSequences(counts.map((count, b) => ({ tokens: count, before: from[b]! }))),
        };
        executable.run({ tokens: packed ? sum : counts[0]! }, { ...step(from, counts, disturbed), ...given });
        const got = Array.from(await executable.read(made[mixer.output]!));
        const width = got.length / sum;
        let at = 0;
        counts.forEach((count, b) => {
          output[b]!.push(...got.slice(at, (at += count * width)));
          from[b]! += count;
        });
      }
      const result: Record<string, ArrayLike<number>> = { [mixer.output]: output.flat() };
      for (const [initial, [final, shape]] of Object.entries(mixer.states)) {
        const bytes = await device.memory.download(session.slice('state', initial));
        const count = batch * shape.reduce((a, b) => a * b, 1);
        result[final] = new Float32Array(bytes.buffer, bytes.byteOffset, count);
      }
      return result;
    } finally {
      session.dispose();
    }
  }

  /** In f64, all tokens at once. */
  function meant(): MixerResult {
    const sizes: Sizes = { tokens };
    const rows = (count: number): number[] => Array.from({ length: batch }, () => count);
    // Packed rows mean what they do one by one.
    const { graph: whole, made } = graphOf(mixer, false);
    const values = interpret(meanings, whole, new Map(), step(rows(0), rows(tokens)), sizes);
    const roles = [mixer.output, ...Object.values(mixer.states).map(([final]) => final)];
    return Object.fromEntries(roles.map((role) => [role, values[made[role]!]!]));
  }
  return { graph, onDevice, meant };

  function graphOf(
    { operator, attributes, sequences, states }: MixerCase,
    isPacked: boolean,
  ): {
    readonly graph: Graph;
    readonly made: Readonly<Record<string, string>>;
  } {
    const builder = graphBuilder({ tokens: { max: isPacked ? batch * tokens : tokens } });
    const inputs: Record<string, string> = {};
    for (const [role, [width]] of Object.entries(sequences))
      inputs[role] = builder.input(role, dtype, [isPacked ? 1 : batch, 'tokens', width]);
    if (isPacked) inputs.sequences = builder.input('sequences', 'u32', [batch + 1, 2]);
    for (const [role, [shape]] of Object.entries(fixed)) inputs[role] = builder.input(role, 'f32', shape);
    for (const [initial, [, shape]] of Object.entries(states))
      inputs[initial] = builder.state(initial, 'f32', [batch, ...shape]);
    const outputs = builder.node(operator, inputs, attributes, 'node');
    const ends = Object.entries(states).map(([initial, [final]]) => [initial, outputs[final]!]);
    return {
      graph: builder.finish({ outputs: [outputs[mixer.output]!], states: Object.fromEntries(ends) }),
      made: outputs,
    };
  }
}

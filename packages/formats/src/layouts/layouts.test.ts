// What is written is read back by a reader that shares no code with it, and by our own.
import {
  normalStream,
  type HostTensor,
  type Quantizer,
  type StateDict,
  type TensorQuantizer,
} from '@tilewright/kernels';
import { quantizerFor, roundWeight, unpack } from '@tilewright/kernels/weights';
import { packDense } from '@tilewright/kernels/weights/dense';
import { integerQuantizer } from '@tilewright/kernels/weights/integer';
import { weightCodecs, weightExamples } from '@tilewright/kernels/weights/registry';
import { describe, expect, test } from 'vitest';
import { allCheckpoints } from '../checkpoints/index.ts';
import { parseJson, type JsonObject } from '../json/parse-json.ts';
import { openSafetensors } from '../safetensors/open.ts';
import { writeSafetensors } from '../safetensors/write.ts';
import { bytesSource } from '../source/given-bytes.ts';
import { layOut, layouts } from './index.ts';
import { readPlainly } from './test/plain-reader.ts';

const quantizers = weightExamples.flatMap((example) => example.quantizers);
type AnyQuantizer<Grid> = Quantizer<Grid> | TensorQuantizer<Grid>;

function rounded<Grid>(
  quantizer: AnyQuantizer<Grid>,
  shape: readonly [number, number],
  seed: number,
): HostTensor {
  const normal = normalStream(seed);
  // Off centre, so that zero points differ.
  const values = Float32Array.from({ length: shape[0] * shape[1] }, () => 0.1 * normal() + 0.02);
  return roundWeight(quantizerFor(quantizer, [values], shape[1]), values, shape);
}

const plain = packDense(new Float32Array(64).fill(0.5), [4, 16], 'f16');

/** A model of two layers, a dense matrix and a vector. */
function modelOf<Grid>(quantizer: AnyQuantizer<Grid>): StateDict {
  return new Map([
    ['model.layers.0.mlp.up_proj.weight', rounded(quantizer, [64, 256], 1)],
    ['model.layers.0.mlp.down_proj.weight', rounded(quantizer, [32, 128], 2)],
    ['lm_head.weight', plain],
    ['model.norm.weight', packDense(new Float32Array(16).fill(1), [16], 'f32')],
  ]);
}

/** Formats that no layout of another tool holds: they stay ours. */
const ownFormats = /^(int[56]-|e5m2-|codebook)/;

describe.each(quantizers.map((quantizer) => [quantizer.format.name, quantizer] as const))(
  '%s',
  (name, quantizer) => {
    const state = modelOf(quantizer);
    const { state: written, layout, refusals } = layOut(state, layouts);

    test('is laid out as a tool has it, or stays ours with a reason of each', () => {
      if (!ownFormats.test(name)) return expect(layout?.method).toBeDefined();
      expect(layout).toBeUndefined();
      expect(written).toBe(state);
      expect(refusals).toHaveLength(layouts.length);
      for (const refusal of refusals) expect(refusal).toContain(`'model.layers.0.mlp.up_proj' is ${name}`);
    });

    // There is no other reader of what is ours.
    test.skipIf(ownFormats.test(name))(
      'is read plainly as the numbers that it means, and by our reader bit for bit',
      async () => {
        const file = writeSafetensors(written, { format: 'pt' });
        const found = readPlainly(file, layout!.settings);
        expect([...found.keys()].sort()).toEqual([
          'model.layers.0.mlp.down_proj',
          'model.layers.0.mlp.up_proj',
        ]);
        const config = parseJson(JSON.stringify({ quantization_config: layout!.settings }), {
          subject: 'config.json',
          part: 'config',
          maxDepth: 16,
        }) as JsonObject;
        const read = await allCheckpoints({ config, json: async () => null });
        const ours = await read.tensors((await openSafetensors(bytesSource(file, 'model'), {})).tensors);
        expect([...ours.keys()].sort()).toEqual([...state.keys()].sort());
        for (const [layer, { shape, values }] of found) {
          const tensor = state.get(`${layer}.weight`)!;
          expect(shape).toEqual(tensor.shape);
          const want = unpack(tensor, weightCodecs).map((value) => value + 0);
          expect(values.map((value) => value + 0)).toEqual(want);
          const again = await ours.get(`${layer}.weight`)!.read();
          expect(unpack(again, weightCodecs).map((value) => value + 0)).toEqual(want);
        }
      },
    );
  },
);

describe('layouts of whole models', () => {
  const int = (bits: 3 | 4 | 8, group: number): HostTensor =>
    rounded(integerQuantizer({ bits, group }), [64, 128], bits);

  test('compressed-tensors names the layers of each format where there are several', () => {
    const state = new Map([
      ['a.weight', int(4, 32)],
      ['b.weight', int(8, 128)],
      ['c.weight', int(4, 32)],
    ]);
    const { layout, state: written } = layOut(state, layouts);
    const settings = layout!.settings as {
      format: string;
      config_groups: Record<string, { targets: string[]; weights: { num_bits: number } }>;
    };
    expect(settings.format).toBe('pack-quantized');
    expect(Object.values(settings.config_groups).map(({ targets }) => targets)).toEqual([['a', 'c'], ['b']]);
    const found = readPlainly(writeSafetensors(written), layout!.settings);
    for (const [name, tensor] of state)
      expect(found.get(name.slice(0, -7))!.values).toEqual(unpack(tensor, weightCodecs));
  });

  test.each([
    ['bits', [int(3, 32), int(4, 32)], "gptq: all its layers have one number of bits, 'a' 3 and 'b' 4"],
    ['groups', [int(3, 32), int(3, 64)], "gptq: all its layers have one group size, 'a' 32 and 'b' 64"],
    [
      'sizes',
      [rounded(integerQuantizer({ bits: 3 }), [20, 64], 1)],
      "gptq: it holds integers of 2, 3, 4 and 8 bits with scales in f16, in whole groups, of sizes that 32 divides, and 'a' is int3-g32 of shape [20, 64]",
    ],
    [
      'groups that rows do not end with',
      [rounded(integerQuantizer({ bits: 4 }), [32, 72], 1)],
      "compressed-tensors: it holds integers of 4 and 8 bits, e4m3, NVFP4 and MXFP4 in whole groups, and 'a' is int4-g32 of shape [32, 72]",
    ],
  ])('refusals say what differs: %s', (_, tensors, refusal) => {
    const state = new Map(tensors.map((tensor, i) => [`${'abc'[i]!}.weight`, tensor]));
    const { layout, refusals } = layOut(state, layouts);
    expect(layout).toBeUndefined();
    expect(refusals).toContain(refusal);
  });

  test('names that no layout has, and models without compressed weights, stay as they are', () => {
    const odd = new Map([['experts.gate', int(4, 32)]]);
    expect(layOut(odd, layouts)).toEqual({
      state: odd,
      refusals: ["'experts.gate' is compressed, and layouts hold tensors named ….weight"],
    });
    const dense = new Map([['a.weight', plain]]);
    expect(layOut(dense, layouts)).toEqual({ state: dense, refusals: [] });
  });
});

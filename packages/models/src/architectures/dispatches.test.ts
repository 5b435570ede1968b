// How many dispatches a layer takes, on a device with no more than every device has.
import { explain } from '@tilewright/graph';
import { baselineCapabilities } from '@tilewright/kernels';
import { packDense } from '@tilewright/kernels/weights/dense';
import { expect, test } from 'vitest';
import { languageArchitectures, openModel } from '../all.ts';
import { compileModel } from '../tasks/language-model.ts';
import type { TinyChange } from '../test/tiny-folder.ts';
import { tinySource } from '../test/tiny-model.ts';

const qwen2: TinyChange = {
  config: { architectures: ['Qwen2ForCausalLM'], model_type: 'qwen2' },
  tensors: Object.fromEntries(
    [0, 1].flatMap((layer) =>
      Object.entries({ q: 16, k: 8, v: 8 }).map(([part, length]) => [
        `model.layers.${layer}.self_attn.${part}_proj.bias`,
        packDense(
          Float32Array.from({ length }, (_, i) => i),
          [length],
          'f32',
        ),
      ]),
    ),
  ),
};

test.each<[string, TinyChange]>([
  ['Llama', {}],
  ['Qwen 2', qwen2],
])('%s: five a layer, where no product is split', async (_name, change) => {
  const opened = await openModel(await tinySource(change), { architectures: languageArchitectures });
  const { decode, read } = compileModel({ capabilities: baselineCapabilities }, opened, { buckets: [16] });
  for (const { compiled, tokens } of [decode, ...read]) {
    const { calls, peeled } = explain(compiled, { tokens, keys: tokens });
    expect(peeled).toEqual([]);
    const layer = calls.filter(({ label }) => label.startsWith('model.layers.0.'));
    expect(layer.map(({ dispatches }) => dispatches)).toEqual([1, 1, 1, 1, 1]);
  }
});

// What `compress` writes opens elsewhere, and what it cannot do it says before the work, in a sentence, leaving nothing behind.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packDense } from '@tilewright/kernels/weights/dense';
import { unpack } from '@tilewright/kernels/weights';
import { layouts } from '@tilewright/formats/layouts';
import { weightCodecs } from '@tilewright/kernels/weights/registry';
import { testProfile } from '@tilewright/tooling/test-device';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readPlainly } from '../../../formats/src/layouts/test/plain-reader.ts';
import { layoutNames, ownLayout } from '../model/layouts.ts';
import { openFolder } from '../model/open-folder.ts';
import { shippedModel } from '../paths.ts';
import { writeRandomLlama } from '../test/random-llama.ts';
import { run, testAdapter } from '../test/run.ts';

const folder = mkdtempSync(join(tmpdir(), 'tilewright-compress-'));
const place = (name: string): string => join(folder, name);
const sizes = {
  hidden_size: 64,
  intermediate_size: 128,
  num_hidden_layers: 1,
  num_attention_heads: 2,
  head_dim: 32,
  vocab_size: 67,
  max_position_embeddings: 24,
};
beforeAll(() => writeRandomLlama(place('dense'), { sizes }));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('names of layouts are those of the layouts, and ours', () => {
  expect(layoutNames).toEqual([...layouts.map(({ method }) => method), ownLayout]);
});

// SwiftShader takes minutes to compile what lavapipe does in seconds; the model's own tests run on it.
describe.skipIf(testProfile.compileOnly || testProfile.subset)('what is written', () => {
  test('a model of fewer neurons opens by its config alone', async () => {
    const output = place('fewer');
    const words = ['compress', place('dense'), output, '--recipe', 'drop neurons 25%, quant int4-g32 rtn'];
    const { exitCode, error } = await run([...words, '--windows', '2', ...testAdapter]);
    expect(error.split('\n').filter((line) => line.startsWith('['))).toEqual([]);
    expect(exitCode).toBe(0);
    const config = JSON.parse(readFileSync(join(output, 'config.json'), 'utf8')) as Record<string, unknown>;
    expect(config['intermediate_size']).toBe(96);
    const opened = await openFolder({ error: () => undefined }, output, { strict: true });
    expect(opened.weights.get('model.layers.0.mlp.down_proj.weight')!.shape).toEqual([64, 96]);
  }, 120_000);

  test.each([
    ['quant int4-g32 rtn', 'compressed-tensors'],
    ['quant int8-row-zp hqq', 'compressed-tensors'],
    ['quant e4m3-row rtn', 'compressed-tensors'],
    ['quant int8-row rtn, activations int8', 'compressed-tensors'],
    ['quant nvfp4 rtn', 'compressed-tensors'],
    ['quant mxfp4-g32 search', 'compressed-tensors'],
    ['quant int3-g64 gptq', 'gptq'],
    ['quant int2-g32-zp act-order', 'gptq'],
    ['quant nf4-g64 percentile 99%', 'bitsandbytes'],
    ['quant fp4-g64 awq', 'bitsandbytes'],
    ['quant int1-g32 rtn', 'hqq'],
    ['quant codebook4 gptq', null],
    ['prune 2:4 magnitude, quant int4-g32 rtn', null],
    ['prune 90% magnitude, store 1x1 blocks', null],
    ['store 16x16 int8 blocks', null],
  ])(
    '%s opens in the layout of %s',
    async (recipe, layout) => {
      const name = recipe.replaceAll(/\W+/g, '-');
      const [output, json] = [place(name), place(`${name}.json`)];
      const words = [
        'compress',
        place('dense'),
        output,
        '--recipe',
        recipe,
        '--windows',
        '1',
        '--json',
        json,
      ];
      const { exitCode, out, error } = await run([...words, ...testAdapter]);
      expect(error.split('\n').filter((line) => line.startsWith('['))).toEqual([]);
      expect(exitCode).toBe(0);
      expect(out).toContain(layout ?? 'which other tools do not open');

      const report = JSON.parse(readFileSync(json, 'utf8')) as Record<string, unknown>;
      const file = join(output, 'model.safetensors');
      expect(report).toMatchObject({
        layout,
        fileBytes: statSync(file).size,
      });
      const opened = await openFolder({ error: () => undefined }, output);
      const bound = [...opened.weights.values()].reduce((sum, { bytes }) => sum + bytes.length, 0);
      expect(report['boundBytes']).toBe(bound);

      const config = JSON.parse(readFileSync(join(output, 'config.json'), 'utf8')) as {
        quantization_config?: Record<string, unknown>;
      };
      expect(config.quantization_config?.['quant_method'] ?? null).toBe(layout);
      if (config.quantization_config) {
        const found = readPlainly(readFileSync(file), config.quantization_config);
        expect(found.size).toBe(7);
        for (const [layer, { shape, values }] of found) {
          const tensor = opened.weights.get(`${layer}.weight`)!;
          expect(shape).toEqual(tensor.shape);
          expect(values.map((value) => value + 0)).toEqual(
            unpack(tensor, weightCodecs).map((value) => value + 0),
          );
        }
      }
      const tokens = place(`${name}-tokens.json`);
      const generate = ['generate', output, '--prompt-tokens', '5,17', '--max-tokens', '2', '--json', tokens];
      expect((await run([...generate, '--temperature', '0', ...testAdapter])).exitCode).toBe(0);
      expect((JSON.parse(readFileSync(tokens, 'utf8')) as { tokens: number[] }).tokens).toHaveLength(2);
    },
    120_000,
  );

  test('activations are rounded by what our own layout says, or as generate is told', async () => {
    const recipe = 'quant int4-g32-zp rtn, activations int8';
    const logitsOf = async (output: string, ...flags: string[]): Promise<number[]> => {
      const json = place('activations.json');
      const words = ['generate', output, '--prompt-tokens', '5,17,3', '--max-tokens', '0', '--logits'];
      expect((await run([...words, '--json', json, ...flags, ...testAdapter])).exitCode).toBe(0);
      return (JSON.parse(readFileSync(json, 'utf8')) as { logits: number[] }).logits;
    };
    for (const [name, ...flags] of [['w4a8'], ['w4a8-own', '--layout', 'tilewright']]) {
      const words = ['compress', place('dense'), place(name!), '--recipe', recipe, ...flags];
      expect((await run([...words, ...testAdapter])).exitCode).toBe(0);
    }
    const config = readFileSync(place('w4a8/config.json'), 'utf8');
    expect(config).toMatch(/"input_activations": \{\s+"num_bits": 8,\s+"type": "int",/);
    const exact = await logitsOf(place('w4a8'));
    const rounded = await logitsOf(place('w4a8'), '--activations', 'int8');
    expect(await logitsOf(place('w4a8-own'))).toEqual(rounded);
    const size = Math.max(...exact.map(Math.abs));
    const apart = Math.max(...exact.map((value, i) => Math.abs(value - rounded[i]!))) / size;
    expect(apart).toBeGreaterThan(1e-4);
    expect(apart).toBeLessThan(0.1);
    const refused = [
      'generate',
      place('dense'),
      '--prompt-tokens',
      '5',
      '--activations',
      'int8',
      ...testAdapter,
    ];
    expect((await run(refused)).error.trim().split('\n').at(-1)).toBe(
      '[withInt8Activations] no weight of the linear layers has integer codes: they are f32; codes of an activation meet codes of ' +
        'integers in groups of a multiple of 32 columns or rows. Fix: round the weights to such integers first.',
    );

    const cached = await logitsOf(place('w4a8'), '--cache', 'int8');
    const cacheApart = Math.max(...exact.map((value, i) => Math.abs(value - cached[i]!))) / size;
    expect(cacheApart).toBeGreaterThan(0);
    expect(cacheApart).toBeLessThan(0.05);
  }, 120_000);

  test('a page shows runs beside each other, with what they cost in quality', async () => {
    const text = place('play.txt');
    writeFileSync(text, 'KING:\nWhat news, my lord? The night is long, and we are few.\n\n'.repeat(150));
    const words = (recipe: string, name: string): string[] =>
      ['compress', shippedModel, place(name), '--recipe', recipe, '--text', text].concat(
        ['--json', place(`${name}.json`), '--html', place(`${name}.html`)],
        testAdapter,
      );
    expect((await run(words('quant int8-g32 rtn', 'page-8'))).exitCode).toBe(0);
    const second = await run([...words('quant int3-g32 rtn', 'page-3'), '--runs', place('page-8.json')]);
    expect(second.exitCode).toBe(0);
    expect(second.out).toMatch(
      /divergence from the dense model 0\.\d{5} nats per token, on \d+ other windows/,
    );
    const page = readFileSync(place('page-3.html'), 'utf8');
    for (const part of ['quant int8-g32 rtn', 'quant int3-g32 rtn', '<polyline', 'Size and quality'])
      expect(page).toContain(part);
    expect(page).not.toMatch(/NaN|undefined|Infinity|<script|https?:/);
    const kl = (name: string): number =>
      (JSON.parse(readFileSync(place(`${name}.json`), 'utf8')) as { quality: { kl: { mean: number } } })
        .quality.kl.mean;
    expect(kl('page-8')).toBeGreaterThan(0);
    expect(kl('page-3')).toBeGreaterThan(10 * kl('page-8'));
  }, 120_000);

  test('--layout tilewright keeps to our own', async () => {
    const output = place('ours');
    const words = ['compress', place('dense'), output, '--recipe', 'quant int4-g32 rtn'];
    expect((await run([...words, '--layout', 'tilewright', ...testAdapter])).exitCode).toBe(0);
    expect(readFileSync(join(output, 'config.json'), 'utf8')).not.toContain('quantization_config');
  }, 60_000);
});

// The same.
describe.skipIf(testProfile.compileOnly || testProfile.subset)('refusals before the work', () => {
  const refusal = async (words: readonly string[], model = place('dense')): Promise<string> => {
    const output = place('refused');
    const { exitCode, error } = await run(['compress', model, output, ...words, ...testAdapter]);
    expect(existsSync(output)).toBe(false);
    expect(readdirSync(folder).filter((name) => name.includes('unfinished'))).toEqual([]);
    expect(error).not.toMatch(/compressing|passages to calibrate/);
    return `${exitCode}: ${error.trim().split('\n').at(-1)!}`;
  };

  test('recipes that do not compose', async () => {
    expect(await refusal(['--recipe', 'quant int4-g32 gptq, prune 2:4 wanda'])).toBe(
      "1: [2:4-wanda] 'model.layers.0.self_attn.q_proj.weight' is stored as int4-g32; only floats can be compressed. " +
        'Fix: start from the dense weight, and put what rounds last.',
    );
    expect(
      await refusal(['--recipe', 'prune 2:4 wanda, quant int3-g32/int2-g32 rtn', '--target', '2bits']),
    ).toMatch(/^\d: \[.*int3-g32.*\] .* kept values have a format in which .* Fix: /);
  }, 60_000);

  test('weights that are not numbers', async () => {
    writeRandomLlama(place('nan'), {
      sizes,
      weights: (state) => {
        const numbers = new Float32Array(128 * 64).fill(0.01);
        numbers[64 * 100 + 7] = Number.NaN;
        state.set('model.layers.0.mlp.up_proj.weight', packDense(numbers, [128, 64], 'bf16'));
      },
    });
    expect(await refusal(['--recipe', 'quant int4-g32 gptq'], place('nan'))).toBe(
      "2: [quant int4-g32 gptq] 'model.layers.0.mlp.up_proj.weight' holds NaN in row 100, column 7; weights are finite. " +
        'Fix: get the weight files again.',
    );
  }, 60_000);

  test('layers too small for a group', async () => {
    expect(await refusal(['--recipe', 'quant int4-g128 rtn'])).toBe(
      "1: [quant int4-g128 rtn] 'model.layers.0.self_attn.q_proj.weight' has rows of 64, and int4-g128 holds columns in groups of 128; " +
        'a group is not longer than a row. Fix: round to a format with smaller groups.',
    );
  }, 60_000);

  test('a text shorter than a window', async () => {
    writeFileSync(place('short.txt'), 'Too short.');
    const words = ['--recipe', 'quant int4-g32 gptq', '--text', place('short.txt')];
    expect(await refusal(words, shippedModel)).toBe(
      '2: [--text] the first 90 % of short.txt is not even 128 tokens; recipes calibrate on windows of 128 tokens. Fix: give a longer text.',
    );
  }, 60_000);

  test('earlier runs without a plot', async () => {
    expect(await refusal(['--recipe', 'quant int4-g32 rtn', '--runs', place('dense/config.json')])).toBe(
      '2: [--runs] there is no --html; earlier runs are plotted beside the quality of this one, which is measured on a text. ' +
        'Fix: give both, or leave --runs out.',
    );
  }, 60_000);

  test('layouts that do not hold the formats', async () => {
    expect(await refusal(['--recipe', 'quant nf4-g64 gptq', '--layout', 'gptq'])).toBe(
      '2: [--layout] gptq cannot hold this model; gptq: it holds integers of 2, 3, 4 and 8 bits with scales in f16, in whole groups, ' +
        "of sizes that 32 divides, and 'model.layers.0.self_attn.q_proj' is nf4-g64 of shape [64, 64]. " +
        'Fix: leave --layout out, or choose another format.',
    );
    const mixed = ['--recipe', 'quant int4-g32/int3-g32 gptq', '--target', '4bits', '--layout', 'gptq'];
    expect(await refusal(mixed)).toMatch(
      /^2: \[--layout\] gptq cannot hold this model; gptq: all its layers have one number of bits/,
    );
  }, 60_000);
});

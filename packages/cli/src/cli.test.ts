// The command as people use it, on a model folder that is not ours to shape.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openModelFolderAt } from '@tilewright/formats/node';
import { packDense } from '@tilewright/kernels/weights/dense';
import { testProfile } from '@tilewright/tooling/test-device';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { meanings } from '@tilewright/graph/registry';
import { interpret } from '../../graph/src/oracle/interpret.ts';
import { llama, sequenceFrom } from '@tilewright/models';
import { variantNames } from '@tilewright/models/variants';
import { shippedModel } from './paths.ts';
import type { StartResult } from './start/start.ts';
import { randomConfig, randomState, writeRandomLlama } from './test/random-llama.ts';
import { run, testAdapter } from './test/run.ts';

const folder = mkdtempSync(join(tmpdir(), 'tilewright-cli-'));
const model = join(folder, 'random');
const place = (name: string): string => join(folder, name);
const readJson = (file: string): Record<string, unknown> => JSON.parse(readFileSync(file, 'utf8')) as never;
beforeAll(() => writeRandomLlama(model));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Logits of the last position in f64. */
async function exactLogits(tokens: readonly number[]): Promise<Float64Array> {
  const { config, close } = await openModelFolderAt(model);
  await close();
  const { graph, tasks } = llama.read(config, 'config.json').build({ capacity: 64 });
  const count = tokens.length;
  const inputs = {
    ids: Uint32Array.from(tokens),
    sequences: sequenceFrom(0, count),
    targets: Uint32Array.from(tokens),
  };
  const values = interpret(meanings, graph, randomState(), inputs, { tokens: count, keys: count });
  return Float64Array.from(values[tasks.score.logits]!).slice(-randomConfig.vocab_size);
}

// SwiftShader takes minutes to compile what lavapipe does in seconds; the model's own tests run on it.
describe.skipIf(testProfile.compileOnly || testProfile.subset)('on a foreign folder', () => {
  const prompt = [5, 17, 2, 300, 0, 330, 41];

  test('generate --logits agrees with f64', async () => {
    const json = place('logits.json');
    const words = ['generate', model, '--prompt-tokens', prompt.join(), '--max-tokens', '0', '--logits'];
    expect(await run([...words, '--json', json, ...testAdapter])).toMatchObject({ exitCode: 0, out: '' });
    const { argmax, logits } = readJson(json) as { argmax: number[]; logits: number[] };
    const want = await exactLogits(prompt);
    const largest = Math.max(...want.map(Math.abs));
    expect(logits.length).toBe(331);
    logits.forEach((value, i) => expect(Math.abs(value - want[i]!) / largest).toBeLessThan(1e-5));
    expect(argmax.length).toBe(prompt.length);
    expect(argmax.at(-1)).toBe(want.indexOf(Math.max(...want)));
  }, 120_000);

  test('explain --json - writes its JSON to standard output, and all else to standard error', async () => {
    const { exitCode, out, error } = await run(['explain', model, '--json', '-', ...testAdapter]);
    expect(exitCode).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ tokens: 1, keys: 256 });
    expect(error).toContain('a step of 1 token at 256 keys');
    expect(existsSync('-')).toBe(false);
  });

  test('compress writes a folder that generate and explain read', async () => {
    const [output, report] = [place('small'), place('report.json')];
    const done = await run([
      'compress',
      model,
      output,
      '--variant',
      '2:4-sparsegpt+int4-gptq',
      '--windows',
      '2',
      '--json',
      report,
      ...testAdapter,
    ]);
    expect(done.error).toContain('the dense model writes passages');
    expect(done.exitCode).toBe(0);
    expect(readdirSync(output).sort()).toEqual(['config.json', 'model.safetensors']);
    const { bitsPerWeight, layers, calibration } = readJson(report) as {
      bitsPerWeight: number;
      layers: { outputError: number }[];
      calibration: string;
    };
    expect(bitsPerWeight).toBeLessThanOrEqual(3.6);
    expect(calibration).toBe('passages the model wrote itself');
    expect(layers.length).toBe(14);
    for (const { outputError } of layers) expect(outputError).toBeLessThan(0.6);

    const json = place('small.json');
    const generated = await run([
      'generate',
      output,
      '--prompt-tokens',
      '5,17',
      '--max-tokens',
      '4',
      '--temperature',
      '0',
      '--json',
      json,
      ...testAdapter,
    ]);
    expect(generated.exitCode).toBe(0);
    expect((readJson(json) as { tokens: number[] }).tokens.length).toBe(4);
    expect((await run(['explain', output, ...testAdapter])).out).toContain('dispatches of');

    const again = await run(['compress', output, place('again'), '--variant', 'int4-rtn', ...testAdapter]);
    expect(again.error).toContain('its weights are compressed already (int4-g32+2:4)');
    expect(again.exitCode).toBe(1);
    const over = await run(['compress', model, output, '--variant', 'int4-rtn', ...testAdapter]);
    expect(over.error).toBe(
      `[${output}] the folder holds 2 files; nothing is overwritten. Fix: name a folder that does not exist yet.\n`,
    );
    expect(over.exitCode).toBe(2);
    expect(readdirSync(folder).filter((name) => name.includes('unfinished'))).toEqual([]);
  }, 240_000);

  test('explain counts a prompt of many tokens, as JSON too', async () => {
    const json = place('explain.json');
    const words = ['explain', model, '--tokens', '9', '--context', '64', '--json', json];
    const { exitCode, out } = await run([...words, ...testAdapter]);
    expect(exitCode).toBe(0);
    expect(out).toContain('a step of 9 tokens at 32 keys');
    const { dispatches, movedBytes, compulsoryBytes } = readJson(json) as Record<string, number>;
    expect(dispatches).toBeLessThanOrEqual(8 * 2 + 5);
    expect(movedBytes! / compulsoryBytes!).toBeGreaterThanOrEqual(1);
  }, 60_000);

  test('compress that is interrupted leaves nothing behind, wherever it was', async () => {
    for (const stage of ['passages to calibrate on', 'int4-gptq: compressing', 'writing']) {
      const output = place('interrupted');
      const controller = new AbortController();
      const words = ['compress', model, output, '--variant', 'int4-gptq', '--windows', '2', ...testAdapter];
      const { exitCode, error } = await run(words, controller.signal, (text) => {
        if (text.includes(stage)) controller.abort();
      });
      expect(error).toContain(stage);
      expect(exitCode).toBe(130);
      expect(existsSync(output)).toBe(false);
      expect(readdirSync(folder).filter((name) => name.includes('unfinished'))).toEqual([]);
    }
  }, 120_000);

  test('start writes, compares every variant and reports', async () => {
    const [json, html, tiny] = [place('start.json'), place('start.html'), place('tiny')];
    const sizes = {
      hidden_size: 64,
      intermediate_size: 96,
      num_hidden_layers: 1,
      num_attention_heads: 2,
      head_dim: 32,
      vocab_size: 67,
      max_position_embeddings: 24,
    };
    writeRandomLlama(tiny, { sizes });
    const words = ['start', tiny, '--json', json, '--html', html, ...testAdapter];
    const { exitCode, out } = await run(words);
    expect(exitCode).toBe(0);
    const result = readJson(json) as unknown as StartResult;
    expect(result.variants.map(({ name }) => name)).toEqual(variantNames);
    expect(result.sources).toEqual({ heldOut: null, calibration: 'passages the model wrote itself' });
    for (const row of result.variants) {
      expect(out).toContain(row.name);
      expect(row.allocatedPeakBytes).toBe(row.plannedPeakBytes);
      expect(row.heldOutLoss).toBe(null);
      expect(row.dispatchesPerToken).toBeLessThanOrEqual(8 + 5);
      expect(row.movedBytesPerToken).toBeGreaterThanOrEqual(row.compulsoryBytesPerToken);
      for (const { p20, p50, p80 } of [row.decodeTokensPerSecond, row.prefillTokensPerSecond]) {
        expect(p20).toBeGreaterThan(0);
        expect(p50).toBeGreaterThanOrEqual(p20);
        expect(p80).toBeGreaterThanOrEqual(p50);
      }
    }
    const [dense, half, , rounded] = result.variants;
    expect(dense).toMatchObject({ bitsPerWeight: 32, klToDense: 0, top1Agreement: 1 });
    expect(half!.weightBytes).toBeLessThan(0.52 * dense!.weightBytes);
    expect(rounded!.klToDense).toBeGreaterThan(half!.klToDense);
    expect(rounded!.movedBytesPerToken).toBeLessThan(half!.movedBytesPerToken);
    expect(result.coldStart.pipelines).toBeGreaterThan(5);
    expect(result.pipelines).toBeGreaterThan(result.coldStart.pipelines);
    const report = readFileSync(html, 'utf8');
    for (const name of variantNames) expect(report).toContain(name);
    expect(report).not.toMatch(/NaN|undefined|Infinity|<script|https?:/);
  }, 600_000);

  test('doctor finds the adapter right', async () => {
    const json = place('doctor.json');
    const { exitCode, out } = await run(['doctor', '--json', json, ...testAdapter]);
    expect(out).toContain('All is well.');
    expect(exitCode).toBe(0);
    const { examinations } = readJson(json) as { examinations: { passed: boolean; error: number }[] };
    expect(examinations.length).toBe(12);
    expect(examinations.some(({ error }) => error > 0)).toBe(true);
  }, 120_000);
});

describe('says what it cannot take', () => {
  const failure = async (words: readonly string[]): Promise<string> => {
    const { exitCode, error } = await run(words);
    return `${exitCode}: ${error.trim().split('\n').at(-1)!}`;
  };
  const generate = (path: string): Promise<string> => failure(['generate', path, '--prompt-tokens', '1']);

  test('folders', async () => {
    expect(await generate(place('nowhere'))).toBe(
      `1: [config.json] there is no such file in ${place('nowhere')}; it says what the weights mean. ` +
        'Fix: point at a model in the Hugging Face layout, and check that all its files are there.',
    );
    writeRandomLlama(place('gpt'), { config: { architectures: ['GPT2LMHeadModel'], model_type: 'gpt2' } });
    expect(await generate(place('gpt'))).toMatch(/^1: \[config\.json\] .*GPT2LMHeadModel.*LlamaForCausalLM/);
    writeRandomLlama(place('shard'), { without: (name) => name.startsWith('model-00002') });
    expect(await generate(place('shard'))).toMatch(/^1: \[model-00002-of-\d+\.safetensors\] /);
    writeRandomLlama(place('wide'), { config: { intermediate_size: 353 } });
    expect(await generate(place('wide'))).toMatch(/^1: \[.*\] .*shape \[.*\].*config\.json/);
    writeRandomLlama(place('gelu'), { config: { hidden_act: 'gelu' } });
    expect(await generate(place('gelu'))).toMatch(/^1: \[.*\] .*gelu/);
  });

  test('what is left out is a warning, and with --strict an error', async () => {
    writeRandomLlama(place('short'), { config: { num_hidden_layers: 1 } });
    const words = ['generate', place('short'), '--prompt-tokens', '5', '--max-tokens', '0', ...testAdapter];
    const { exitCode, error } = await run(words);
    expect(exitCode).toBe(0);
    const warning = /9 tensors are not used by the model that config\.json describes: "model\.layers\.1\./;
    expect(error).toMatch(new RegExp(`^warning: ${warning.source}`, 'm'));
    expect(await failure([...words, '--strict'])).toMatch(
      new RegExp(`^1: \\[.*short\\] ${warning.source}.*; a strict reading leaves nothing out\\. Fix: `),
    );
  }, 60_000);

  test('a weight that is no number ends it, and --check names it', async () => {
    writeRandomLlama(place('nan'), {
      weights: (state) => {
        const name = 'model.layers.1.mlp.up_proj.weight';
        const numbers = new Float32Array(352 * 192).fill(0.01);
        numbers[7] = Number.NaN;
        state.set(name, packDense(numbers, [352, 192], 'bf16'));
      },
    });
    const words = ['generate', place('nan'), '--prompt-tokens', '5,6', '--max-tokens', '3', ...testAdapter];
    expect(await failure(words)).toBe(
      '1: [generate] the numbers stop being numbers at position 1: NaN came out; logits are finite wherever the weights and what ' +
        'is made of them are. Fix: find the operator with findNonFinite (generate --check on the command line), and check the weight files.',
    );
    expect(await failure([...words, '--check'])).toMatch(
      /^1: \[generate\] the weight .*model\.layers\.1\.mlp\.up_proj\.weight.* holds NaN; weights are finite numbers\. Fix: /,
    );
  }, 120_000);

  test('the command line goes before generation_config.json, also where that is wrong', async () => {
    writeRandomLlama(place('odd'));
    writeFileSync(place('odd/generation_config.json'), '{"do_sample": true, "top_p": 1.5, "top_k": -1}');
    const words = ['generate', place('odd'), '--prompt-tokens', '5', '--max-tokens', '1', ...testAdapter];
    expect(await failure(words)).toBe(
      '1: [generation_config.json] top_p is 1.5; a probability is at most 1. ' +
        'Fix: correct the file, or say otherwise (topP, --top-p).',
    );
    expect(await run([...words, '--top-p', '0.9', '--top-k', '-1'])).toMatchObject({ exitCode: 0 });
  }, 60_000);

  test('prompts', async () => {
    expect(await failure(['generate', model])).toBe(
      '2: [generate] there is no prompt; a model continues one text. Fix: give --prompt TEXT or --prompt-tokens IDS.',
    );
    expect(await failure(['generate', model, '--prompt', 'Hello'])).toBe(
      `2: [generate] ${model} has no tokenizer.json; --prompt needs one. Fix: give --prompt-tokens instead.`,
    );
    const empty = await run(['generate', shippedModel, '--prompt', '', ...testAdapter]);
    expect([empty.exitCode, empty.error.replace('reading\n', '')]).toEqual([
      2,
      '[generate] the prompt is empty; a model continues at least one token. Fix: give a text, or begin with the bos token.\n',
    ]);
    expect(await failure(['generate', model, '--prompt-tokens', '5', '--context', '513'])).toBe(
      '2: [capacity] 513 positions were asked for; the model was made for 512 (max_position_embeddings). Fix: ask for fewer.',
    );
    expect(await failure(['explain', model, '--tokens', '9', '--keys', '8'])).toBe(
      '2: [explain] a step of 9 tokens with 8 keys was asked for; there is room for 512 keys, and the tokens are among them. ' +
        'Fix: choose other --tokens, --keys or --context.',
    );
  });

  test('command lines', async () => {
    expect((await run(['generate', model, '--prompt-tokens', '5,x'])).exitCode).toBe(2);
    const topK = await run(['generate', model, '--prompt-tokens', '5', '--top-k', '2147483648']);
    expect(topK.exitCode).toBe(2);
    expect(topK.error).toContain('It must be a whole number from -1 to 2147483647.');
    expect(await failure(['doctor', '--json', folder])).toBe(
      `2: [--json] ${folder} cannot be written: a folder stands there (EISDIR). Fix: name a place that you may write to.`,
    );
    expect((await run(['generate', model, '--prompt-tokens', '5', '--top-p', '2'])).exitCode).toBe(2);
    expect((await run(['compress', model, place('out')])).exitCode).toBe(2);
    const misspelt = await run(['compress', model, place('out'), '--variant', 'int4-rtm']);
    expect(misspelt.exitCode).toBe(2);
    expect(misspelt.error).toContain(
      `argument 'int4-rtm' is invalid. Known are ${variantNames.join(', ')}. Fix: write 'int4-rtn'.`,
    );
    expect((await run(['bench', '--nonsense'])).exitCode).toBe(2);
    expect((await run(['nonsense'])).exitCode).toBe(2);
    expect((await run(['doctor', '--adapter', 'voodoo'])).exitCode).toBe(2);
    expect(await run(['--version'])).toEqual({
      exitCode: 0,
      out: `${(readJson(join(import.meta.dirname, '../package.json')) as { version: string }).version}\n`,
      error: '',
    });
    const help = await run(['--help']);
    expect(help.exitCode).toBe(0);
    for (const name of ['start', 'generate', 'compress', 'explain', 'bench', 'doctor'])
      expect(help.out).toContain(`  ${name} `);
    writeFileSync(place('a-file'), '');
    expect(await failure(['compress', model, place('a-file'), '--variant', 'int4-rtn'])).toBe(
      `2: [${place('a-file')}] it, or a part of its path, is a file; the output is a folder that does not exist yet, or is ` +
        'empty. Fix: name such a folder.',
    );
  });
});

test('the shipped model is where the command looks for it', () => {
  expect(existsSync(join(shippedModel, 'config.json'))).toBe(true);
});

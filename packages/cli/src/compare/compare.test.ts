// The command on two of the shipped models: one with caches, one with states of one size.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testProfile } from '@tilewright/tooling/test-device';
import { afterAll, describe, expect, test } from 'vitest';
import { shippedModels } from '../paths.ts';
import { run, testAdapter } from '../test/run.ts';
import type { CompareResult } from './result.ts';

const folder = mkdtempSync(join(tmpdir(), 'tilewright-compare-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const place = (name: string): string => join(folder, name);

test('refuses before any work', async () => {
  const refused = async (...words: string[]): Promise<string> => {
    const { exitCode, error } = await run(['compare', ...words, '--html', place('out.html'), ...testAdapter]);
    expect(exitCode).toBe(2);
    return error;
  };
  expect(await refused('--lengths', '128,8')).toContain(
    'They must be whole numbers from 32, separated by commas.',
  );
  expect(await refused('--variant', 'int4')).toContain('Known are dense-f32, dense-f16');
  expect(await refused(shippedModels[1]!)).toContain('sample.txt cannot be read (ENOENT)');
});

// SwiftShader takes minutes to compile what lavapipe does in seconds.
describe.skipIf(testProfile.compileOnly || testProfile.subset)('on shipped models', () => {
  test('losses, states and speeds of each', async () => {
    const [json, html] = [place('out.json'), place('out.html')];
    const { exitCode, error } = await run([
      'compare',
      ...shippedModels.slice(0, 2),
      '--variant',
      'int4-rtn',
      '--lengths',
      '48,160',
      '--most',
      '2',
      '--json',
      json,
      '--html',
      html,
      ...testAdapter,
    ]);
    expect(error).toContain(`report: ${html}`);
    expect(exitCode).toBe(0);
    const result = JSON.parse(readFileSync(json, 'utf8')) as CompareResult;
    expect([result.windows, result.windowTokens]).toEqual([2, 128]);
    const [llama, mamba] = result.models as [CompareResult['models'][0], CompareResult['models'][0]];
    expect([llama.architecture, mamba.architecture]).toEqual(['llama', 'mamba2']);
    expect([llama.statedLoss, mamba.statedLoss]).toEqual([3.2734, 3.3665]);
    expect(llama.context).toEqual({ size: 128, from: 'max_position_embeddings' });
    expect(mamba.context).toEqual({ size: 2 ** 24, from: 'a recurrence has no limit' });
    for (const { variants } of result.models) {
      const [dense, int4] = variants as [(typeof variants)[0], (typeof variants)[0]];
      expect([dense.name, int4.name]).toEqual(['dense-f32', 'int4-rtn']);
      // Sonnets are not what the models learned from; without its weights a model is at ln 1024.
      expect(dense.loss).toBeGreaterThan(3);
      expect(dense.loss).toBeLessThan(4.6);
      expect(Math.abs(int4.loss - dense.loss)).toBeLessThan(0.1);
      expect([dense.bitsPerWeight, int4.bitsPerWeight]).toEqual([32, 4.5]);
    }
    // Six layers of two heads of keys and values, of 32 numbers each; a state does not know the length.
    expect(llama.lengths.map(({ tokens, stateBytes }) => [tokens, stateBytes])).toEqual([
      [48, 6 * 2 * 48 * 64 * 4],
    ]);
    expect(mamba.lengths.map(({ tokens, stateBytes }) => [tokens, stateBytes])).toEqual(
      [48, 160].map((tokens) => [tokens, 6 * (6 * 64 * 64 + 640 * 3) * 4]),
    );
    const page = readFileSync(html, 'utf8');
    expect(page).toContain('shakespeare-mamba2-1m');
    expect(page).not.toMatch(/NaN|undefined|<script|https?:/);
  }, 200_000);
});

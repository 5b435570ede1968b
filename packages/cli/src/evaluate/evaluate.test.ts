// The command on the shipped model and its sample text, with a folder that compress wrote and a variant made on the way.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testProfile } from '@tilewright/tooling/test-device';
import { afterAll, describe, expect, test } from 'vitest';
import { shippedModel } from '../paths.ts';
import { run, testAdapter } from '../test/run.ts';
import type { EvaluationResult } from './result.ts';

const folder = mkdtempSync(join(tmpdir(), 'tilewright-evaluate-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const place = (name: string): string => join(folder, name);
// Three times the sample: its last tenth is enough for windows.
const sample = readFileSync(join(shippedModel, 'sample.txt'), 'utf8');
const text = place('text.txt');
writeFileSync(text, sample.repeat(3));

describe('refusals before any work', () => {
  const refused = async (...words: string[]): Promise<string> => {
    const { exitCode, error } = await run(['evaluate', ...words, ...testAdapter]);
    expect(exitCode).toBe(2);
    return error;
  };

  test('say what is missing, and what to do', async () => {
    const variant = ['--variant', 'int4-rtn'];
    expect(await refused(shippedModel, ...variant)).toContain(
      "required option '--text <file>' not specified",
    );
    expect(await refused(shippedModel, '--text', place('none'), ...variant)).toBe(
      `[--text] ${place('none')} cannot be read (ENOENT). Fix: name a text file.\n`,
    );
    const short = place('short.txt');
    writeFileSync(short, sample.slice(0, 500));
    expect(await refused(shippedModel, '--text', short, ...variant)).toBe(
      '[--text] the last 10 % of short.txt is less than 257 tokens; it is scored in whole windows of 128 tokens, two at least. ' +
        'Fix: give a longer text.\n',
    );
    expect(await refused(shippedModel, '--text', text, '--variant', 'int4')).toContain(
      'Known are dense-f32, dense-f16',
    );
    expect(await refused(shippedModel, '--text', text)).toContain(
      '[evaluate] there is nothing to compare with the dense model; a row of the table is a folder or a variant of its own. ' +
        'Fix: name folders behind the first, or give --variant NAME or --recipe STEPS.\n',
    );
    expect(await refused(shippedModel, '--text', text, ...variant, ...variant)).toContain(
      '[evaluate] int4-rtn is named twice; a row of the table is a folder or a variant of its own. Fix: leave one out.\n',
    );
  }, 60_000);
});

// SwiftShader takes minutes to compile what lavapipe does in seconds; the function's own test runs on it.
describe.skipIf(testProfile.compileOnly || testProfile.subset)('on the shipped model', () => {
  test('a folder and the variant that it is of score the same, each with its error', async () => {
    const [output, json, html] = [place('int3-rtn-folder'), place('out.json'), place('out.html')];
    const made = await run(['compress', shippedModel, output, '--variant', 'int3-rtn', ...testAdapter]);
    expect(made.exitCode).toBe(0);
    const words = ['evaluate', shippedModel, output, '--text', text, '--windows', '4', '--draws', '2'];
    const variants = ['--recipe', 'quant int3-g32 rtn', '--variant', 'int3-gptq'];
    const { exitCode, out, error } = await run([
      ...words,
      ...variants,
      '--html',
      html,
      '--json',
      json,
      ...testAdapter,
    ]);
    expect(error).toContain('int3-gptq: compressing');
    expect(exitCode).toBe(0);
    expect(out.split('\n')).toHaveLength(5);
    expect(out).toMatch(/int3-gptq +3\.50 .* 2 .*±/);
    const { rows, pairs, windows, tokens, reference } = JSON.parse(
      readFileSync(json, 'utf8'),
    ) as EvaluationResult;
    expect([windows * 128, rows.length, pairs.length]).toEqual([tokens, 3, 3]);
    const [stored] = rows;
    const [calibrated, rounded] = ['int3-gptq', 'quant int3-g32 rtn'].map((name) =>
      rows.find((row) => row.name === name),
    );
    expect(stored!.bitsPerWeight).toBe(3.5);
    expect(stored!.weightBytes).toBe(rounded!.weightBytes);
    expect(stored!.loss.mean).toBeCloseTo(rounded!.loss.mean, 4);
    expect([rounded!.draws, calibrated!.draws]).toEqual([1, 2]);
    expect(calibrated!.kl.mean).toBeLessThan(rounded!.kl.mean);
    expect(rounded!.lossGap.mean).toBeCloseTo(rounded!.loss.mean - reference.loss.mean, 9);
    // The text is the same for both, so their difference is surer than either.
    expect(rounded!.lossGap.standardError!).toBeLessThan(rounded!.loss.standardError! / 2);
    const page = readFileSync(html, 'utf8');
    expect(page).toContain('Each against each');
    expect(page).not.toMatch(/NaN|undefined|<script|https?:/);
    expect(existsSync(`${html}.part`)).toBe(false);
  }, 300_000);
});

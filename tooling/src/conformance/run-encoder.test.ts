// Folders of encoders made here, right and wrong, through the conformance command.
import { writeSafetensors } from '@tilewright/formats';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { exactGelu, plainBert } from '../../../packages/models/src/test/plain-bert.ts';
import { tinyBertConfig, tinyBertState } from '../../../packages/models/src/test/tiny-bert.ts';
import { testProfile } from '../test-device.ts';
import { conformanceCommand } from './command.ts';
import type { CaseResult } from './run-case.ts';

const texts: readonly (readonly number[])[] = [
  [3, 14, 1, 5, 9],
  [2, 6, 5],
];
const [width, size] = [5, tinyBertConfig.hidden_size];
const filled = (values: readonly number[], length: number, fill: number): number[] => [
  ...values,
  ...Array.from({ length: length - values.length }, () => fill),
];
const exact = texts.map((text) =>
  plainBert(tinyBertState(), { heads: 4, layers: 2, epsilon: 1e-12, activation: exactGelu }, text),
);
const sentences = exact.map(({ hidden }) => {
  const mean = hidden[0]!.map((_, i) => hidden.reduce((sum, row) => sum + row[i]!, 0) / hidden.length);
  return mean.map((value) => value / Math.hypot(...mean));
});

/** A batch, with padding behind the shorter text, as transformers' forward takes it, and what BERT in f64 makes of it. */
const right = {
  inputs: {
    input_ids: { shape: [2, width], data: texts.flatMap((text) => filled(text, width, 0)) },
    attention_mask: {
      shape: [2, width],
      data: texts.flatMap((text) =>
        filled(
          text.map(() => 1),
          width,
          0,
        ),
      ),
    },
  },
  outputs: {
    last_hidden_state: {
      shape: [2, width, size],
      data: exact.flatMap(({ hidden }) => filled(hidden.flat(), width * size, 0.5)),
    },
    pooler_output: { shape: [2, size], data: exact.flatMap(({ pooled }) => [...pooled]) },
    sentence_embedding: { shape: [2, size], data: sentences.flat() },
  },
};

/** The second text with padding in front of it, which it does not see, and so at later positions. */
const behind = plainBert(
  tinyBertState(),
  { heads: 4, layers: 2, epsilon: 1e-12, activation: exactGelu },
  texts[1]!,
  undefined,
  [2, 3, 4],
);
const inFront = {
  inputs: {
    input_ids: { shape: [1, width], data: [0, 0, ...texts[1]!] },
    attention_mask: { shape: [1, width], data: [0, 0, 1, 1, 1] },
  },
  outputs: {
    last_hidden_state: {
      shape: [1, width, size],
      data: [...filled([], 2 * size, 0.5), ...behind.hidden.flat()],
    },
  },
};

const wrong = (
  name: 'last_hidden_state' | 'pooler_output' | 'sentence_embedding',
  factor: number,
): object => {
  const { shape, data } = right.outputs[name];
  return { ...right, outputs: { ...right.outputs, [name]: { shape, data: data.map((x) => factor * x) } } };
};

test.skipIf(testProfile.compileOnly)(
  'folders of encoders run, and say what is wrong',
  async () => {
    const root = mkdtempSync(join(tmpdir(), 'tilewright-encoders-'));
    const folder = (name: string, want: object): void => {
      mkdirSync(join(root, name));
      writeFileSync(join(root, name, 'config.json'), JSON.stringify(tinyBertConfig));
      writeFileSync(join(root, name, 'model.safetensors'), writeSafetensors(tinyBertState()));
      writeFileSync(join(root, name, 'expected.json'), JSON.stringify(want));
    };
    const { input_ids } = right.inputs;
    folder('right', right);
    folder('other-states', wrong('last_hidden_state', 1.001));
    folder('other-pooler', wrong('pooler_output', 1.001));
    folder('other-sentences', wrong('sentence_embedding', 1.001));
    folder('in-front', inFront);
    folder('masked', {
      ...right,
      inputs: { input_ids, attention_mask: { shape: [2, width], data: [1, 1, 1, 1, 1, 0, 0, 0, 0, 0] } },
    });
    folder('unknown', { ...right, outputs: { ...right.outputs, attentions: right.outputs.pooler_output } });
    folder('tokens', { tokens: [1], last_logits: [1], argmax: [1] });
    const json = join(root, 'rows.json');
    let out = '';
    const terminal = {
      out: (text: string) => void (out += text),
      error: () => {},
      colour: false,
      interactive: false,
    };
    try {
      expect(await conformanceCommand([root, '--json', json], terminal)).toBe(1);
      const rows = JSON.parse(readFileSync(json, 'utf8')) as CaseResult[];
      const found = Object.fromEntries(rows.map(({ name, status, reason }) => [name, [status, reason]]));
      expect(found['right']).toEqual(['passed', '']);
      expect(rows.find(({ name }) => name === 'right')!.worstError).toBeLessThan(4e-6);
      for (const [name, output] of [
        ['other-states', 'last_hidden_state'],
        ['other-pooler', 'pooler_output'],
        ['other-sentences', 'sentence_embedding'],
      ] as const) {
        expect(found[name]![0]).toBe('failed');
        expect(found[name]![1]).toMatch(
          new RegExp(`^${output} of row [01] is off by 0\\.000[89]\\d* of the largest$`),
        );
      }
      expect(found['in-front']).toEqual(['passed', '']);
      expect(found['masked']).toEqual(['failed', 'the mask of row 1 leaves no token']);
      expect(found['unknown']).toEqual(['skipped', 'no task that has attentions']);
      expect(found['tokens']).toEqual(['skipped', 'no task that gives these outputs']);
      expect(out.trimEnd().split('\n').at(-1)).toBe('2 passed, 4 failed, 2 skipped');
    } finally {
      rmSync(root, { recursive: true });
    }
  },
  120_000,
);

// Model folders made here, right and wrong, through the conformance command.
import { scoring } from '@tilewright/models';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HostTensor } from '@tilewright/kernels';
import { openModelFolderAt } from '@tilewright/formats/node';
import { writeSafetensors } from '@tilewright/formats';
import { sequenceFrom } from '@tilewright/models';
import { openModel } from '@tilewright/models/all';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { meanings } from '@tilewright/graph/registry';
import { interpret } from '../../../packages/graph/src/oracle/interpret.ts';
import { tinyConfig, tinyState } from '../../../packages/models/src/test/tiny-model.ts';
import { testProfile } from '../test-device.ts';
import { conformanceCommand } from './command.ts';
import type { CaseResult } from './run-case.ts';

const tokens = [3, 14, 1, 5, 9, 2, 6];

let root: string;
let expected: { tokens: number[]; last_logits: number[]; argmax: number[]; greedy: number[] };
const folder = (name: string, want: object, config: object = tinyConfig): void => {
  const path = join(root, name);
  mkdirSync(path);
  const state: Map<string, HostTensor> = tinyState();
  writeFileSync(join(path, 'config.json'), JSON.stringify(config));
  writeFileSync(join(path, 'model.safetensors'), writeSafetensors(state));
  writeFileSync(join(path, 'expected.json'), JSON.stringify(want));
};

/** What f64 arithmetic makes of the tiny model. */
async function exact(path: string): Promise<typeof expected> {
  const { model, weights } = await openModel(await openModelFolderAt(path));
  const all = [...tokens];
  const step = () =>
    interpret(
      meanings,
      scoring(model.graph, model.tasks.score),
      weights,
      {
        ids: Uint32Array.from(all),
        sequences: sequenceFrom(0, all.length),
        targets: Uint32Array.from(all),
      },
      { tokens: all.length, keys: all.length },
    );
  const { score, vocabulary } = model.tasks;
  const first = step();
  const argmax = Array.from(first[score.argmax]!);
  const greedy: number[] = [];
  for (let i = 0; i < 4; i++) {
    const next = Array.from(step()[score.argmax]!).at(-1)!;
    greedy.push(next);
    all.push(next);
  }
  return { tokens, last_logits: Array.from(first[score.logits]!).slice(-vocabulary), argmax, greedy };
}

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'tilewright-models-'));
  folder('right', {});
  expected = await exact(join(root, 'right'));
  writeFileSync(join(root, 'right/expected.json'), JSON.stringify(expected));
  folder('other-greedy', { ...expected, greedy: [...expected.greedy.slice(0, -1), 0] });
  folder('other-logits', { ...expected, last_logits: expected.last_logits.map((value) => 1.001 * value) });
  folder('unknown', { inputs: {}, outputs: {} }, { ...tinyConfig, architectures: ['GPT2LMHeadModel'] });
  folder(
    'trap-act',
    { refuse: true, why: 'no such', mentions: ['relu9'] },
    { ...tinyConfig, hidden_act: 'relu9' },
  );
  folder(
    'trap-mute',
    { refuse: true, why: 'no such', mentions: ['helix'] },
    { ...tinyConfig, hidden_act: 'x' },
  );
  folder('trap-taken', { refuse: true, why: 'it is wrong', mentions: ['helix'] });
  folder('trap-text', { ...expected, text: 'refuse' });
});
afterAll(() => rmSync(root, { recursive: true }));

test.skipIf(testProfile.compileOnly)(
  'model folders run, and say what is wrong',
  async () => {
    let out = '';
    const terminal = {
      out: (text: string) => void (out += text),
      error: () => {},
      colour: false,
      interactive: false,
    };
    const json = join(root, 'rows.json');
    expect(await conformanceCommand([root, '--json', json], terminal)).toBe(1);
    const rows = JSON.parse(readFileSync(json, 'utf8')) as CaseResult[];
    const found = Object.fromEntries(
      rows.map(({ name, op, status, reason }) => [name, [op, status, reason]]),
    );
    expect(found['right']).toEqual(['family', 'passed', '']);
    expect(rows.find(({ name }) => name === 'right')!.worstError).toBeLessThan(4e-5);
    expect(found['other-greedy']).toEqual([
      'family',
      'failed',
      `it writes ${expected.greedy.join()} instead of ${[...expected.greedy.slice(0, -1), 0].join()}`,
    ]);
    expect(found['other-logits']![2]).toMatch(/^logits are off by 0\.00099[89]\d* of the largest$/);
    expect(found['unknown']).toEqual(['family', 'skipped', 'no architecture GPT2LMHeadModel']);
    expect(found['trap-act']).toEqual(['trap', 'passed', '']);
    expect(found['trap-mute']).toEqual([
      'trap',
      'failed',
      `the refusal mentions none of helix: [config.json] hidden_act is "x"; this architecture has 'silu'. ` +
        'Fix: use a model with the standard activation.',
    ]);
    expect(found['trap-taken']).toEqual(['trap', 'failed', 'it was loaded, although it is wrong']);
    expect(found['trap-text']).toEqual(['trap', 'passed', '']);
    expect(out.trimEnd().split('\n').at(-1)).toBe('3 passed, 4 failed, 1 skipped');
  },
  120_000,
);

// A model none of whose sizes is a multiple of four, against the f64 meaning of its graph.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openModelFolderAt } from '@tilewright/formats/node';
import { meanings } from '@tilewright/graph/registry';
import { loadLanguageModel, scoring, sequenceFrom, score } from '@tilewright/models';
import { openModel } from '@tilewright/models/all';
import { openTestDevice, testProfile } from '@tilewright/tooling/test-device';
import { expect, test } from 'vitest';
import { interpret } from '../../graph/src/oracle/interpret.ts';
import { writeRandomLlama } from './test/random-llama.ts';

const sizes = {
  hidden_size: 30,
  intermediate_size: 37,
  num_attention_heads: 3,
  num_key_value_heads: 1,
  head_dim: 10,
  vocab_size: 31,
};

// SwiftShader takes minutes to compile what lavapipe does in seconds.
test.skipIf(testProfile.compileOnly || testProfile.subset)(
  'odd sizes give the right logits',
  async () => {
    const { device, dispose } = await openTestDevice();
    const folder = mkdtempSync(join(tmpdir(), 'odd-'));
    writeRandomLlama(folder, { sizes });
    const opened = await openModel(await openModelFolderAt(folder));
    const tokens = [3, 1, 4, 1, 5, 9, 2, 6];
    const want = interpret(
      meanings,
      opened.model.graph,
      opened.weights,
      {
        ids: Uint32Array.from(tokens),
        sequences: sequenceFrom(0, 8),
        targets: Uint32Array.from(tokens),
      },
      { tokens: 8, keys: 8 },
    )[opened.model.tasks.score.logits]!;
    const model = await loadLanguageModel(device, opened, { scoring });
    const { logits } = await score(model, tokens, { logits: true });
    const largest = Math.max(...Array.from(want, Math.abs));
    expect(Math.max(...Array.from(want, (v, i) => Math.abs(v - logits![i]!))) / largest).toBeLessThan(1e-5);
    rmSync(folder, { recursive: true });
    dispose();
  },
  120_000,
);

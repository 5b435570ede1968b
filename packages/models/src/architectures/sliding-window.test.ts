import type { Json } from '@tilewright/formats';
import { describe, expect, test } from 'vitest';
import { configFields } from './config-fields.ts';
import { mistral } from './mistral/index.ts';
import { qwen2 } from './qwen2/index.ts';
import { windowOf } from './sliding-window.ts';

const windows = (fields: Record<string, Json>, used = true): number | null =>
  windowOf(
    configFields(new Map(Object.entries({ num_hidden_layers: 4, ...fields })), 'config.json'),
    'config.json',
    used,
  );

describe('windowOf', () => {
  test.each([
    [{}, null],
    [{ sliding_window: null }, null],
    [{ sliding_window: 8 }, 8],
    [{ sliding_window: 8, max_window_layers: 4 }, null],
    [{ sliding_window: 8, max_window_layers: 3 }, 8],
    [{ sliding_window: 8, layer_types: ['full_attention', 'full_attention'] }, null],
    [{ sliding_window: 8, layer_types: ['full_attention', 'sliding_attention'] }, 8],
  ])('%j', (fields, want) => {
    expect(windows(fields)).toBe(want);
  });

  test('is none where windows are not used', () => {
    expect(windows({ sliding_window: 8 }, false)).toBe(null);
  });

  test.each([
    [
      { layer_types: ['linear_attention'] },
      '[config.json] layer_types has "linear_attention"; full_attention and sliding_attention are known. Fix: choose a model with these layers.',
    ],
    [
      { layer_types: ['sliding_attention'] },
      '[config.json] layer_types has sliding_attention and there is no sliding_window; a window has a size. Fix: compare the file with the one that was published.',
    ],
  ])('refuses %j', (fields, message) => {
    expect(() => windows(fields)).toThrow(message);
  });
});

test('a model that sees a window of keys has room for one window', () => {
  const sizes = {
    hidden_size: 16,
    intermediate_size: 24,
    num_hidden_layers: 2,
    num_attention_heads: 2,
    vocab_size: 9,
    max_position_embeddings: 64,
    sliding_window: 8,
  };
  const context = (architecture: typeof mistral, more: Record<string, Json>) =>
    architecture.read(new Map(Object.entries({ ...sizes, ...more })), 'config.json').context;
  const window = { size: 8, from: 'sliding_window: all keys are seen here' };
  expect(context(mistral, {})).toEqual(window);
  expect(context(mistral, { sliding_window: null })).toEqual({ size: 64, from: 'max_position_embeddings' });
  expect(context(qwen2, { use_sliding_window: false })).toEqual({
    size: 64,
    from: 'max_position_embeddings',
  });
  expect(context(qwen2, { use_sliding_window: true, max_window_layers: 1 })).toEqual(window);
});

import type { Json } from '@tilewright/formats';
import { describe, expect, test } from 'vitest';
import { configFields } from './config-fields.ts';
import { mistral } from './mistral/index.ts';
import { qwen2 } from './qwen2/index.ts';
import { windowSizes } from './sliding-window.ts';

const windows = (fields: Record<string, Json>, used = true): (number | null)[] => {
  const sizes = windowSizes(
    configFields(new Map(Object.entries({ num_hidden_layers: 3, ...fields })), 'config.json'),
    used,
  );
  return [0, 1, 2].map(sizes);
};

describe('windowSizes', () => {
  test.each([
    [{}, [null, null, null]],
    [{ sliding_window: null }, [null, null, null]],
    [{ sliding_window: 8 }, [8, 8, 8]],
    [{ sliding_window: 8, max_window_layers: 3 }, [null, null, null]],
    [{ sliding_window: 8, max_window_layers: 2 }, [null, null, 8]],
    [
      { sliding_window: 8, layer_types: ['full_attention', 'sliding_attention', 'full_attention'] },
      [null, 8, null],
    ],
  ])('%j', (fields, want) => {
    expect(windows(fields)).toEqual(want);
  });

  test('is none where windows are not used', () => {
    expect(windows({ sliding_window: 8 }, false)).toEqual([null, null, null]);
  });

  test.each([
    [
      { layer_types: ['linear_attention'] },
      '[config.json] layer_types[0] is "linear_attention"; full_attention and sliding_attention are known. Fix: choose a model with these layers.',
    ],
    [
      { sliding_window: 8, max_window_layers: '2' },
      '[config.json] max_window_layers is "2"; it must be a whole number from 0. Fix: compare the file with the one that was published.',
    ],
    [
      { layer_types: ['sliding_attention'] },
      '[config.json] num_hidden_layers is 3 and layer_types is a list of 1; each layer has one. Fix: compare the file with the one that was published.',
    ],
    [
      { layer_types: Array<Json>(3).fill('sliding_attention') },
      '[config.json] sliding_window is missing; layer_types has sliding_attention, and a window has a size. Fix: compare the file with the one that was published.',
    ],
  ])('refuses %j', (fields, message) => {
    expect(() => windows(fields)).toThrow(message);
  });
});

test('a layer with a window keeps a ring of keys, another all of them', () => {
  const sizes = {
    hidden_size: 16,
    intermediate_size: 24,
    num_hidden_layers: 2,
    num_attention_heads: 2,
    vocab_size: 9,
    max_position_embeddings: 64,
    sliding_window: 8,
  };
  const formats = (architecture: typeof mistral, more: Record<string, Json>): (string | undefined)[] => {
    const read = architecture.read(new Map(Object.entries({ ...sizes, ...more })), 'config.json');
    expect(read.context).toEqual({ size: 64, from: 'max_position_embeddings' });
    const { states } = read.build({}).graph;
    return Object.values(states).map(({ cache }) => cache?.format.id);
  };
  expect(formats(mistral, {})).toEqual(['ring(7)', 'ring(7)']);
  expect(formats(mistral, { sliding_window: null })).toEqual(['contiguous', 'contiguous']);
  expect(formats(qwen2, { use_sliding_window: false })).toEqual(['contiguous', 'contiguous']);
  expect(formats(qwen2, { use_sliding_window: true, max_window_layers: 1 })).toEqual([
    'contiguous',
    'ring(7)',
  ]);
});

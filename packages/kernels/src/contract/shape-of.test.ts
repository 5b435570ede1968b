import { expect, test } from 'vitest';
import { registry } from '../registry.ts';
import type { TensorContract } from './contract.ts';
import { shapeOf } from './shape-of.ts';

const keys: TensorContract = {
  shape: ['batch', 'keys', 'heads', 'size'],
  shapeWhen: ['packed', true, ['tokens', 'heads', 'size'], 'shd'],
  order: { option: 'strides', letters: 'bshd' },
};

test.each([
  ['bshd', ['batch', 'keys', 'heads', 'size'], ['tokens', 'heads', 'size']],
  ['bhsd', ['batch', 'heads', 'keys', 'size'], ['heads', 'tokens', 'size']],
  ['h b s d', ['heads', 'batch', 'keys', 'size'], ['heads', 'tokens', 'size']],
  ['shd', ['keys', 'heads', 'size'], ['tokens', 'heads', 'size']],
  ['b s b:3 h d', ['batch', 'keys', 'heads', 'size'], ['tokens', 'heads', 'size']],
  ['b s 1/3 h d', ['batch', 'keys', 'heads', 'size'], ['tokens', 'heads', 'size']],
  ['bssd', ['batch', 'keys', 'heads', 'size'], ['tokens', 'heads', 'size']],
  ['bshx', ['batch', 'keys', 'heads', 'size'], ['tokens', 'heads', 'size']],
])('%s', (strides, padded, packed) => {
  expect(shapeOf(keys, { strides, packed: false })).toEqual(padded);
  expect(shapeOf(keys, { strides, packed: true })).toEqual(packed);
});

test('tensors of any shape count elements, whatever their order', () => {
  const flat: TensorContract = {
    shape: ['a_size'],
    flat: true,
    order: { option: 'strides', letters: 'bmk' },
  };
  expect(shapeOf(flat, { strides: 'mbk' })).toEqual(['a_size']);
});

test('an order of which nothing is said is that of the declared shape, and one for all of a kernel', () => {
  const wrong = registry.flatMap(({ kernel }) => {
    const ordered = Object.entries<TensorContract>({ ...kernel.inputs, ...kernel.outputs }).flatMap(
      ([name, { order, flat }]) => (typeof order === 'object' && !flat ? [{ name, ...order }] : []),
    );
    const letters = new Set(ordered.map((each) => each.letters));
    return ordered
      .filter(({ option, letters: own }) => {
        const [first] = kernel.definition.options![option]!;
        return letters.size > 1 || (first !== own && first !== '');
      })
      .map(({ name }) => `${name} of ${kernel.name}`);
  });
  expect(wrong).toEqual([]);
});

test('an option puts other axes in the place of some, whichever shape another option gives', () => {
  const state: TensorContract = {
    shape: ['batch', 'keys', 'values'],
    shapeWhen: ['order', 'value key', ['batch', 'values', 'keys']],
    axesAs: ['packed', true, { batch: 'sequences' }],
  };
  expect(shapeOf(state, { order: 'key value', packed: false })).toEqual(['batch', 'keys', 'values']);
  expect(shapeOf(state, { order: 'key value', packed: true })).toEqual(['sequences', 'keys', 'values']);
  expect(shapeOf(state, { order: 'value key', packed: true })).toEqual(['sequences', 'values', 'keys']);
});

import { expect, test } from 'vitest';
import { nearestName, renameFix } from './nearest-name.ts';

const variants = ['dense-f32', 'int8-rtn', 'int4-rtn', 'int4-gptq', '2:4-wanda'];

test.each([
  ['int4rtn', 'int4-rtn'],
  ['int4_gptq', 'int4-gptq'],
  ['int4', 'int4-rtn'],
  ['in4t-gptq', 'int4-gptq'],
  ['Dense-F32', 'dense-f32'],
  ['dense', 'dense-f32'],
  ['2:4-wonda', '2:4-wanda'],
  ['awq', undefined],
  ['', undefined],
])('%j means %j', (name, meant) => {
  expect(nearestName(name, variants)).toBe(meant);
});

test('case, separators and spelling of options', () => {
  const options = ['maxTokens', 'temperature', 'topK', 'topP'];
  expect(nearestName('max_tokens', options)).toBe('maxTokens');
  expect(nearestName('top_k', options)).toBe('topK');
  expect(nearestName('temprature', options)).toBe('temperature');
  expect(nearestName('mask.documents', ['q', 'k', 'mask.document'])).toBe('mask.document');
  expect(nearestName('foo.bar', ['q', 'k', 'v', 'lengths'])).toBeUndefined();
  expect(nearestName('x', [])).toBeUndefined();
  expect(nearestName('z', ['x', 'y'])).toBeUndefined();
  expect(nearestName('X', ['x', 'y'])).toBe('x');
});

test('a fix proposes the nearest name, or what it is told', () => {
  expect(renameFix('lenghts', ['q', 'lengths'])).toBe("write 'lengths'");
  expect(renameFix('bias', ['q', 'lengths'])).toBe('remove it');
  expect(renameFix('bias', ['q', 'lengths'], 'see --help')).toBe('see --help');
});

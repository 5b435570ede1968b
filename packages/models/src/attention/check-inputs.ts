// What recipes ask of their tensors and options, before the first kernel runs.
import { demandNames, demandObject, TilewrightError } from '@tilewright/kernels';
import type { Tensor } from '@tilewright/runtime';

/** f32: `q` `[batch, queries, heads, head_size]`, `k` `[batch, keys, kv_heads, head_size]`, `v` `[batch, keys, kv_heads, value_size]`. */
export interface AttentionTensors {
  readonly q: Tensor;
  readonly k: Tensor;
  readonly v: Tensor;
}

export interface AttentionAxes {
  readonly batch: number;
  readonly queries: number;
  readonly keys: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headSize: number;
  readonly valueSize: number;
}

/** A condition that the axes of a recipe meet besides, and its words: `kv_heads is heads`. */
export interface AxesCondition {
  readonly words: string;
  readonly holds: (axes: AttentionAxes) => boolean;
}

export const sameTokens: AxesCondition = {
  words: 'queries is keys',
  holds: ({ queries, keys }) => queries === keys,
};
export const sameHeads: AxesCondition = {
  words: 'kv_heads is heads',
  holds: ({ heads, kvHeads }) => heads === kvHeads,
};
export const oneRow: AxesCondition = { words: 'batch is 1', holds: ({ batch }) => batch === 1 };

/**
 * The axes of `q`, `k` and `v`. Throws `bad-argument` where one is missing or there is another, `bad-dtype` where they are not f32,
 * `bad-shape` where the shapes do not fit.
 */
export function attentionAxes(
  recipe: string,
  tensors: AttentionTensors,
  conditions: readonly AxesCondition[] = [],
): AttentionAxes {
  checkNames(recipe, tensors, ['q', 'k', 'v']);
  const { q, k, v } = tensors;
  checkFloats(recipe, { q, k, v });
  const [batch, queries, heads, headSize] = q.shape as [number, number, number, number];
  const [, keys, kvHeads] = k.shape as [number, number, number, number];
  const axes = { batch, queries, keys, heads, kvHeads, headSize, valueSize: v.shape[3]! };
  const fits =
    [q, k, v].every(({ shape }) => shape.length === 4) &&
    `${k.shape}` === `${[batch, keys, kvHeads, headSize]}` &&
    `${v.shape.slice(0, 3)}` === `${[batch, keys, kvHeads]}` &&
    heads % kvHeads === 0;
  if (fits && conditions.every(({ holds }) => holds(axes))) return axes;
  const also = ['kv_heads divides heads', ...conditions.map(({ words }) => words)].join(', and ');
  throw new TilewrightError('bad-shape', {
    subject: recipe,
    problem: `q is [${q.shape.join(', ')}], k [${k.shape.join(', ')}] and v [${v.shape.join(', ')}]`,
    requirement:
      'q is [batch, queries, heads, head_size], k [batch, keys, kv_heads, head_size] and v ' +
      `[batch, keys, kv_heads, value_size], where ${also}`,
    fix: 'give tensors of such shapes',
  });
}

/** Refuses what is no object of tensors, and tensors that a recipe does not read. */
export function checkNames(recipe: string, tensors: object, names: readonly string[]): void {
  demandObject(recipe, 'tensors', tensors, ` of ${names.join(', ')}`);
  demandNames(recipe, tensors, names, (name) => `there is no tensor '${name}'`, 'tensors are');
}

/** Refuses what is not a tensor, or not of f32: what passes between the kernels of a recipe is stored so. */
export function checkFloats(recipe: string, tensors: Readonly<Record<string, Tensor>>): void {
  for (const [name, tensor] of Object.entries<Tensor | undefined>(tensors)) {
    if (tensor?.dtype === 'f32') continue;
    if (tensor?.shape === undefined)
      throw new TilewrightError('bad-argument', {
        subject: recipe,
        problem: `'${name}' is ${tensor === undefined ? 'missing' : 'not a tensor'}`,
        requirement: 'the recipe reads tensors of its device',
        fix: `give device.tensor(shape, numbers) as '${name}', or await what makes it`,
      });
    throw new TilewrightError('bad-dtype', {
      subject: recipe,
      problem: `'${name}' is ${tensor.dtype}`,
      requirement: 'the recipe passes f32 from kernel to kernel, so it takes f32',
      fix: `give '${name}' as f32`,
    });
  }
}

/** Refuses a shape other than `shape`, whose axes are called `names`. */
export function checkShape(
  recipe: string,
  name: string,
  tensor: Tensor,
  names: readonly string[],
  shape: readonly number[],
): void {
  if (`${tensor.shape}` === `${shape}`) return;
  throw new TilewrightError('bad-shape', {
    subject: recipe,
    problem: `'${name}' is [${tensor.shape.join(', ')}]`,
    requirement: `[${names.join(', ')}] is [${shape.join(', ')}] here`,
    fix: 'give a tensor of that shape',
  });
}

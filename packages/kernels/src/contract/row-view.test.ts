import { expect, test } from 'vitest';
import { registry } from '../registry.ts';
import { argmax } from '../rows/argmax/index.ts';
import { compact } from '../mixers/compact/index.ts';
import { rmsNorm } from '../rows/rms-norm/index.ts';
import { checkProblem } from './check-problem.ts';
import type { RowView, TensorContract } from './contract.ts';
import { rowView, viewAccessors, viewWidth } from './row-view.ts';

test('an access takes as much as offset and stride divide by', () => {
  const width = (stride: RowView['stride'], offset: RowView['offset']): number =>
    viewWidth({ stride, offset }, 4);
  expect([width(8, 4), width(8, 2), width(6, 4), width(8, 1), width(0, 0)]).toEqual([4, 2, 2, 1, 4]);
  expect([width({ multipleOf: 4 }, 0), width(8, { multipleOf: 2 })]).toEqual([4, 2]);
  expect(viewWidth({ stride: 8, offset: 0 }, 1)).toBe(1);
});

test('accessors count as if row lay behind row', () => {
  const tensor = { name: 'x', dtype: 'f16', width: 4, access: 'read_write' } as const;
  expect(viewAccessors(tensor, 'x', { stride: 10, offset: { multipleOf: 2 } }, 12)).toBe(
    'fn x_load(i: u32) -> vec4<f32> { let at = params.x_offset / 2u + i / 3u * (5u) + i % 3u * 2u; ' +
      'return vec4<f32>(x_root_load(at + 0u), x_root_load(at + 1u)); }\n' +
      'fn x_store(i: u32, v: vec4<f32>) { let at = params.x_offset / 2u + i / 3u * (5u) + i % 3u * 2u; ' +
      'x_root_store(at + 0u, v.xy); x_root_store(at + 1u, v.zw); }',
  );
  expect(viewAccessors({ ...tensor, dtype: 'f32', access: 'read' }, 'x', { stride: 8, offset: 4 }, 4)).toBe(
    'fn x_load(i: u32) -> vec4<f32> { let at = 1u + i / 1u * (2u) + i % 1u * 1u; return vec4<f32>(x_root_load(at + 0u)); }\n',
  );
});

test('the index of a row is cut into digits, and elements that lie alone have addresses of their own', () => {
  const tensor = { name: 'c_x', dtype: 'f32', width: 4, access: 'read' } as const;
  const inner = [
    { size: { multipleOf: 1 }, stride: { multipleOf: 4 } },
    { size: 3, stride: -8 },
  ];
  expect(viewAccessors(tensor, 'c.x', { stride: 64, offset: 32, inner }, 8)).toBe(
    'fn c_x_load(i: u32) -> vec4<f32> { let row_2 = i / 2u / 3u; let row_0 = row_2 / params.c_x_size_0; ' +
      'let at = 8u + row_0 * (16u) + row_2 % params.c_x_size_0 * (params.c_x_stride_0 / 4u) + ' +
      'i / 2u % 3u * (4294967294u) + i % 2u * 1u; return vec4<f32>(c_x_root_load(at + 0u)); }\n',
  );
  expect(
    viewAccessors(
      { ...tensor, width: 2 },
      'c.x',
      { stride: 1, offset: 0, inner: [{ size: 5, stride: 7 }] },
      1,
    ),
  ).toBe(
    'fn c_x_place(i: u32) -> u32 { let row_0 = i / 1u / 5u; ' +
      'let at = 0u + row_0 * (1u) + i / 1u % 5u * (7u) + i % 1u * 1u; return at; }\n' +
      'fn c_x_load(i: u32) -> vec2<f32> { return vec2<f32>(c_x_root_load(c_x_place(i * 2u + 0u)), c_x_root_load(c_x_place(i * 2u + 1u))); }\n',
  );
});

const axes = { rows: 2, hidden: 8 };
test.each<[string, () => unknown, string]>([
  [
    'a tensor that is read as it lies',
    () => checkProblem(rmsNorm, { axes, views: { weight: rowView({ stride: 8, offset: 0 }) } }),
    '[rms-norm] views.weight is {"stride":8,"offset":0}; rows may lie apart in x, y. ' +
      'Fix: leave it out, and copy the rows together.',
  ],
  [
    'an output whose rows overlap',
    () => checkProblem(rmsNorm, { axes, views: { y: rowView({ stride: 7, offset: 0 }) } }),
    '[rms-norm] views.y.stride is 7; it must be an integer from 8 on. Fix: give 8 or more.',
  ],
  [
    'an offset before the tensor',
    () =>
      checkProblem(argmax, {
        axes: { rows: 2, columns: 8 },
        views: { x: rowView({ stride: 8, offset: -1 }) },
      }),
    '[argmax] views.x.offset is -1; it must be an integer from 0 on. Fix: give 0 or more.',
  ],
  [
    'a length that a run says and the view does not',
    () =>
      checkProblem(compact, {
        axes: { batch: 3, tokens: 40 },
        views: { keep: rowView({ stride: 47, offset: 0 }) },
      }),
    '[compact] views.keep.row is undefined; a run says how long a row is, tokens. ' +
      'Fix: give a row that divides it, and the number of such rows as a digit of inner.',
  ],
  [
    'multiples of nothing',
    () => checkProblem(rmsNorm, { axes, views: { x: rowView({ stride: { multipleOf: 0 }, offset: 0 }) } }),
    '[rms-norm] views.x.stride is 0; it must be an integer from 1 on. Fix: give 1 or more.',
  ],
  [
    'a view without accessors',
    () => {
      const plain = { stride: 8, offset: 0 } as RowView;
      return checkProblem(rmsNorm, { axes, views: { x: plain } });
    },
    '[rms-norm] views.x is {"stride":8,"offset":0}; a view brings the accessors of its rows. ' +
      'Fix: make it by rowView({ stride, offset }) of @tilewright/kernels.',
  ],
])('%s is refused', (_, run, message) => {
  expect(run).toThrowError(message);
});

/** Every tensor of every registered kernel. */
const tensors = registry.flatMap(({ kernel, cases }) =>
  Object.entries<TensorContract>({ ...kernel.inputs, ...kernel.outputs }).map(([name, tensor]) => ({
    what: `${name} of ${kernel.name}`,
    definition: kernel.definition,
    tensor,
    hasCase: cases.some(({ views }) => views?.[name]),
  })),
);

test('an order of digits is an option, with a letter for each axis', () => {
  const wrong = tensors.filter(({ definition, tensor: { order, flat, shape } }) => {
    if (typeof order !== 'object') return false;
    return !definition.options?.[order.option] || (!flat && order.letters.length !== shape.length);
  });
  expect(wrong.map(({ what }) => what)).toEqual([]);
});

test('what says that its rows may lie apart has a case in which they do', () => {
  const rows = tensors.filter(({ tensor }) => tensor.order === 'rows');
  expect(rows.length).toBeGreaterThan(20);
  expect(rows.filter(({ hasCase }) => !hasCase).map(({ what }) => what)).toEqual([]);
});

// A reader's WGSL gives the numbers that the host unpacks: by a small kernel that calls it and stores what it gets, so that
// products need not be compiled for every format.
import { openTestDevice, type TestDevice, testProfile } from '@tilewright/tooling/test-device';
import { runKernel } from '@tilewright/runtime';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { assemble } from '../contract/assemble.ts';
import type { Plan, Problem, Program } from '../contract/contract.ts';
import { defineKernel } from '../contract/define-kernel.ts';
import { ceilDiv } from '../contract/extent.ts';
import { normalStream } from '../numbers/philox.ts';
import { unpack } from './index.ts';
import { randomWeight, weightCodecs, weightExamples } from '../weight-registry.ts';

// Each quad of y by load_b_quad; of dots, the product of the quad with (1, 2, 4, 8); of codes, a quad by the integer face.
const quadsWgsl = `
@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) count: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let item = linear_workgroup(id, count) * 64u + lane;
  if (item >= ROWS * K_QUADS) { return; }
  let quad = item % K_QUADS;
  let block = load_b(item / K_QUADS, quad / BLOCK_QUADS);
  let q = quad % BLOCK_QUADS;
  y_store(item, load_b_quad(block, q));
  dots_store(item, load_b_dot(block, q, vec4<f32>(1.0, 2.0, 4.0, 8.0)));
  codes_store(item, probe_codes(block, q));
}`;
const codesWgsl = `
fn probe_codes(block: LoadB, q: u32) -> vec4<f32> {
  let bytes = bitcast<vec4<i32>>(vec4<u32>(load_b_codes(block, q)) << vec4<u32>(24u, 16u, 8u, 0u)) >> vec4<u32>(24u);
  return fma(vec4<f32>(bytes + CODE_OFFSET), vec4<f32>(block.scaling.x), vec4<f32>(block.scaling.y));
}`;
const noCodesWgsl = 'fn probe_codes(block: LoadB, q: u32) -> vec4<f32> { return load_b_quad(block, q); }';

function program(problem: Problem, plan: Plan): Program {
  const { rows, columns, quads } = problem.axes as {
    rows: number;
    columns: number;
    quads: number;
  };
  const reader = problem.formats.b!.reader!;
  const { constants, view, wgsl } = reader.parts(rows, columns, reader.blockQuads ?? 8);
  const { codeOffset } = reader;
  return assemble({
    kernel: probe,
    problem,
    plan,
    constants: { ...constants, K: columns, K_QUADS: quads, ROWS: rows },
    views: { b: view, y: { width: 4 }, codes: { width: 4 } },
    wgsl: [
      quadsWgsl,
      ...(codeOffset === undefined ? [noCodesWgsl] : [`const CODE_OFFSET = ${codeOffset};`, codesWgsl]),
      ...wgsl,
    ],
    dispatches: [{ entryPoint: 'main', workgroups: ceilDiv(rows * quads, 64) }],
  });
}

const probe = /* @__PURE__ */ defineKernel({
  name: 'reader-probe',
  axes: {
    rows: 'static',
    columns: 'static',
    quads: 'static',
    padded: 'static',
  },
  inputs: { b: { shape: ['rows', 'columns'], dtype: 'weight' } },
  outputs: {
    y: ['rows', 'padded'],
    dots: ['rows', 'quads'],
    codes: ['rows', 'padded'],
  },
  dtypes: ['f32'],
  variants: [{ name: 'baseline', plans: () => [{ variant: 'baseline' }], program }],
});

const readable = weightExamples.flatMap(({ formats }) =>
  formats.filter(({ reader }) => reader !== undefined),
);

/** What two f32 numbers differ by, in units in the last place of the larger. */
function ulps(a: number, b: number): number {
  const size = Math.max(Math.abs(a), Math.abs(b));
  return a === b ? 0 : Math.abs(a - b) / 2 ** (Math.floor(Math.log2(size)) - 23);
}

describe(`readers (${testProfile.name})`, () => {
  let opened: TestDevice;
  beforeAll(async () => {
    opened = await openTestDevice();
  });
  afterAll(() => opened?.dispose());

  test.each(readable)('$name', async (format) => {
    const { device } = opened;
    for (const [rows, columns] of [
      [3, format.columnBlock + 8],
      [5, 2 * format.columnBlock + 35],
    ] as const) {
      const host = randomWeight(format, [rows, columns], normalStream(columns));
      const quads = Math.ceil(columns / 4);
      const axes = { rows, columns, quads, padded: 4 * quads };
      if (testProfile.compileOnly) {
        const problem = probe.problem({ axes, formats: { b: format } });
        const program = probe.program(problem, probe.plans(problem, device.capabilities)[0]!);
        await expect(device.compile([program])).resolves.toBeUndefined();
        continue;
      }
      const b = device.weight(host);
      const results = await runKernel(device, probe, { inputs: { b }, axes });
      const [y, dots, codes] = [
        await results.y!.read(),
        await results.dots!.read(),
        await results.codes!.read(),
      ];
      const want = unpack(host, weightCodecs);
      const exactly = (row: number, column: number): number =>
        column < columns ? want[row * columns + column]! : 0;
      let [worst, worstDot] = [0, 0];
      for (let row = 0; row < rows; row++) {
        for (let column = 0; column < 4 * quads; column++) {
          const at = row * 4 * quads + column;
          worst = Math.max(worst, ulps(y[at]!, exactly(row, column)), ulps(codes[at]!, exactly(row, column)));
        }
        for (let quad = 0; quad < quads; quad++) {
          const terms = [0, 1, 2, 3].map((i) => 2 ** i * exactly(row, 4 * quad + i));
          const size = terms.reduce((sum, term) => sum + Math.abs(term), 0);
          const difference = dots[row * quads + quad]! - terms.reduce((sum, term) => sum + term, 0);
          worstDot = Math.max(worstDot, size === 0 ? Math.abs(difference) : Math.abs(difference) / size);
        }
      }
      expect(worst, `${format.name} [${rows}, ${columns}], units in the last place`).toBeLessThanOrEqual(2);
      // Three sums of four products, each off by half a unit in the last place of the sizes' sum at most.
      expect(worstDot, `${format.name} [${rows}, ${columns}], dots`).toBeLessThanOrEqual(4 * 2 ** -23);
      for (const tensor of [b, ...Object.values(results)]) tensor.dispose();
    }
  });
});

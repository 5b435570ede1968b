import { registry } from '@tilewright/kernels/registry';
import { openTestDevice, type TestDevice } from '@tilewright/tooling/test-device';
import { PbfReader } from 'pbf';
import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packageVersion } from '../suite/environment.ts';
import { relativeError } from './candidates.ts';
import { compareWithOnnxruntime, matchedCases } from './compare.ts';
import { linearCases } from './linear-cases.ts';
import { encodeOnnx } from './onnx-model.ts';
import { loadPeer } from './peer.ts';
import { type ComparisonRow, comparisonRowSchema } from './row.ts';
import { summarise } from './summary.ts';

const installed = packageVersion('onnxruntime-node') !== null;
if (!installed) console.warn('onnxruntime-node is not installed: the comparison itself is not tested');

let opened: TestDevice;
beforeAll(async () => {
  opened = await openTestDevice();
});
afterAll(() => opened.dispose());

const oracleOf = (name: string): (typeof registry)[number] =>
  registry.find(({ kernel }) => kernel.name === name)!;

test('without the peer, the error says what to install', async () => {
  await expect(loadPeer('onnxruntime-nowhere')).rejects.toMatchObject({
    code: 'missing-dependency',
    message:
      "[bench] the npm package 'onnxruntime-nowhere' could not be loaded; it is the peer to compare with, and " +
      'optional. Fix: run `npm install onnxruntime-nowhere@1.30.0`.',
  });
});

test('the matched cases are those promised, each by one name', () => {
  const names = matchedCases.map((each) => `${each.op}/${each.case}`);
  expect(new Set(names).size).toBe(names.length);
  for (const m of [1, 16, 128, 512])
    for (const k of [512, 2048])
      for (const n of [512, 2048])
        for (const op of ['MatMul', 'MatMulNBits']) expect(names).toContain(`${op}/M ${m}, K ${k}, N ${n}`);
  for (const op of ['LayerNormalization', 'RMSNormalization', 'Softmax'])
    expect(names.filter((name) => name.startsWith(`${op}/`))).toHaveLength(6);
});

test('a model is a protobuf with its nodes, constants and shapes', () => {
  const bytes = encodeOnnx({
    nodes: [
      { type: 'MatMul', inputs: ['a', 'b'], outputs: ['y'], attributes: { whole: -1, part: { float: 0.5 } } },
    ],
    constants: { b: { shape: [2, 1], data: Float32Array.of(3, 4) } },
    inputs: { a: [1, 2] },
    outputs: { y: [1, 1] },
  });
  const fields = (data: Uint8Array): (readonly [tag: number, value: number | Uint8Array])[] =>
    new PbfReader(data).readFields<(readonly [number, number | Uint8Array])[]>((tag, found, reader) => {
      found.push([
        tag,
        reader.type === 2
          ? reader.readBytes()
          : reader.type === 5
            ? reader.readFloat()
            : reader.readVarint(true),
      ]);
    }, []);
  const nested = (data: Uint8Array, tag: number): Uint8Array[] =>
    fields(data).flatMap(([each, value]) => (each === tag && typeof value !== 'number' ? [value] : []));
  const text = (data: Uint8Array, tag: number): string[] =>
    nested(data, tag).map((value) => new TextDecoder().decode(value));
  const [graph] = nested(bytes, 7);
  const [node] = nested(graph!, 1);
  expect(text(node!, 1)).toEqual(['a', 'b']);
  expect(text(node!, 4)).toEqual(['MatMul']);
  const [whole, part] = nested(node!, 5).map((attribute) => fields(attribute).filter(([tag]) => tag !== 1));
  expect(whole).toEqual([
    [3, -1],
    [20, 2],
  ]);
  expect(part).toEqual([
    [2, 0.5],
    [20, 1],
  ]);
  const [constant] = nested(graph!, 5);
  expect(fields(constant!).filter(([tag]) => tag < 3)).toEqual([
    [1, 2],
    [1, 1],
    [2, 1],
  ]);
  expect(new Float32Array(nested(constant!, 9)[0]!.slice().buffer)).toEqual(Float32Array.of(3, 4));
  expect(text(nested(graph!, 11)[0]!, 1)).toEqual(['a']);
});

test('errors are relative to the largest element, and what is no number is infinitely wrong', () => {
  expect(relativeError(Float32Array.of(1, 3.5), Float64Array.of(1, 4))).toBe(0.125);
  expect(relativeError(Float32Array.of(1, NaN), Float64Array.of(1, 4))).toBe(Infinity);
  expect(relativeError(Float32Array.of(1), Float64Array.of(1, 4))).toBe(Infinity);
});

test('a summary leaves out what was not compared', () => {
  const row = (op: string, ratio: number | null): ComparisonRow =>
    ({ op, ratio, slower: ratio === null ? null : ratio < 0.95 }) as ComparisonRow;
  const { ops, over } = summarise([row('A', 4), row('A', 1), row('A', null), row('B', 0.5)]);
  expect(ops.map(({ op, compared, slower, left }) => [op, compared, slower, left])).toEqual([
    ['A', 2, 0, 1],
    ['B', 1, 1, 0],
  ]);
  expect(ops[0]!.geometricMean).toBeCloseTo(2, 12);
  expect(over.geometricMean).toBeCloseTo(2 ** (1 / 3), 12);
});

// Skipped where the optional peer is not installed; the reason is printed above.
describe.skipIf(!installed)('beside onnxruntime', () => {
  test('a norm of one row: both are right, timed, and told', async () => {
    const filter = 'rmsnormalization/rows 1, columns 512';
    const rows = await compareWithOnnxruntime(opened.device, { filter, samples: 3 });
    expect(rows).toHaveLength(1);
    const [row] = rows;
    expect(v.parse(comparisonRowSchema, JSON.parse(JSON.stringify(row)))).toEqual(row);
    expect(row).toMatchObject({ op: 'RMSNormalization', status: 'compared', ours: { kernel: 'rms-norm' } });
    expect(row!.runs).toHaveLength(3);
    expect(row!.ratio).toBeCloseTo(row!.peerMs! / row!.oursMs!, 12);
    const ratios = row!.runs.map(({ ratio }) => ratio).sort((a, b) => a - b);
    expect(row!.ratio).toBe(ratios[1]);
    expect(row!.oursError).toBeLessThan(1e-6);
    expect(row!.peerError).toBeLessThan(1e-6);
  });

  test('a kernel of ours that is wrong is not timed', async () => {
    const check = oracleOf('rms-norm');
    const { kernel } = check;
    // The variants of another epsilon: right in form, wrong in value.
    const program: typeof kernel.program = (problem, plan) =>
      kernel.program({ ...problem, scalars: { ...problem.scalars, eps: 1 } }, plan);
    const filter = 'rmsnormalization/rows 1, columns 512';
    const checks = [{ ...check, kernel: { ...kernel, program } }];
    const [row] = await compareWithOnnxruntime(opened.device, { filter, checks });
    expect(row).toMatchObject({ status: 'ours-wrong', oursMs: null, peerMs: null, ratio: null, runs: [] });
    expect(row!.message).toMatch(/^rms-norm \{.*\}: error \d/);
  });

  test('a kernel that is not there is a row that says so', async () => {
    const [row] = await compareWithOnnxruntime(opened.device, {
      filter: 'softmax/rows 1, columns 512',
      checks: [],
    });
    expect(row).toMatchObject({ status: 'ours-missing', message: 'there is no kernel softmax', ratio: null });
  });

  test('4-bit weights are the same numbers to the peer as to our oracle', async () => {
    const matched = linearCases.find(
      (each) => each.op === 'MatMulNBits' && each.case === 'M 1, K 512, N 512',
    )!;
    const data = matched.make(oracleOf('rms-norm'));
    const session = await (await loadPeer()).open(data.graph, data.feeds);
    expect(relativeError(await session.run(), data.exact)).toBeLessThan(1e-5);
    await session.dispose();
  });

  test('a node the WebGPU provider cannot run is an error, not the work of the CPU', async () => {
    const peer = await loadPeer();
    const graph = {
      nodes: [{ type: 'Det', inputs: ['x'], outputs: ['y'] }],
      constants: {},
      inputs: { x: [2, 2] },
      outputs: { y: [] },
    };
    await expect(peer.open(graph, { x: Float32Array.of(1, 2, 3, 4) })).rejects.toThrow(/CPU EP|fallback/i);
  });
});

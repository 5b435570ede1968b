// Tokens that turn by themselves, where no product takes them in: heads of any size, both ways of pairing, against f64 on the device
// under test; and the same rows as the operator for all orders gives.
import { baselineCapabilities, normalStream } from '@tilewright/kernels';
import { messageOf } from '@tilewright/tooling/message-of';
import { openTestDevice, type TestDevice, testProfile } from '@tilewright/tooling/test-device';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { graphBuilder } from '../../builder.ts';
import { compile } from '../../compile.ts';
import type { ElementType, Graph } from '../../ir.ts';
import { interpret } from '../../oracle/interpret.ts';
import { meanings } from '../../registry.ts';
import { loadSession } from '../../session.ts';
import { rotaryEmbedding, rotaryEmbeddingOfTokens } from './rotary-embedding.ts';

const rows = 11;
const angles = (half: number, of: (angle: number) => number): Float32Array<ArrayBuffer> =>
  Float32Array.from({ length: rows * half }, (_, i) => of(Math.floor(i / half) / 10 ** ((i % half) / half)));

interface Heads {
  readonly heads: number;
  readonly size: number;
  readonly half: number;
  readonly interleaved: number;
  readonly dtype?: ElementType;
}

function graphOf(
  operator: typeof rotaryEmbedding,
  { heads, size, half, interleaved, dtype = 'f32' }: Heads,
): Graph {
  const g = graphBuilder({ tokens: { max: 9 } });
  const inputs = {
    X: g.input('x', dtype, [1, 'tokens', heads * size]),
    cos_cache: g.constant('cos', [rows, half], angles(half, Math.cos)),
    sin_cache: g.constant('sin', [rows, half], angles(half, Math.sin)),
    position_ids: g.input('ids', 'u32', [1, 'tokens']),
  };
  const rotary = operator === rotaryEmbedding ? { rotary_embedding_dim: 2 * half } : {};
  const { Y } = g.node(operator, inputs, { num_heads: heads, interleaved, ...rotary }, 'turn');
  return g.finish({ outputs: [Y!] });
}

let opened: TestDevice;
async function turned(
  graph: Graph,
  x: Float32Array,
  ids: Uint32Array,
  tokens: number,
): Promise<Float32Array> {
  const { device } = opened;
  const compiled = compile(graph, { capabilities: device.capabilities });
  const session = await loadSession(device, { run: compiled }, new Map());
  const { run } = session.executables;
  run!.run({ tokens }, { x, ids });
  const y = (await run!.read(graph.outputs[0]!)) as Float32Array;
  session.dispose();
  return y;
}

describe.skipIf(testProfile.compileOnly)('on a device', () => {
  beforeAll(async () => {
    opened = await openTestDevice();
  });
  afterAll(() => opened.dispose());

  test.each<Heads>([
    { heads: 3, size: 8, half: 4, interleaved: 0 },
    { heads: 3, size: 8, half: 4, interleaved: 1 },
    { heads: 2, size: 6, half: 3, interleaved: 0 },
    { heads: 1, size: 10, half: 3, interleaved: 1 },
    { heads: 4, size: 12, half: 2, interleaved: 0 },
    { heads: 2, size: 6, half: 3, interleaved: 1, dtype: 'f16' },
  ])('%o', async (heads) => {
    const graph = graphOf(rotaryEmbeddingOfTokens, heads);
    const tokens = 7;
    const draw = normalStream(heads.size);
    // Halves of few bits, so that f16 stores them as they are.
    const x = Float32Array.from(
      { length: tokens * heads.heads * heads.size },
      () => Math.round(8 * draw()) / 8,
    );
    const ids = Uint32Array.of(0, 3, 1, 10, 4, 4, 9);
    const want = interpret(meanings, graph, new Map(), { x, ids }, { tokens })[graph.outputs[0]!]!;
    const got = await turned(graph, x, ids, tokens);
    const most = Math.max(...want.map(Math.abs));
    const error = Math.max(...want.map((value, i) => Math.abs(value - got[i]!))) / most;
    expect(got).toHaveLength(want.length);
    expect(error).toBeLessThan(heads.dtype === 'f16' ? 2 ** -10 : 2 ** -21);
    const other = await turned(graphOf(rotaryEmbedding, heads), x, ids, tokens);
    expect(Math.max(...other.map((value, i) => Math.abs(value - got[i]!)))).toBeLessThanOrEqual(
      most * 2 ** -10,
    );
  });

  test('a position beyond the tables is the last, and NaN stays within its pair', async () => {
    const graph = graphOf(rotaryEmbeddingOfTokens, { heads: 1, size: 6, half: 2, interleaved: 0 });
    const y = await turned(
      graph,
      Float32Array.of(1, 1, NaN, 0, 5, 6, 1, 1, 0, 0, 5, 6),
      Uint32Array.of(2, 4e9),
      2,
    );
    expect([...y].map(Number.isNaN)).toEqual([true, false, true, ...Array<boolean>(9).fill(false)]);
    expect(y[6]).toBeCloseTo(Math.cos(rows - 1), 6);
    expect([...y.subarray(4, 6)]).toEqual([5, 6]);
  });
});

test('heads that do not divide, tables that differ and tables that are no constants are refused', () => {
  const refusal = (width: number, sine: number, ids = 3): string =>
    messageOf(() => {
      const g = graphBuilder({});
      const inputs = {
        X: g.input('x', 'f32', [1, 3, width]),
        cos_cache: g.input('cos', 'f32', [rows, 2]),
        sin_cache: g.input('sin', 'f32', [rows, sine]),
        position_ids: g.input('ids', 'u32', [1, ids]),
      };
      const { Y } = g.node(rotaryEmbeddingOfTokens, inputs, { num_heads: 2 }, 'turn');
      compile(g.finish({ outputs: [Y!] }), { capabilities: baselineCapabilities });
    });
  expect(refusal(6, 2)).toBe(
    "[turn] 'X' is 6 wide with 2 heads, of which 4 channels turn; heads divide the width, and as many of their channels turn as the tables have.",
  );
  expect(refusal(8, 3)).toBe(
    "[turn] 'sin_cache' has shape [11, 3] and 'position_ids' [1, 3]; they must be [11, 2] and [1, 3].",
  );
  expect(refusal(8, 2, 4)).toContain("'position_ids' [1, 4]; they must be [11, 2] and [1, 3].");
  expect(refusal(8, 2)).toBe('[turn] its tables are not constants; build it with `rotaryEmbedding`.');
});

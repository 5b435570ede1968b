import { isTilewrightError } from '@tilewright/kernels';
import { formatBytes, type HostTensor, type WeightFormat } from '@tilewright/kernels/weights';
import { dense } from '@tilewright/kernels/weights/dense';
import { integer } from '@tilewright/kernels/weights/integer';
import { nm } from '@tilewright/kernels/weights/n-m';
import { weightFamilies } from '@tilewright/kernels/weights/registry';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { bytesSource, type ByteSource } from '../source/source.ts';
import { openSafetensors, readState } from './open.ts';
import { writeSafetensors } from './write.ts';

function tensor(format: WeightFormat, shape: readonly number[]): HostTensor {
  return { format, shape, bytes: new Uint8Array(formatBytes(format, shape)).fill(7) };
}

const valid = writeSafetensors(
  new Map([
    ['a', tensor(dense('f32'), [3, 5])],
    ['b', tensor(dense('bf16'), [])],
    ['packed', tensor(nm({ n: 2, m: 4, values: integer({ bits: 4 }) }), [4, 40])],
    ['empty', { format: dense('i64'), shape: [0, 2], bytes: new Uint8Array(0) }],
  ]),
  { step: '12' },
);
const headerEnd = 8 + Number(new DataView(valid.buffer).getBigUint64(0, true));

/**
 * Opens and reads `bytes`, and fails for any outcome but success and a `bad-file` error, and for reads out of
 * bounds.
 */
async function survives(bytes: Uint8Array): Promise<boolean> {
  const inner = bytesSource(bytes);
  let total = 0;
  const source: ByteSource = {
    ...inner,
    read: (start, end) => {
      if (!(start >= 0 && start <= end && end <= bytes.length)) throw new Error(`read of [${start}, ${end})`);
      total += end - start;
      return inner.read(start, end);
    },
  };
  try {
    const file = await openSafetensors(source, { formats: weightFamilies });
    const state = await readState(file);
    expect(total).toBe(bytes.length);
    for (const { format, shape, bytes: stored } of state.values()) {
      expect(stored.byteLength).toBe(formatBytes(format, shape));
    }
    return true;
  } catch (error) {
    if (!isTilewrightError(error) || error.code !== 'bad-file') throw error;
    expect(total).toBeLessThanOrEqual(bytes.length);
    return false;
  }
}

it('reads the file that the mutations start from', async () => {
  expect(await survives(valid)).toBe(true);
});

it('survives changed bytes', async () => {
  const change = fc.tuple(
    fc.oneof(fc.nat(headerEnd - 1), fc.nat(valid.length - 1)),
    fc.oneof(fc.nat(255), fc.constantFrom(...Buffer.from('{}[]",:0123456789-.e\\ '))),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 6 }), async (changes) => {
      const bytes = valid.slice();
      for (const [at, value] of changes) bytes[at] = value;
      await survives(bytes);
    }),
    { numRuns: 2000 },
  );
});

it('survives cuts, insertions and repetitions, and never takes a cut file', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.nat(valid.length),
      fc.nat(valid.length),
      fc.uint8Array({ maxLength: 9 }),
      async (a, b, extra) => {
        const cut = valid.slice(0, Math.min(a, valid.length - 1));
        expect(await survives(cut)).toBe(false);
        await survives(Uint8Array.from([...valid.slice(0, a), ...extra, ...valid.slice(b)]));
      },
    ),
    { numRuns: 500 },
  );
});

it('survives headers of arbitrary JSON and of nearly right tensors', async () => {
  const size = fc.oneof(fc.nat(20), fc.integer(), fc.double(), fc.maxSafeInteger(), fc.constant(null));
  const record = fc.record(
    {
      dtype: fc.constantFrom('F32', 'U32', 'U8', 'BF16', 'F8_E5M2', '__proto__', 5),
      shape: fc.oneof(fc.array(size, { maxLength: 4 }), fc.jsonValue()),
      data_offsets: fc.oneof(fc.tuple(size, size), fc.jsonValue()),
    },
    { requiredKeys: [] },
  );
  const formats = fc.dictionary(
    fc.constantFrom('a', 'b', '__proto__'),
    fc.record({
      format: fc.oneof(
        fc.constantFrom(
          { format: 'integer', bits: 4, group: 32, zeroPoint: false },
          { format: 'n:m', n: 2, m: 4, values: { format: 'dense', dtype: 'f16' } },
          { format: 'integer', bits: 9, group: 1 },
          { format: 'dense', dtype: 'f32' },
        ),
        fc.jsonValue(),
      ),
      shape: fc.array(size),
    }),
  );
  const metadata = fc.oneof(
    formats.map((tensors) => ({ 'tilewright.formats': JSON.stringify({ version: 1, tensors }) })),
    fc.jsonValue(),
  );
  const header = fc.oneof(
    fc.json(),
    fc
      .record({ a: record, b: record, __metadata__: metadata }, { requiredKeys: [] })
      .map((value) => JSON.stringify(value)),
  );
  await fc.assert(
    fc.asyncProperty(header, fc.uint8Array({ maxLength: 64 }), async (text, data) => {
      const encoded = new TextEncoder().encode(text);
      const bytes = new Uint8Array(8 + encoded.length + data.length);
      new DataView(bytes.buffer).setBigUint64(0, BigInt(encoded.length), true);
      bytes.set(encoded, 8);
      bytes.set(data, 8 + encoded.length);
      await survives(bytes);
    }),
    { numRuns: 2000 },
  );
});

import { TilewrightError } from '@tilewright/kernels';
import { formatBytes, type HostTensor, type StateDict, type WeightFormat } from '@tilewright/kernels/weights';
import { dense, type DenseDType } from '@tilewright/kernels/weights/dense';
import { dequantizeInteger, integer, packInteger } from '@tilewright/kernels/weights/integer';
import { nm } from '@tilewright/kernels/weights/n-m';
import { weightExamples, weightFamilies } from '@tilewright/kernels/weights/registry';
import { describe, expect, it } from 'vitest';
import { openSafetensors, readState } from './open.ts';
import { safetensorsParts, writeSafetensors } from './write.ts';

const dtypes: readonly DenseDType[] = [
  'f64',
  'f32',
  'f16',
  'bf16',
  'i64',
  'i32',
  'i16',
  'i8',
  'u32',
  'u16',
  'u8',
  'bool',
];
const sparseInt4 = nm({ n: 2, m: 4, values: integer({ bits: 4 }) });
const packed = weightExamples.flatMap(({ formats }) => formats).filter(({ family }) => family !== 'dense');

/** A tensor of the format with bytes that no two places share by chance. */
function tensor(format: WeightFormat, shape: readonly number[], seed = 1): HostTensor {
  const bytes = new Uint8Array(formatBytes(format, shape));
  for (let i = 0; i < bytes.length; i++) bytes[i] = Math.imul(i + seed, 2_654_435_761) >>> 13;
  return { format, shape, bytes };
}

async function reread(state: StateDict, metadata?: Record<string, string>): Promise<StateDict> {
  return await readState(
    await openSafetensors(writeSafetensors(state, metadata), { formats: weightFamilies }),
  );
}

/** States compare by name, whatever the order, and formats by their id. */
const sorted = (state: StateDict): unknown =>
  [...state]
    .map(([name, { format, ...rest }]) => [name, format.id, rest] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));

describe('writeSafetensors and openSafetensors', () => {
  it('round-trip every dtype, in scalars, vectors, matrices and empty tensors', async () => {
    const state = new Map<string, HostTensor>();
    for (const dtype of dtypes) {
      for (const shape of [[], [1], [7], [3, 5], [2, 1, 3, 1], [0], [4, 0, 2]]) {
        state.set(`${dtype} [${shape.join()}]`, tensor(dense(dtype), shape, state.size));
      }
    }
    expect(sorted(await reread(state))).toEqual(sorted(state));
  });

  it.each(packed)('round-trip $name', async (format) => {
    // A format without rows stores so many blocks, which the shape must have room for.
    const shapes = format.rowless
      ? [[64, 96]]
      : [
          [5, 96],
          [3, 67],
          [0, 32],
        ];
    const state = new Map<string, HostTensor>(
      shapes.map((shape, i) => [`w${i}`, tensor(format, shape, i + 1)] as const),
    );
    state.set('norm', tensor(dense('bf16'), [96]));
    expect(sorted(await reread(state))).toEqual(sorted(state));
  });

  it('keep the numbers of a packed tensor', async () => {
    const codes = Uint8Array.from({ length: 2 * 32 }, (_, i) => i % 16);
    const packed = packInteger({ codes, scales: Float32Array.of(0.5, 2) }, [2, 32], integer({ bits: 4 }));
    const again = (await reread(new Map([['w', packed]]))).get('w');
    expect(again && [...dequantizeInteger(again)]).toEqual(
      [...codes].map((code, i) => (code - 8) * (i < 32 ? 0.5 : 2)),
    );
  });

  it('keep names and metadata of any text', async () => {
    const names = ['', '__proto__', 'constructor', '7', 'a"b\\c', 'naïve 漢字', '\u0000'];
    const state = new Map(names.map((name, i) => [name, tensor(dense('f32'), [2], i)] as const));
    const metadata = Object.fromEntries(names.map((name) => [name, `${name}!`]));
    const file = await openSafetensors(writeSafetensors(state, metadata), { formats: weightFamilies });
    expect([...file.tensors.keys()].sort()).toEqual([...names].sort());
    expect(file.metadata).toEqual(metadata);
    expect(Object.hasOwn(file.metadata, '__proto__')).toBe(true);
    expect(sorted(await readState(file))).toEqual(sorted(state));
  });

  it('give the same bytes whatever the order of the state', () => {
    const entries = ['b', 'a', 'c'].map(
      (name, i) => [name, tensor([dense('f16'), integer({ bits: 4 }), dense('f64')][i]!, [2, 32])] as const,
    );
    expect(writeSafetensors(new Map(entries))).toEqual(writeSafetensors(new Map(entries.toReversed())));
  });

  it('hide their own metadata key, so that metadata can be passed on', async () => {
    const state = new Map([['w', tensor(integer({ bits: 8 }), [1, 32])]]);
    const first = await openSafetensors(writeSafetensors(state, { step: '3' }), { formats: weightFamilies });
    expect(first.metadata).toEqual({ step: '3' });
    expect(writeSafetensors(state, first.metadata)).toEqual(writeSafetensors(state, { step: '3' }));
  });

  it('write what any other safetensors reader takes', () => {
    const state = new Map([
      ['u8', tensor(dense('u8'), [3])],
      ['w', tensor(sparseInt4, [4, 64])],
      ['f', tensor(dense('f64'), [1])],
    ]);
    const bytes = writeSafetensors(state, { format: 'pt' });
    const headerBytes = Number(new DataView(bytes.buffer).getBigUint64(0, true));
    const header: unknown = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + headerBytes)));
    expect(headerBytes % 8).toBe(0);
    const words = formatBytes(sparseInt4, [4, 64]) / 4;
    expect(header).toEqual({
      __metadata__: {
        format: 'pt',
        'tilewright.formats':
          '{"version":1,"tensors":{"w":{"format":{"format":"n:m","n":2,"m":4,"values":' +
          '{"format":"integer","bits":4,"group":32,"zeroPoint":false}},"shape":[4,64]}}}',
      },
      f: { dtype: 'F64', shape: [1], data_offsets: [0, 8] },
      w: { dtype: 'U32', shape: [words], data_offsets: [8, 8 + 4 * words] },
      u8: { dtype: 'U8', shape: [3], data_offsets: [8 + 4 * words, 11 + 4 * words] },
    });
    expect(bytes.length).toBe(8 + headerBytes + 11 + 4 * words);
  });

  it('write a file without tensors', async () => {
    expect(new TextDecoder().decode(writeSafetensors(new Map()).subarray(8))).toBe('{}      ');
    expect((await reread(new Map())).size).toBe(0);
  });

  it('do not copy tensors into parts', () => {
    const w = tensor(dense('f32'), [4]);
    expect(safetensorsParts(new Map([['w', w]]))[1]).toBe(w.bytes);
  });

  it.each([
    [
      'bytes that do not fit the format',
      () =>
        writeSafetensors(new Map([['w', { format: dense('f32'), shape: [3], bytes: new Uint8Array(8) }]])),
      '[w] the tensor has 8 bytes; f32 of shape [3] takes 12. Fix: pack the tensor again.',
      'bad-format',
    ],
    [
      'a tensor under a reserved name',
      () => writeSafetensors(new Map([['__metadata__', tensor(dense('f32'), [1])]])),
      "[writeSafetensors] a tensor is called '__metadata__'; that name is reserved. Fix: choose another name.",
      'bad-argument',
    ],
    [
      'metadata under a reserved name',
      () => writeSafetensors(new Map(), { 'tilewright.formats': '' }),
      "[writeSafetensors] a metadata is called 'tilewright.formats'; that name is reserved. Fix: choose another name.",
      'bad-argument',
    ],
  ] as const)('refuse %s', (_, write, message, code) => {
    let error: unknown;
    try {
      write();
    } catch (reason) {
      error = reason;
    }
    expect(error instanceof TilewrightError && [error.message, error.code]).toEqual([message, code]);
  });
});

describe('alignment', () => {
  /** A file in which the data of an f32 tensor start at every offset modulo 8, inside a larger buffer. */
  function unaligned(shift: number, asBuffer: boolean): Uint8Array {
    const header = '{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}';
    const all = new Uint8Array(shift + 8 + header.length + 8);
    const file = all.subarray(shift);
    new DataView(all.buffer, shift).setBigUint64(0, BigInt(header.length), true);
    file.set(new TextEncoder().encode(header), 8);
    new DataView(all.buffer, shift + 8 + header.length).setFloat32(0, 1.5, true);
    new DataView(all.buffer, shift + 8 + header.length).setFloat32(4, -2, true);
    return asBuffer ? Buffer.from(all.buffer, shift, file.length) : file;
  }

  it.each([0, 1, 2, 3, 4, 5, 6, 7])(
    'of data at any offset is made whole elements: shift %i',
    async (shift) => {
      for (const asBuffer of [false, true]) {
        const file = unaligned(shift, asBuffer);
        const tensor = await (await openSafetensors(file)).tensors.get('w')?.read();
        if (tensor === undefined) throw new Error('no tensor');
        expect(tensor.bytes.byteOffset % 4).toBe(0);
        expect([...new Float32Array(tensor.bytes.buffer, tensor.bytes.byteOffset, 2)]).toEqual([1.5, -2]);
        const isView = tensor.bytes.buffer === file.buffer;
        expect(isView).toBe((file.byteOffset + file.length - 8) % 4 === 0);
      }
    },
  );
});

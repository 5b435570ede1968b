// What compressed model folders mean, read by the tools' published descriptions alone: nothing here is imported from the packages that
// write or read them, so that a mistake of these is not made twice.

/** A tensor of a safetensors file as it lies there. */
interface Stored {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data: DataView;
}

export interface PlainWeight {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

const { fround } = Math;

/** Tensors by name: https://github.com/huggingface/safetensors#format. */
function tensorsOf(file: Uint8Array): Map<string, Stored> {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const length = Number(view.getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(file.subarray(8, 8 + length))) as Record<
    string,
    { dtype: string; shape: number[]; data_offsets: [number, number] }
  >;
  const found = new Map<string, Stored>();
  for (const [name, entry] of Object.entries(header)) {
    if (name === '__metadata__') continue;
    const [start, end] = entry.data_offsets;
    const data = new DataView(file.buffer, file.byteOffset + 8 + length + start, end - start);
    found.set(name, { dtype: entry.dtype, shape: entry.shape, data });
  }
  return found;
}

const half = (bits: number): number => {
  const [sign, exponent, fraction] = [bits & 0x8000 ? -1 : 1, (bits >> 10) & 31, bits & 1023];
  if (exponent === 31) return fraction ? Number.NaN : sign * Infinity;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25));
};

/** bias 7, no infinities, 7F and FF are NaN. */
const e4m3 = (bits: number): number => {
  const [sign, exponent, fraction] = [bits & 0x80 ? -1 : 1, (bits >> 3) & 15, bits & 7];
  if ((bits & 127) === 127) return Number.NaN;
  return sign * (exponent === 0 ? fraction * 2 ** -9 : (8 + fraction) * 2 ** (exponent - 10));
};

const e2m1 = (code: number): number => (code & 8 ? -1 : 1) * [0, 0.5, 1, 1.5, 2, 3, 4, 6][code & 7]!;

/** Element `i` of a tensor as a number. */
function at({ dtype, data }: Stored, i: number): number {
  switch (dtype) {
    case 'F32':
      return data.getFloat32(4 * i, true);
    case 'F16':
      return half(data.getUint16(2 * i, true));
    case 'BF16':
      return new DataView(Uint32Array.of(data.getUint16(2 * i, true) << 16).buffer).getFloat32(0, true);
    case 'I32':
      return data.getInt32(4 * i, true);
    case 'I64':
      return Number(data.getBigInt64(8 * i, true));
    case 'I8':
      return data.getInt8(i);
    case 'U8':
      return data.getUint8(i);
    case 'F8_E4M3':
      return e4m3(data.getUint8(i));
    default:
      throw new Error(`a tensor of ${dtype}`);
  }
}

/** Bits `from` to `from + count` of little-endian 32-bit words, `word(0)` first. */
function bitsOf(word: (index: number) => number, from: number, count: number): number {
  let value = 0;
  for (let bit = 0; bit < count; bit++)
    value |= ((word((from + bit) >> 5) >>> ((from + bit) & 31)) & 1) << bit;
  return value;
}

type Layer = (suffix: string) => Stored | undefined;
type Settings = Readonly<Record<string, unknown>>;

function matrix(rows: number, columns: number, value: (row: number, column: number) => number): PlainWeight {
  const values = Float32Array.from({ length: rows * columns }, (_, i) =>
    value(Math.floor(i / columns), i % columns),
  );
  return { shape: [rows, columns], values };
}

function compressedTensors(layer: Layer, settings: Settings, name: string): PlainWeight | undefined {
  const groups = Object.values(settings['config_groups'] as Record<string, Settings>);
  const group = groups.find(({ targets }) =>
    (targets as string[]).some((each) => each === 'Linear' || each === name),
  )!;
  const format = group['format'];
  const weights = group['weights'] as {
    num_bits: number;
    group_size: number | null;
  };
  const scale = layer('.weight_scale');
  if (!scale) return undefined;
  const scaleAt = (row: number, column: number): number => {
    const across = scale.shape[1]!;
    return at(
      scale,
      row * across + (weights.group_size === null ? 0 : Math.floor(column / weights.group_size)),
    );
  };
  if (format === 'pack-quantized') {
    const [packed, size, zero] = [
      layer('.weight_packed')!,
      layer('.weight_shape')!,
      layer('.weight_zero_point'),
    ];
    const [rows, columns, bits] = [at(size, 0), at(size, 1), weights.num_bits];
    const middle = 2 ** (bits - 1);
    return matrix(rows, columns, (row, column) => {
      const code = bitsOf((word) => at(packed, row * packed.shape[1]! + word), column * bits, bits) - middle;
      const g = weights.group_size === null ? 0 : Math.floor(column / weights.group_size);
      const point = zero
        ? bitsOf((word) => at(zero, word * zero.shape[1]! + g), row * bits, bits) - middle
        : 0;
      return fround((code - point) * scaleAt(row, column));
    });
  }
  if (format === 'float-quantized' || format === 'int-quantized') {
    const weight = layer('.weight')!;
    const [rows, columns] = weight.shape as [number, number];
    return matrix(rows, columns, (row, column) =>
      fround(at(weight, row * columns + column) * scaleAt(row, column)),
    );
  }
  const packed = layer('.weight_packed')!;
  const [rows, columns] = [packed.shape[0]!, 2 * packed.shape[1]!];
  const code = (row: number, column: number): number =>
    (at(packed, (row * columns + column) >> 1) >> (column & 1 ? 4 : 0)) & 15;
  if (format === 'mxfp4-pack-quantized')
    return matrix(rows, columns, (row, column) =>
      fround(e2m1(code(row, column)) * 2 ** (scaleAt(row, column) - 127)),
    );
  if (format !== 'nvfp4-pack-quantized') throw new Error(`the format ${String(format)}`);
  const whole = at(layer('.weight_global_scale')!, 0);
  return matrix(rows, columns, (row, column) =>
    fround(e2m1(code(row, column)) * fround(scaleAt(row, column) / whole)),
  );
}

function gptq(layer: Layer, settings: Settings): PlainWeight | undefined {
  const packed = layer('.qweight');
  if (!packed) return undefined;
  const [zeros, scales, index] = [layer('.qzeros')!, layer('.scales')!, layer('.g_idx')!];
  const bits = settings['bits'] as number;
  const more = settings['checkpoint_format'] === 'gptq_v2' ? 0 : 1;
  const [rows, columns] = [packed.shape[1]!, index.shape[0]!];
  return matrix(rows, columns, (row, column) => {
    const g = at(index, column);
    const code = bitsOf((word) => at(packed, word * rows + row), column * bits, bits);
    const zero = bitsOf((word) => at(zeros, g * zeros.shape[1]! + word), row * bits, bits) + more;
    return fround((code - zero) * at(scales, g * rows + row));
  });
}

function bitsandbytes(layer: Layer, settings: Settings): PlainWeight | undefined {
  const stored = layer(`.weight.quant_state.bitsandbytes__${String(settings['bnb_4bit_quant_type'])}`);
  if (!stored) return undefined;
  const { buffer, byteOffset, byteLength } = stored.data;
  const text = new TextDecoder().decode(new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength));
  const { blocksize, shape } = JSON.parse(text) as {
    blocksize: number;
    shape: [number, number];
  };
  const [packed, absmax, map] = [layer('.weight')!, layer('.weight.absmax')!, layer('.weight.quant_map')!];
  return matrix(...shape, (row, column) => {
    const i = row * shape[1] + column;
    const code = (at(packed, i >> 1) >> (i & 1 ? 0 : 4)) & 15;
    return fround(at(map, code) * at(absmax, Math.floor(i / blocksize)));
  });
}

function hqq(layer: Layer): PlainWeight | undefined {
  const packed = layer('.W_q');
  if (!packed) return undefined;
  const [scale, zero, size] = [layer('.scale')!, layer('.zero')!, layer('.shape')!];
  const [bits, group] = [at(layer('.nbits')!, 0), at(layer('.group_size')!, 0)];
  const [rows, columns] = [at(size, 0), at(size, 1)];
  const perByte = 8 / bits;
  const runRows = (rows * columns) / group / perByte;
  return matrix(rows, columns, (row, column) => {
    const i = row * columns + column;
    const [g, inside] = [Math.floor(i / group), i % group];
    const run = Math.floor(g / runRows);
    const byte = at(packed, (g - run * runRows) * group + inside);
    const code = (byte >> (8 - bits * (run + 1))) & (2 ** bits - 1);
    return fround(fround(code - at(zero, g)) * at(scale, g));
  });
}

const readers: Readonly<
  Record<string, (layer: Layer, settings: Settings, name: string) => PlainWeight | undefined>
> = {
  'compressed-tensors': compressedTensors,
  gptq,
  bitsandbytes,
  hqq,
};

/** The compressed weights of a model, by the name of their layer: of a safetensors file and the `quantization_config` beside it. */
export function readPlainly(file: Uint8Array, settings: Settings): Map<string, PlainWeight> {
  const tensors = tensorsOf(file);
  const read = readers[settings['quant_method'] as string]!;
  const names = new Set(
    [...tensors.keys()].flatMap(
      (name) => /^(.*)\.(weight_scale|qweight|weight\.absmax|W_q)$/.exec(name)?.[1] ?? [],
    ),
  );
  const found = new Map<string, PlainWeight>();
  for (const name of names) {
    const weight = read((suffix) => tensors.get(name + suffix), settings, name);
    if (weight) found.set(name, weight);
  }
  return found;
}

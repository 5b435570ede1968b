// compressed-tensors, of vLLM and llm-compressor: integers of 4 and 8 bits, e4m3, NVFP4 and MXFP4.
// Source: https://github.com/neuralmagic/compressed-tensors (Apache-2.0).
import type { GroupedFormat, HostTensor } from '@tilewright/kernels/weights';
import { isInt8Tokens } from '@tilewright/kernels/matmul-int8-tokens';
import { isFloat8 } from '@tilewright/kernels/weights/float8';
import { isMxfp4 } from '@tilewright/kernels/weights/mxfp4';
import { isNvfp4 } from '@tilewright/kernels/weights/nvfp4';
import { firstOther, groupedFormatOf, groupsOf, hasPlainScales, isPlainInteger, partsOf } from './grouped.ts';
import type { CompressedLayers, Layout } from './layout.ts';
import { packedFields, packedNibbles, tensorOf } from './tensors.ts';

/** One of its storage formats. */
interface Storage {
  readonly name: string;
  readonly holds: (tensor: HostTensor) => boolean;
  readonly tensors: Layout['tensors'];
  /** What its settings say of a format's numbers. */
  readonly numbers: (format: GroupedFormat) => Readonly<Record<string, unknown>>;
}

const scaleTypes = ['f16', 'bf16', 'f32'];
type ScaleName = 'f16' | 'bf16' | 'f32';
const scaleNameOf = ({ scaling }: GroupedFormat): ScaleName =>
  (scaling.kind === 'plain' ? scaling.scale : 'f32') as ScaleName;

const byGroup = ({ group }: GroupedFormat): Readonly<Record<string, unknown>> =>
  group === 'row' ? { strategy: 'channel', group_size: null } : { strategy: 'group', group_size: group };

const packed: Storage = {
  name: 'pack-quantized',
  holds: (tensor) => isPlainInteger(tensor, [4, 8], scaleTypes),
  numbers: (format) => ({
    num_bits: format.bits,
    type: 'int',
    symmetric: format.scaling.zero !== 'bytes',
    ...byGroup(format),
  }),
  tensors: (tensor) => {
    const [rows, columns] = tensor.shape as [number, number];
    const { format, codes, sections } = partsOf(tensor);
    const { bits } = format;
    const groups = groupsOf(format, columns);
    const words = Math.ceil((columns * bits) / 32);
    const packedCodes = packedFields(
      bits,
      rows,
      columns,
      (row, i) => codes[row * columns + i]!,
      (row, word) => row * words + word,
    );
    const zeros = sections['zero points'];
    return {
      '.weight_packed': tensorOf('i32', [rows, words], packedCodes),
      '.weight_scale': tensorOf(scaleNameOf(format), [rows, groups], sections.scales!),
      '.weight_shape': tensorOf('i64', [2], BigInt64Array.of(BigInt(rows), BigInt(columns))),
      ...(zeros && {
        '.weight_zero_point': tensorOf(
          'i32',
          [Math.ceil((rows * bits) / 32), groups],
          packedFields(
            bits,
            groups,
            rows,
            (group, row) => zeros[row * groups + group]!,
            (group, word) => word * groups + group,
          ),
        ),
      }),
    };
  },
};

/** Signed bytes, as W8A8 is published. */
const bytes: Storage = {
  name: 'int-quantized',
  holds: (tensor) => isPlainInteger(tensor, [8], scaleTypes) && groupedFormatOf(tensor).scaling.zero === 128,
  numbers: (format) => ({ num_bits: 8, type: 'int', symmetric: true, ...byGroup(format) }),
  tensors: (tensor) => {
    const { format, codes, sections } = partsOf(tensor);
    const [rows, columns] = tensor.shape as [number, number];
    return {
      '.weight': tensorOf(
        'i8',
        tensor.shape,
        codes.map((code) => code ^ 128),
      ),
      '.weight_scale': tensorOf(scaleNameOf(format), [rows, groupsOf(format, columns)], sections.scales!),
    };
  },
};

const floats: Storage = {
  name: 'float-quantized',
  holds: ({ format, shape }) =>
    isFloat8(format) && format.float === 'e4m3' && hasPlainScales(format, shape, scaleTypes),
  numbers: (format) => ({
    num_bits: 8,
    type: 'float',
    symmetric: true,
    ...byGroup(format),
  }),
  tensors: (tensor) => {
    const { format, codes, sections } = partsOf(tensor);
    const [rows, columns] = tensor.shape as [number, number];
    const scales = tensorOf(scaleNameOf(format), [rows, groupsOf(format, columns)], sections.scales!);
    return {
      '.weight': tensorOf('f8_e4m3', tensor.shape, codes),
      '.weight_scale': scales,
    };
  },
};

const fourBits = { num_bits: 4, type: 'float', symmetric: true };

const nvidia: Storage = {
  name: 'nvfp4-pack-quantized',
  holds: (tensor) => {
    if (!isNvfp4(tensor.format) || !tensor.format.divides || tensor.shape[1]! % 16 !== 0) return false;
    // Its outer scale is one of the whole tensor.
    const outers = outersOf(partsOf(tensor).sections['outer scales']!);
    return outers.every((outer) => outer === outers[0]);
  },
  numbers: () => ({ ...fourBits, strategy: 'tensor_group', group_size: 16 }),
  tensors: (tensor) => {
    const [rows, columns] = tensor.shape as [number, number];
    const { codes, sections } = partsOf(tensor);
    return {
      '.weight_packed': tensorOf('u8', [rows, columns / 2], packedNibbles(codes, 0)),
      '.weight_scale': tensorOf('f8_e4m3', [rows, columns / 16], sections.scales!),
      '.weight_global_scale': tensorOf('f32', [1], outersOf(sections['outer scales']!).slice(0, 1)),
    };
  },
};
const outersOf = ({ buffer, byteOffset, byteLength }: Uint8Array): Float32Array =>
  new Float32Array(buffer, byteOffset, byteLength >> 2);

const microscaling: Storage = {
  name: 'mxfp4-pack-quantized',
  holds: ({ format, shape }) =>
    isMxfp4(format) && format.group === 32 && hasPlainScales(format, shape, ['e8m0']),
  numbers: () => ({ ...fourBits, strategy: 'group', group_size: 32 }),
  tensors: (tensor) => {
    const [rows, columns] = tensor.shape as [number, number];
    const { codes, sections } = partsOf(tensor);
    return {
      '.weight_packed': tensorOf('u8', [rows, columns / 2], packedNibbles(codes, 0)),
      '.weight_scale': tensorOf('u8', [rows, columns / 32], sections.scales!),
    };
  },
};

const storages: readonly Storage[] = [packed, floats, nvidia, microscaling];
/** Of weights whose activations are rounded too. */
const roundedStorages: readonly Storage[] = [bytes, packed];

/** A weight as it is stored, and whether products round what they multiply it by. */
interface Planned {
  readonly stored: HostTensor;
  readonly storage: Storage | undefined;
  readonly rounds: boolean;
}

function plan(tensor: HostTensor): Planned {
  const { format } = tensor;
  const rounds = isInt8Tokens(format);
  const stored = rounds ? { ...tensor, format: format.weights } : tensor;
  const storage = (rounds ? roundedStorages : storages).find(({ holds }) => holds(stored));
  return { stored, storage, rounds };
}

/** int8 by token, found as it comes: W8A8, W4A8. */
const inputActivations = {
  num_bits: 8,
  type: 'int',
  symmetric: true,
  strategy: 'token',
  dynamic: true,
  group_size: null,
  actorder: null,
  block_structure: null,
  observer: null,
  observer_kwargs: {},
};

/** Integers of 4 and 8 bits, floats of 8, NVFP4 and MXFP4, each layer in any of them. */
export const compressedTensors: Layout = {
  method: 'compressed-tensors',
  refusal: (layers) =>
    firstOther(
      layers,
      (tensor) => plan(tensor).storage !== undefined,
      'integers of 4 and 8 bits, e4m3, NVFP4 and MXFP4 in whole groups',
    ),
  tensors: (tensor) => {
    const { stored, storage } = plan(tensor);
    return storage!.tensors(stored);
  },
  settings: (layers, dense) => {
    const groups = groupsOfLayers(layers);
    const config = groups.map(({ storage, stored, rounds, names }) => ({
      format: storage!.name,
      input_activations: rounds ? inputActivations : null,
      output_activations: null,
      targets: groups.length === 1 ? ['Linear'] : names,
      weights: {
        ...storage!.numbers(groupedFormatOf(stored)),
        actorder: null,
        block_structure: null,
        dynamic: false,
        observer: 'minmax',
        observer_kwargs: {},
      },
    }));
    const names = new Set(config.map(({ format }) => format));
    return {
      quant_method: 'compressed-tensors',
      format: names.size === 1 ? config[0]!.format : 'mixed-precision',
      quantization_status: 'compressed',
      config_groups: Object.fromEntries(config.map((group, i) => [`group_${i}`, group])),
      // A head that shares the embedding has no tensor of its own, and is a linear layer there all the same.
      ignore: [...new Set(['lm_head', ...dense])],
      kv_cache_scheme: null,
      global_compression_ratio: null,
    };
  },
};

/** Layers by format. */
function groupsOfLayers(layers: CompressedLayers): readonly (Planned & { readonly names: string[] })[] {
  const groups = new Map<string, Planned & { readonly names: string[] }>();
  for (const [name, tensor] of layers) {
    const { id } = tensor.format;
    const group = groups.get(id);
    if (group) group.names.push(name);
    else groups.set(id, { ...plan(tensor), names: [name] });
  }
  return [...groups.values()];
}

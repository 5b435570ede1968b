// Compressed weights as other tools store them: the way back from formats to the tensors and settings that their readers know.
import { checkOptions, having, listOf } from '@tilewright/kernels';
import type { HostTensor, StateDict } from '@tilewright/kernels/weights';
import { denseDType } from '@tilewright/kernels/weights/dense';

/** Compressed weights by the name of their layer: that of the weight without `.weight`. */
export type CompressedLayers = ReadonlyMap<string, HostTensor>;

/** How a tool stores models that it compressed. A value: who writes such models hands over those that will do. */
export interface Layout {
  /** The tool, as its settings call it: their `quant_method`. */
  readonly method: string;
  /** A sentence that names what it cannot store; undefined where it can hold all of these layers in one model. */
  readonly refusal: (layers: CompressedLayers) => string | undefined;
  /** Tensors of a layer, by the ends of their names: `.weight_packed`. */
  readonly tensors: (tensor: HostTensor) => Readonly<Record<string, HostTensor>>;
  /** What `config.json` says under `quantization_config`; `dense`: layers with matrices that stay as they are. */
  readonly settings: (
    layers: CompressedLayers,
    dense: readonly string[],
  ) => Readonly<Record<string, unknown>>;
}

/** A model to be written. */
export interface LaidOut {
  readonly state: StateDict;
  /** Whose layout it is, and its settings; undefined where nothing is compressed, and where no layout holds what is. */
  readonly layout?: {
    readonly method: string;
    readonly settings: Readonly<Record<string, unknown>>;
  };
  /** Why the layouts that were passed over cannot hold it, a sentence each. */
  readonly refusals: readonly string[];
}

const ending = '.weight';

/**
 * A model in the first layout that holds all its compressed weights; else as it came, for our own reader. Whatever is dense stays as it
 * is.
 */
export function layOut(state: StateDict, layouts: readonly Layout[]): LaidOut {
  checkOptions(
    'layOut',
    { state, layouts },
    {
      state: having('a Map of weights by name', 'get', 'entries'),
      layouts: listOf(having('a layout', 'refusal')),
    },
  );
  const compressed = [...state].filter(([, { format }]) => denseDType(format) === undefined);
  if (compressed.length === 0) return { state, refusals: [] };
  const unnamed = compressed.find(([name]) => !name.endsWith(ending));
  if (unnamed)
    return {
      state,
      refusals: [`'${unnamed[0]}' is compressed, and layouts hold tensors named ….weight`],
    };
  const layers = new Map(compressed.map(([name, tensor]) => [name.slice(0, -ending.length), tensor]));
  const refusals: string[] = [];
  for (const layout of layouts) {
    const refusal = layout.refusal(layers);
    if (refusal === undefined) return { ...laidOut(state, layers, layout), refusals };
    refusals.push(`${layout.method}: ${refusal}`);
  }
  return { state, refusals };
}

function laidOut(
  state: StateDict,
  layers: CompressedLayers,
  layout: Layout,
): Pick<LaidOut, 'state' | 'layout'> {
  const result = new Map<string, HostTensor>();
  const dense: string[] = [];
  for (const [name, tensor] of state) {
    const base = name.slice(0, -ending.length);
    if (!layers.has(base) || !name.endsWith(ending)) {
      result.set(name, tensor);
      if (tensor.shape.length === 2 && name.endsWith(ending)) dense.push(base);
      continue;
    }
    for (const [suffix, part] of Object.entries(layout.tensors(tensor))) result.set(base + suffix, part);
  }
  return {
    state: result,
    layout: { method: layout.method, settings: layout.settings(layers, dense) },
  };
}

import type { Json } from '@tilewright/formats';
import { ring } from '@tilewright/graph/caches/ring';
import type { AttentionWindow } from '../blocks/attention.ts';
import type { ConfigFields } from './config-fields.ts';

/** Of each layer the window of keys that it sees, itself among them; undefined where it sees all. */
export type LayerWindows = (layer: number) => AttentionWindow | undefined;

/**
 * `sliding_window`, if windows are `used` at all; `max_window_layers` and `layer_types` say which layers have one. Throws `bad-model`
 * for kinds of layers that are not attention, and for as many of them as there are not.
 */
export function windowsOf(fields: ConfigFields, used: boolean): LayerWindows {
  const sees = windowSizes(fields, used);
  return (layer) => {
    const size = sees(layer);
    return size === null ? undefined : { left: size - 1, format: ring({ windowLeft: size - 1 }) };
  };
}

/** The keys that a layer sees, or null for all. */
export function windowSizes(fields: ConfigFields, used: boolean): (layer: number) => number | null {
  const hasSize = fields.get('sliding_window') !== undefined;
  const window = hasSize && used ? fields.size('sliding_window') : null;
  const types = fields.get('layer_types');
  const first = fields.get('max_window_layers') ?? 0;
  if (!Number.isSafeInteger(first) || Number(first) < 0)
    fields.refuse({ max_window_layers: first }, 'it must be a whole number from 0');
  // Layers from max_window_layers on have the window.
  if (types === undefined) return (layer) => (layer < Number(first) ? null : window);
  const kinds: readonly Json[] = Array.isArray(types) ? types : [types];
  for (const [index, kind] of kinds.entries())
    if (kind !== 'full_attention' && kind !== 'sliding_attention')
      fields.refuse(
        { [`layer_types[${index}]`]: kind },
        'full_attention and sliding_attention are known',
        'choose a model with these layers',
      );
  const layers = fields.layers('num_hidden_layers');
  if (kinds.length !== layers)
    fields.refuse({ num_hidden_layers: layers, layer_types: types }, 'each layer has one');
  if (kinds.includes('sliding_attention') && !hasSize)
    fields.refuse(
      { sliding_window: undefined },
      'layer_types has sliding_attention, and a window has a size',
    );
  const size = hasSize ? fields.size('sliding_window') : null;
  return (layer) => (kinds[layer] === 'sliding_attention' ? size : null);
}

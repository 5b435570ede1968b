import { ring } from '@tilewright/graph/caches/ring';
import { shown } from '@tilewright/formats';
import type { AttentionWindow } from '../blocks/attention.ts';
import { badModel, type ConfigFields } from './config-fields.ts';

/** Of each layer the window of keys that it sees, itself among them; undefined where it sees all. */
export type LayerWindows = (layer: number) => AttentionWindow | undefined;

/**
 * `sliding_window`, if windows are `used` at all; `max_window_layers` and `layer_types` say which layers have one. Throws `bad-model`
 * for kinds of layers that are not attention, and for as many of them as there are not.
 */
export function windowsOf(fields: ConfigFields, subject: string, used: boolean): LayerWindows {
  const sees = windowSizes(fields, subject, used);
  return (layer) => {
    const size = sees(layer);
    return size === null ? undefined : { left: size - 1, format: ring({ windowLeft: size - 1 }) };
  };
}

/** The keys that a layer sees, or null for all. */
export function windowSizes(
  fields: ConfigFields,
  subject: string,
  used: boolean,
): (layer: number) => number | null {
  const hasSize = fields.get('sliding_window') !== undefined;
  const window = hasSize && used ? fields.size('sliding_window') : null;
  const types = fields.get('layer_types');
  const first = fields.get('max_window_layers');
  // Layers from max_window_layers on have the window.
  if (types === undefined) return (layer) => (typeof first === 'number' && layer < first ? null : window);
  const kinds: readonly unknown[] = Array.isArray(types) ? types : [types];
  for (const kind of kinds)
    if (kind !== 'full_attention' && kind !== 'sliding_attention')
      throw badModel(
        subject,
        `layer_types has ${shown(kind)}`,
        'full_attention and sliding_attention are known',
        'choose a model with these layers',
      );
  const layers = fields.layers('num_hidden_layers');
  if (kinds.length !== layers)
    throw badModel(
      subject,
      `layer_types names ${kinds.length} layers`,
      `num_hidden_layers is ${layers}`,
      'compare the file with the one that was published',
    );
  if (kinds.includes('sliding_attention') && !hasSize)
    throw badModel(
      subject,
      'layer_types has sliding_attention and there is no sliding_window',
      'a window has a size',
      'compare the file with the one that was published',
    );
  const size = hasSize ? fields.size('sliding_window') : null;
  return (layer) => (kinds[layer] === 'sliding_attention' ? size : null);
}

import { shown } from '@tilewright/formats';
import { badModel, type ConfigFields } from './config-fields.ts';

/**
 * The keys that some layer sees, or null where every layer sees all: `sliding_window`, if windows are `used` at all;
 * `max_window_layers` and `layer_types` say which layers have one. Throws `bad-model` for kinds of layers that are not
 * attention.
 */
export function windowOf(fields: ConfigFields, subject: string, used: boolean): number | null {
  const window = fields.get('sliding_window') === undefined || !used ? null : fields.size('sliding_window');
  const types = fields.get('layer_types');
  const layers = fields.get('max_window_layers');
  if (types !== undefined) {
    const kinds = new Set<unknown>(Array.isArray(types) ? types : [types]);
    for (const kind of kinds)
      if (kind !== 'full_attention' && kind !== 'sliding_attention')
        throw badModel(
          subject,
          `layer_types has ${shown(kind)}`,
          'full_attention and sliding_attention are known',
          'choose a model with these layers',
        );
    if (!kinds.has('sliding_attention')) return null;
    if (fields.get('sliding_window') === undefined)
      throw badModel(
        subject,
        'layer_types has sliding_attention and there is no sliding_window',
        'a window has a size',
        'compare the file with the one that was published',
      );
    return fields.size('sliding_window');
  }
  // Layers from max_window_layers on have the window: where that is all of them, none has.
  return typeof layers === 'number' && layers >= fields.size('num_hidden_layers') ? null : window;
}

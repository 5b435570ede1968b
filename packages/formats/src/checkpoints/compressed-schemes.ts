// What the settings of compressed-tensors say of weights.
import { shown } from '../bad-file.ts';
import type { Layer } from './layers.ts';
import { blockOf } from './scaled-bytes.ts';
import type { Settings } from './settings.ts';

const strategies = ['tensor', 'channel', 'group', 'block', 'tensor_group'] as const;
type Strategy = (typeof strategies)[number];

/** What the settings say of the weights of some layers. */
export interface Scheme {
  readonly bits: number;
  readonly type: 'int' | 'float';
  /** Undefined where the settings leave it to the shapes of the scales. */
  readonly strategy: Strategy | undefined;
  readonly group: number | undefined;
  readonly block: readonly [number, number] | undefined;
  readonly isSymmetric: boolean;
  /** Names of layers, patterns of them (`re:…`), or of kinds of layers, which tensors do not tell. */
  readonly targets: readonly string[];
}

/** Storage formats whose layers are read here. */
const known = [
  'pack-quantized',
  'int-quantized',
  'float-quantized',
  'naive-quantized',
  'nvfp4-pack-quantized',
  'mxfp4-pack-quantized',
  'mixed-precision',
];

/** How weights were found; activations and caches are not rounded here. */
const passedOver = {
  settings: ['global_compression_ratio', 'ignore', 'kv_cache_scheme', 'quantization_status', 'version'],
  group: ['input_activations', 'output_activations'],
  weights: ['actorder', 'dynamic', 'observer', 'observer_kwargs', 'scale_dtype', 'zp_dtype'],
  sparsity: ['global_sparsity', 'ignore', 'registry_requires_subclass', 'sparsity_structure', 'targets'],
} as const;

function refuseOtherFormats(settings: Settings, required: boolean): void {
  const format = settings.get('format') ?? (required ? undefined : known[0]);
  if (typeof format !== 'string' || !known.includes(format))
    settings.refuse(`format is ${shown(format)}`, `the formats read here are ${known.join(', ')}`);
}

/** What is said of weights, in the order of `config_groups`. Throws `bad-file` for what is not read here. */
export function schemesOf(settings: Settings): readonly Scheme[] {
  refuseOtherFormats(settings, true);
  const sparsity = settings.object('sparsity_config');
  const sparse = sparsity?.get('format');
  if (typeof sparse === 'string' && /^(sparse|marlin)/.test(sparse))
    settings.refuse(`sparsity_config.format is ${shown(sparse)}`, 'sparse storage is not read here');
  sparsity?.passOver(...passedOver.sparsity);
  const transforms = settings.object('transform_config')?.names() ?? [];
  if (transforms.length > 0)
    settings.refuse(
      `transform_config has ${transforms.map(shown).join(', ')}`,
      'activations are not transformed here',
    );
  settings.passOver(...passedOver.settings);
  const groups = settings.object('config_groups');
  if (!groups) return settings.refuse('config_groups is nothing', 'it is an object');
  return groups.names().flatMap((name) => {
    const group = groups.object(name);
    if (group) refuseOtherFormats(group, false);
    group?.passOver(...passedOver.group);
    const weights = group?.object('weights');
    const targets = group?.get('targets');
    return weights
      ? [{ ...schemeOf(weights), targets: Array.isArray(targets) ? targets.map(String) : [] }]
      : [];
  });
}

function schemeOf(weights: Settings): Omit<Scheme, 'targets'> {
  weights.passOver(...passedOver.weights);
  const [group, blocks] = [weights.get('group_size'), weights.get('block_structure')];
  if (group !== undefined && !(Number.isInteger(group) && (Number(group) > 0 || group === -1)))
    weights.refuse(`group_size is ${shown(group)}`, 'it is a positive number of columns, or -1');
  const block = blockOf(blocks);
  if (blocks !== undefined && !block)
    weights.refuse(`block_structure is ${shown(blocks)}`, 'it is two positive numbers');
  const [bits, type] = [weights.get('num_bits'), weights.get('type') ?? 'int'];
  if (!(Number.isInteger(bits) && Number(bits) >= 1 && Number(bits) <= 8))
    weights.refuse(`num_bits is ${shown(bits)}`, 'it is a whole number from 1 to 8');
  if (type !== 'int' && type !== 'float')
    return weights.refuse(`type is ${shown(type)}`, 'int and float are known');
  const strategy = weights.get('strategy');
  const known = strategies.find((each) => each === strategy);
  if (strategy !== undefined && known === undefined)
    weights.refuse(`strategy is ${shown(strategy)}`, `the strategies read here are ${strategies.join(', ')}`);
  if (Number(group) > 0 && (known === 'channel' || known === 'tensor'))
    weights.refuse(
      `group_size is ${shown(group)} and strategy is ${shown(strategy)}`,
      'groups are a strategy of their own',
    );
  return {
    bits: Number(bits),
    type,
    strategy: known,
    group: Number(group) > 0 ? Number(group) : undefined,
    block,
    isSymmetric: weights.flag('symmetric') === true,
  };
}

/** Columns that share a scale where there are so many groups: whole rows, or what the settings of these bits say. */
export function groupOf(
  layer: Layer,
  schemes: readonly Scheme[],
  bits: number,
  columns: number,
  groups: number,
): number | 'row' {
  const widths = schemes.flatMap(({ bits: b, group = columns }) => (b === bits ? [group] : []));
  const fits = [...new Set(widths.filter((width) => Math.ceil(columns / width) === groups))];
  if (fits.length > 0 && groups === 1) return 'row';
  if (fits.length > 1)
    layer.refuse(
      `${layer.name} has ${groups} scales in a row of ${columns} numbers of ${bits} bits`,
      `groups of ${fits.join(' and of ')} have as many, and one must be meant`,
    );
  return (
    fits[0] ??
    layer.refuse(
      `${layer.name} has ${groups} scale${groups === 1 ? '' : 's'} in a row of ${columns} numbers of ${bits} bits`,
      `no group of the settings has as many: they say ${widths.join(', ') || 'nothing of these bits'}`,
    )
  );
}

/** Those that name a layer, or else all: kinds of layers are in the model's code. */
export function schemesNaming(name: string, schemes: readonly Scheme[]): readonly Scheme[] {
  const naming = schemes.filter(({ targets }) =>
    targets.some((target) => target === name || (target.startsWith('re:') && matches(target.slice(3), name))),
  );
  return naming.length > 0 ? naming : schemes;
}

/** Patterns are those of Python, from the beginning of a name. */
function matches(pattern: string, name: string): boolean {
  try {
    return new RegExp(`^(?:${pattern})`).test(name);
  } catch {
    return false;
  }
}

/** Those of so many bits and that type. Refuses a layer whose numbers no group of the settings has. */
export function schemesFor(
  layer: Layer,
  schemes: readonly Scheme[],
  bits: number,
  type: Scheme['type'],
): readonly Scheme[] {
  const found = schemes.filter((scheme) => scheme.bits === bits && scheme.type === type);
  if (found.length === 0)
    layer.refuse(
      `${layer.name} is stored as ${type}${bits}`,
      `the settings have ${schemes.map((scheme) => scheme.type + scheme.bits).join(', ') || 'no weights'}`,
    );
  return found;
}

/** Refuses scales that lie as no strategy says; `fits` are those that such scales may belong to. */
export function checkStrategy(
  layer: Layer,
  schemes: readonly Scheme[],
  shape: readonly number[],
  fits: readonly Strategy[],
): void {
  const said = schemes.flatMap(({ strategy }) => strategy ?? []);
  if (said.length === schemes.length && !said.some((each) => fits.includes(each)))
    layer.refuse(
      `${layer.name}.weight_scale has shape ${shown(shape)}`,
      `that is a scale for each ${fits.join(' or ')}, and the strategy is ${[...new Set(said)].join(' or ')}`,
    );
}

/** Zero points that settings deny. */
export function warnOfZeros(settings: Settings, schemes: readonly Scheme[], bits: number): void {
  const ofBits = schemes.filter((scheme) => scheme.bits === bits);
  if (ofBits.every(({ isSymmetric }) => isSymmetric))
    settings.warn('symmetric is true, and layers have zero points, which count');
}

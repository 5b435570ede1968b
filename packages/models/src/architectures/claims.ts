import { type JsonObject, shown } from '@tilewright/formats';
import { badModel } from './config-fields.ts';
import type { Architecture, DeferredArchitecture } from './architecture.ts';

/** Which configs an architecture takes: light enough to be there before the architecture is. */
export type Claim = Pick<Architecture, 'id' | 'names' | 'claims'>;

/** Claims configs that name one of these classes, or that name none and have the `model_type` of the id. */
export const claimOf = (id: string, names: readonly string[]): Claim => ({
  id,
  names,
  claims(config) {
    const named = classNames(config);
    if (named.length === 0) return config.get('model_type') === id;
    return named.some((name) => typeof name === 'string' && names.includes(name));
  },
});

/** The architecture among these that claims a config. Throws `bad-model` with what was found and what is supported. */
export async function claimed<Tasks>(
  config: JsonObject,
  architectures: readonly (Architecture<Tasks> | DeferredArchitecture<Tasks>)[],
  subject: string,
): Promise<Architecture<Tasks>> {
  const found = architectures.find((architecture) => architecture.claims(config));
  if (found) return 'load' in found ? await found.load() : found;
  const named = classNames(config);
  const modelType = shown(config.get('model_type') ?? undefined);
  throw badModel(
    subject,
    named.length > 0
      ? `the architecture is ${named.slice(0, 4).map(shown).join(', ')} and model_type ${modelType}`
      : `no architecture is named, and model_type is ${modelType}`,
    `supported: ${architectures.flatMap(({ names }) => names).join(', ')}`,
    'choose a model of a supported architecture, or hand openModel one that claims it',
  );
}

function classNames(config: JsonObject): readonly unknown[] {
  const named = config.get('architectures') ?? undefined;
  return Array.isArray(named) ? named : named === undefined ? [] : [named];
}

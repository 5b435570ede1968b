// The files of a compressed model: weights in a layout, and a config.json that says which.
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Json } from '@tilewright/formats';
import { allCheckpoints } from '@tilewright/formats/checkpoints';
import { type LaidOut, layOut, layouts } from '@tilewright/formats/layouts';
import { openModelFolderAt, writeSafetensorsFile } from '@tilewright/formats/node';
import { type HostTensor, type StateDict, TilewrightError, type WeightFormat } from '@tilewright/kernels';
import { formatBytes } from '@tilewright/kernels/weights';
import { weightFamilies } from '@tilewright/kernels/weights/registry';
import { ownLayout } from '../model/layouts.ts';

/** What a folder takes, and what its weights take on a device. */
export interface FolderSize {
  readonly fileBytes: number;
  readonly boundBytes: number;
}

/** Weights in the layout of that name, or in the first that holds them. Throws `bad-argument` where that of the name does not. */
export function inLayout(weights: StateDict, name: string | undefined): LaidOut {
  const wanted = name === undefined ? layouts : layouts.filter(({ method }) => method === name);
  const laidOut = layOut(weights, wanted);
  const [refusal] = laidOut.refusals;
  if (name === undefined || name === ownLayout || laidOut.layout || refusal === undefined) return laidOut;
  throw new TilewrightError('bad-argument', {
    subject: '--layout',
    problem: `${name} cannot hold this model`,
    requirement: refusal,
    fix: 'leave --layout out, or choose another format',
  });
}

/**
 * Throws `bad-argument` where the layout of that name cannot hold weights of these formats, before they are made; `plans`: what each weight
 * may become.
 */
export function checkLayout(
  weights: StateDict,
  plans: readonly ReadonlyMap<string, WeightFormat>[],
  name: string | undefined,
): void {
  const blanks = new Map<string, HostTensor>();
  const blank = (format: WeightFormat, shape: readonly number[]): HostTensor => {
    const key = `${format.id} ${shape.join()}`;
    const made = blanks.get(key) ?? {
      format,
      shape,
      bytes: new Uint8Array(formatBytes(format, shape)),
    };
    blanks.set(key, made);
    return made;
  };
  // What a budget chooses from may meet in one model: each weight in each of its formats, in a model of all of them.
  for (let first = 0; first < plans.length; first++) {
    const names = [...plans[0]!.keys()];
    const planned = names.map((weight, i) => {
      const format = plans[(first + i) % plans.length]!.get(weight)!;
      return [weight, blank(format, weights.get(weight)!.shape)] as const;
    });
    inLayout(new Map(planned), name);
  }
}

/** Whose layout it is, and where it is ours alone why. */
export function layoutLine({ layout, refusals }: LaidOut): string {
  if (layout) return `written as ${layout.method} has it: other tools open it too\n`;
  if (refusals.length === 0) return '';
  return `written in our own layout, which other tools do not open:\n${refusals
    .map((line) => `  ${line}\n`)
    .join('')}`;
}

/** Writes `model.safetensors` and `config.json`: that of the dense model with the fields that changed and the layout's settings. */
export async function writeModel(
  folder: string,
  source: string,
  { state, layout }: LaidOut,
  metadata: Readonly<Record<string, string>>,
  changes: Readonly<Record<string, Json>> = {},
): Promise<void> {
  // What other tools look for before they read.
  await writeSafetensorsFile(join(folder, 'model.safetensors'), state, {
    format: 'pt',
    ...metadata,
  });
  const text = await readFile(join(source, 'config.json'), 'utf8');
  const isSame = !layout && Object.keys(changes).length === 0;
  const config = {
    ...(JSON.parse(text) as object),
    ...changes,
    ...(layout && { quantization_config: layout.settings }),
  };
  await writeFile(join(folder, 'config.json'), isSame ? text : `${JSON.stringify(config, null, 2)}\n`);
}

/** Opens what was written, as whoever uses it will, and adds up what it takes. Throws `bad-file` where it cannot be opened. */
export async function folderSize(folder: string): Promise<FolderSize> {
  const source = await openModelFolderAt(folder);
  try {
    const { tensors } = await source.openWeights({ formats: weightFamilies });
    const weights = await (await allCheckpoints(source)).tensors(tensors);
    const { size } = await stat(join(folder, 'model.safetensors'));
    const boundBytes = [...weights.values()].reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    return { fileBytes: size, boundBytes };
  } finally {
    await source.close();
  }
}

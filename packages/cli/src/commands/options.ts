// Options that several commands have.
import { InvalidArgumentError, Option } from 'commander';
import { renameFix } from '@tilewright/kernels';
import { layoutNames } from '../model/layouts.ts';
import { variantNames } from '@tilewright/models/variants';
import type { Target } from '../model/recipes.ts';

export const adapterOption = (): Option =>
  new Option(
    '--adapter <name>',
    'auto, lavapipe or swiftshader; default TILEWRIGHT_ADAPTER, else auto: a GPU, else lavapipe, else SwiftShader',
  ).argParser(oneOf(['auto', 'lavapipe', 'swiftshader']));

/** With {@link adapterOption}: nothing outside of the package is installed without it. */
export const systemOption = (): Option =>
  new Option(
    '--system',
    "install Mesa's CPU driver with apt, as root, where no GPU answers and it is missing",
  );

/** What these two options say. */
export interface AdapterFlags {
  readonly adapter?: string;
  readonly system?: boolean;
}

export const jsonOption = (what: string): Option =>
  new Option('--json <file>', `write ${what}; - for standard output`).argParser((file: string): string => {
    if (file.trim() !== '') return file;
    throw new InvalidArgumentError('It has no name. Fix: name a file, or - for standard output.');
  });

/** Products that round. */
export const activationsOption = (): Option =>
  new Option(
    '--activations <type>',
    'int8: products of integer weights round what they multiply them by to int8, a step for each token; default exact',
  ).argParser(oneOf(['int8']));

/** How attention caches hold keys and values. */
export const cacheOption = (): Option =>
  new Option(
    '--cache <type>',
    'how attention caches hold keys and values: f32, f16, int8 or int4; default f32',
  ).argParser(oneOf(['f32', 'f16', 'int8', 'int4']));

/** Names of the layouts of other tools, and of ours. */
export const layoutOption = (): Option =>
  new Option(
    '--layout <name>',
    `whose layout: ${layoutNames.join(', ')}; default the first that holds all that is compressed`,
  ).argParser(oneOf(layoutNames));

export const strictOption = (): Option =>
  new Option('--strict', 'refuse a folder of which something is left out, instead of a warning');

export const variantOption = (text: string): Option =>
  new Option('--variant <name>', `${text}: ${variantNames.join(', ')}`).argParser(oneOf(variantNames));

/** Reads one of some names; the nearest of them is proposed for another. */
const oneOf =
  (names: readonly string[]) =>
  (text: string): string => {
    if (names.includes(text)) return text;
    const fix = renameFix(text, names, 'choose one');
    throw new InvalidArgumentError(`Known are ${names.join(', ')}. Fix: ${fix}.`);
  };

/** Reads a whole number from `least` to `most`; default what a u32 of a uniform holds. */
export const wholeNumber =
  (least: number, most: number = 2 ** 32 - 1) =>
  (text: string): number => {
    const value = Number(text);
    if (Number.isSafeInteger(value) && value >= least && value <= most && text.trim() !== '') return value;
    throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`);
  };

/** Reads a number between two others. */
export const numberBetween =
  (least: number, most: number) =>
  (text: string): number => {
    const value = Number(text);
    if (value >= least && value <= most && text.trim() !== '') return value;
    throw new InvalidArgumentError(`It must be a number from ${least} to ${most}.`);
  };

/** Reads token ids separated by commas. */
export function tokenList(text: string): number[] {
  const tokens = text.split(',').map((part) => Number(part.trim() || Number.NaN));
  if (tokens.every((token) => Number.isSafeInteger(token) && token >= 0)) return tokens;
  throw new InvalidArgumentError('It must be token ids separated by commas, such as 5,17,2.');
}

/** The option, which may be given again: its values as a list. */
export function collected(option: Option): Option {
  const parse = option.parseArg!;
  return option.argParser<unknown>((text: string, before: unknown) => [
    ...((before as readonly unknown[] | undefined) ?? []),
    parse(text, undefined),
  ]);
}

/** Reads a size to stay within: `3.2bits` a weight, or bytes: `900kB`, `1.5MB`. */
export function targetSize(text: string): Target {
  const [, figure, unit] = /^(\d+(?:\.\d+)?)(bits|B|kB|MB|GB)$/.exec(text.trim()) ?? [];
  const bytes = { B: 1, kB: 1e3, MB: 1e6, GB: 1e9 }[unit ?? ''];
  if (figure !== undefined && Number(figure) > 0)
    return bytes === undefined ? { bits: Number(figure) } : { bytes: Number(figure) * bytes };
  throw new InvalidArgumentError(
    'It must be bits a weight or bytes of the linear layers, such as 3.2bits, 900kB or 1.5MB.',
  );
}

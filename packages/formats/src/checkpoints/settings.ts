// What a tool says of the weights that it stored: its settings. Each field is read, is known to change no number here, or is named.
import { badFile, shown } from '../bad-file.ts';
import { isJsonObject, type Json, type JsonObject } from '../json/parse-json.ts';

/** Settings of a tool, which know what was asked of them. A field that is null counts as absent. */
export interface Settings {
  get(name: string): Json | undefined;
  /** One thing under several names. Throws `bad-file` where they contradict each other. */
  oneOf(...names: readonly string[]): Json | undefined;
  /** Throws `bad-file` for what is not an object; undefined where there is nothing. */
  object(name: string): Settings | undefined;
  /** True, false, or undefined where there is nothing. Throws `bad-file` for anything else. */
  flag(name: string): boolean | undefined;
  names(): readonly string[];
  /** Names of the fields that are objects. */
  objects(): readonly string[];
  /** Fields that change no number here: how a tool came to the weights, or how fast it runs them. */
  passOver(...names: readonly string[]): void;
  /** Keeps a sentence for {@link Settings.warnings}, once. */
  warn(sentence: string): void;
  /** Throws `bad-file`. */
  refuse(problem: string, requirement: string): never;
  /** What was warned of, and a sentence that names the fields that nobody asked for, in nested objects too. */
  warnings(): readonly string[];
}

/** `file` and `part` are what messages call them: `config.json` and `quantization_config`. */
export function settingsOf(given: JsonObject, file: string, part: string): Settings {
  const asked = new Set<string>(['quant_method']);
  const nested: Settings[] = [];
  const said = new Set<string>();
  const get = (name: string): Json | undefined => {
    asked.add(name);
    return given.get(name) ?? undefined;
  };
  const refuse = (problem: string, requirement: string): never => {
    throw badSettings(problem, requirement, file, part);
  };
  return {
    get,
    refuse,
    oneOf(...names) {
      const there = names.filter((name) => get(name) !== undefined);
      const [first, other] = [there[0], there.find((name) => get(name) !== get(there[0]!))];
      if (first !== undefined && other !== undefined)
        refuse(
          `${first} is ${shown(get(first))} and ${other} is ${shown(get(other))}`,
          'they are two names of one thing',
        );
      return first === undefined ? undefined : get(first);
    },
    object(name) {
      const value = get(name);
      if (value === undefined) return undefined;
      if (!isJsonObject(value)) return refuse(`${name} is ${shown(value)}`, 'it is an object');
      const inner = settingsOf(value, file, `${part}.${name}`);
      nested.push(inner);
      return inner;
    },
    flag(name) {
      const value = get(name);
      if (value === undefined || typeof value === 'boolean') return value;
      return refuse(`${name} is ${shown(value)}`, 'it is true or false');
    },
    names: () => [...given.keys()],
    objects: () => [...given].flatMap(([name, value]) => (isJsonObject(value) ? [name] : [])),
    passOver: (...names) => names.forEach((name) => asked.add(name)),
    warn: (sentence) => void said.add(`${file}: ${part}: ${sentence}`),
    warnings() {
      const unread = [...given].flatMap(([name, value]) => (value === null || asked.has(name) ? [] : [name]));
      const left = `${file}: ${part} has ${unread.map(shown).join(', ')}, which nothing here uses`;
      return [
        ...said,
        ...(unread.length > 0 ? [left] : []),
        ...nested.flatMap((each) => [...each.warnings()]),
      ];
    },
  };
}

export const badSettings = (
  problem: string,
  requirement: string,
  file = 'config.json',
  part = 'quantization_config',
): Error =>
  badFile(
    file,
    `${part} cannot be read: ${problem}`,
    requirement,
    'hand over what reads it, or take another form of the model',
  );

// Subgroups of any size on any adapter, for tests: the built-ins become exchanges through workgroup memory. GPUs have
// subgroups of 32 and 64, and software adapters of 4 to 16; sizes in Plans and lane arithmetic are what this checks.
//
// An exchange is a barrier, and WGSL allows barriers only where a compiler can prove that all invocations of the workgroup
// arrive: a kernel whose subgroups go separate ways is refused by the compiler, which says where.
import type { Program } from '@tilewright/kernels';
import type { Device } from '@tilewright/runtime';

/** What can be emulated, with the text of its result over the lanes of `lane_first` and after. */
const reductions: Readonly<Record<string, (sum: string, next: string) => string>> = {
  subgroupAdd: (sum, next) => `${sum} + ${next}`,
  subgroupMul: (sum, next) => `${sum} * ${next}`,
  subgroupMax: (sum, next) => `max(${sum}, ${next})`,
  subgroupMin: (sum, next) => `min(${sum}, ${next})`,
};
/** The lane that is read, where it is one. */
const reads: Readonly<Record<string, string>> = {
  subgroupShuffle: 'lane',
  subgroupBroadcast: 'lane',
  subgroupShuffleXor: 'own ^ lane',
  subgroupShuffleUp: 'own - lane',
  subgroupShuffleDown: 'own + lane',
};

const types = ['f32', 'vec2<f32>', 'vec3<f32>', 'vec4<f32>', 'u32', 'i32'] as const;
type Type = (typeof types)[number];

/** A Program without subgroups in it, or why it cannot be. */
export type Emulated =
  | { readonly program: Program; readonly refused?: undefined }
  | { readonly program?: undefined; readonly refused: string };

/** The first error of a compiler in a text, or `undefined` where it has none. */
export type Compile = (
  wgsl: string,
) => Promise<{ readonly index: number; readonly message: string } | undefined>;

/** What `device` says of a text, without making anything of it. */
export const compilerOf =
  ({ gpu }: Device): Compile =>
  async (code) => {
    gpu.pushErrorScope('validation');
    const module = gpu.createShaderModule({ code });
    await gpu.popErrorScope();
    const { messages } = await module.getCompilationInfo();
    const first = messages.find(({ type }) => type === 'error');
    return first && { index: first.offset, message: first.message };
  };

const builtins: Readonly<Record<string, (size: number) => string>> = {
  subgroup_invocation_id: (size) => `(emulated_lane % ${size}u)`,
  subgroup_size: (size) => `${size}u`,
  subgroup_id: (size) => `(emulated_lane / ${size}u)`,
  num_subgroups: (size) => `((emulated_lanes + ${size - 1}u) / ${size}u)`,
};

/**
 * `program` for subgroups of `size` in workgroup memory. WGSL has no generic functions: which type a call exchanges, the
 * compiler says by refusing the others.
 */
export async function emulateSubgroups(program: Program, size: number, compile: Compile): Promise<Emulated> {
  const names = [...Object.keys(reductions), ...Object.keys(reads)];
  const other = /\b(subgroup(?!_)[A-Z]\w*|quad[A-Z]\w*)\s*\(/g;
  const unknown = [...program.wgsl.matchAll(other)]
    .map(([, name]) => name!)
    .find((name) => !names.includes(name));
  if (unknown !== undefined) return { refused: `${unknown} is not emulated` };

  const { text, workgroups } = withEntryPoints(withoutExtensions(program.wgsl), size);
  const [workgroup] = workgroups;
  if (workgroup === undefined) return { refused: 'no entry point has subgroups' };
  if (workgroups.length > 1)
    return { refused: `its entry points have workgroups of ${workgroups.join(' and ')}` };
  // Calls by place: `subgroupAdd(` becomes `emulated_subgroupAdd_<type>(`, with types tried until all fit.
  const parts = text.split(new RegExp(`\\b(${names.join('|')})\\s*\\(`));
  const calls = parts.filter((_, i) => i % 2 === 1);
  const chosen = calls.map((): number => 0);
  for (;;) {
    let body = parts[0]!;
    const starts: number[] = [];
    calls.forEach((name, call) => {
      starts.push(body.length);
      body += `emulated_${name}_${identifier(types[chosen[call]!]!)}(`;
      body += parts[2 * call + 2]!;
    });
    const used = calls.map((name, call) => [name, types[chosen[call]!]!] as const);
    const wgsl = `${body}\n${exchanges(used, workgroup, size)}`;
    const error = await compile(wgsl);
    if (error === undefined)
      return {
        program: {
          ...program,
          wgsl,
          requires: program.requires.filter((feature) => !subgroupFeatures.includes(feature)),
        },
      };
    const call = starts.findLastIndex((start) => start <= error.index);
    const wrongType = /type mismatch for argument 1 in call to 'emulated_/.test(error.message);
    if (!wrongType || call < 0 || chosen[call]! + 1 >= types.length) return { refused: error.message };
    const named = /got '(?:function, )?([^']+)'/.exec(error.message)?.[1];
    const found = types.indexOf(named as Type);
    chosen[call] = found > chosen[call]! ? found : chosen[call]! + 1;
  }
}

const subgroupFeatures: readonly string[] = ['subgroups', 'subgroup_id', 'subgroup-size-control'];
const entryPattern = /@compute\s+@workgroup_size\(([^)]*)\)\s*fn\s+(\w+)\s*\(([^{]*?)\)\s*\{/g;

const withoutExtensions = (wgsl: string): string =>
  wgsl.replace(/^(enable (subgroups|subgroup_size_control)|requires subgroup_id);$/gm, '');

/** Entry points with subgroups become functions, called by others that make what the built-ins would have been. */
function withEntryPoints(wgsl: string, size: number): { text: string; workgroups: string[] } {
  const structs = new Map(
    [...wgsl.matchAll(/struct\s+(\w+)\s*\{([^}]*)\}/g)]
      .filter(([, , fields]) => fields!.includes('@builtin'))
      .map(([, name, fields]) => [name!, split(fields!).map(parse)] as const),
  );
  const entries: string[] = [];
  const workgroups = new Set<string>();
  const text = wgsl.replace(entryPattern, (whole, workgroup: string, name: string, parameters: string) => {
    const parsed = split(parameters).map(parse);
    const all = parsed.flatMap((parameter) => structs.get(parameter.type) ?? [parameter]);
    if (!all.some(({ builtin }) => builtin in builtins)) return whole;
    workgroups.add(workgroup);
    const outer = new Map([
      ['local_invocation_index', '@builtin(local_invocation_index) emulated_index: u32'],
    ]);
    const valueOf = ({ builtin, type }: Parameter): string => {
      const fields = structs.get(type);
      if (fields) return `${type}(${fields.map(valueOf).join(', ')})`;
      const emulated = builtins[builtin]?.(size);
      if (emulated !== undefined) return emulated;
      if (builtin === 'local_invocation_index') return 'emulated_index';
      outer.set(builtin, `@builtin(${builtin}) outer_${builtin}: ${type}`);
      return `outer_${builtin}`;
    };
    const values = parsed.map(valueOf);
    entries.push(
      `@compute @workgroup_size(${workgroup})
fn ${name}(${[...outer.values()].join(', ')}) {
  emulated_lane = emulated_index;
  emulated_entry_${name}(${values.join(', ')});
}`,
    );
    return `fn emulated_entry_${name}(${parsed.map(({ field, type }) => `${field}: ${type}`).join(', ')}) {`;
  });
  const plain = text.replace(/struct\s+(\w+)\s*\{([^}]*)\}/g, (whole, name: string) =>
    structs.has(name) ? whole.replace(/@builtin\(\w+\)\s*/g, '') : whole,
  );
  return { text: `${plain}\n${entries.join('\n')}`, workgroups: [...workgroups] };
}

interface Parameter {
  readonly builtin: string;
  readonly field: string;
  readonly type: string;
}

const split = (list: string): string[] =>
  list
    .replace(/\/\/.*$/gm, '')
    .split(/,(?![^<]*>)/)
    .map((part) => part.trim())
    .filter((part) => part !== '');

function parse(parameter: string): Parameter {
  const [, builtin = '', field = '', type = ''] =
    /^(?:@builtin\((\w+)\)\s*)?(\w+)\s*:\s*(.+)$/.exec(parameter) ?? [];
  return { builtin, field, type };
}

const identifier = (type: Type): string => type.replace(/[<>]/g, '_');

/** The functions that are called, and the memory they share. */
function exchanges(used: readonly (readonly [string, Type])[], workgroup: string, size: number): string {
  const calls = new Map(used.map(([name, type]) => [`${name} ${type}`, { name, type }]));
  const memory = [...new Set(used.map(([, type]) => type))].map(
    (type) => `var<workgroup> emulated_values_${identifier(type)}: array<${type}, emulated_lanes>;`,
  );
  const functions = [...calls.values()].map(({ name, type }) => {
    const values = `emulated_values_${identifier(type)}`;
    const share = `  workgroupBarrier();
  ${values}[emulated_lane] = value;
  workgroupBarrier();
  let own = emulated_lane % ${size}u;
  let first = emulated_lane - own;`;
    const reduce = reductions[name];
    if (reduce === undefined)
      return `fn emulated_${name}_${identifier(type)}(value: ${type}, lane: u32) -> ${type} {
${share}
  return ${values}[min(first + (${reads[name]!}), emulated_lanes - 1u)];
}`;
    return `fn emulated_${name}_${identifier(type)}(value: ${type}) -> ${type} {
${share}
  var result = ${values}[first];
  for (var i = 1u; i < ${size}u; i++) {
    if (first + i >= emulated_lanes) { break; }
    result = ${reduce('result', `${values}[first + i]`)};
  }
  return result;
}`;
  });
  return [
    `const emulated_lanes = u32(${workgroup});`,
    'var<private> emulated_lane: u32;',
    ...memory,
    ...functions,
  ].join('\n');
}

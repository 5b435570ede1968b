// Writes the declarations of the package in the current folder into dist/, file by file. No type-checking here:
// `npm run check:types` does that, and isolatedDeclarations makes a declaration depend on its own file alone.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';
import { deleteFiles, filesBelow, root } from './files.mjs';

function declarations(folder) {
  const config = ts.readConfigFile(join(root, 'tsconfig.base.json'), ts.sys.readFile).config;
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, folder);
  const source = join(folder, 'src');
  const problems = [];
  deleteFiles(join(folder, 'dist'), (file) => file.endsWith('.d.ts'));
  for (const file of filesBelow(source)) {
    if (!file.endsWith('.ts') || file.endsWith('.test.ts') || file.endsWith('.d.ts')) continue;
    if (file.startsWith(join(source, 'test/'))) continue;
    const result = ts.transpileDeclaration(readFileSync(file, 'utf8'), {
      fileName: file,
      compilerOptions: options,
    });
    problems.push(...result.diagnostics);
    const out = join(folder, 'dist', file.slice(source.length).replace(/\.ts$/, '.d.ts'));
    mkdirSync(dirname(out), { recursive: true });
    writeFileSync(out, result.outputText);
  }
  if (problems.length === 0) return;
  const host = {
    getCanonicalFileName: (path) => path,
    getCurrentDirectory: () => folder,
    getNewLine: () => '\n',
  };
  console.error(ts.formatDiagnostics(problems, host));
  process.exitCode = 1;
}

declarations(process.cwd());

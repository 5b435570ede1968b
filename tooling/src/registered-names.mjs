// The law of names: what is registered is a value, and nobody outside its folder knows it by a text.
import { posix } from 'node:path';
import ts from 'typescript';

const definers =
  /\b(?:define(?:Operator|Pointwise|Softmax)|claimOf)\b|\bfamily = '|\bconst (?:denseVariant|variants)\b/;

/**
 * The names that a file registers: those of operators, families of weight formats, architectures and variants, as `{ name, kind }`.
 * They are what an annotated call or a declaration says, so nothing has to run.
 */
export function registeredNames(path, text) {
  if (isTestOnly(path) || !definers.test(text)) return [];
  const found = [];
  const add = (kind, node) => {
    if (node !== undefined && ts.isStringLiteral(node)) found.push({ name: node.text, kind });
  };
  const property = (object, name) =>
    object !== undefined && ts.isObjectLiteralExpression(object)
      ? object.properties.find((each) => each.name?.getText() === name)?.initializer
      : undefined;
  visit(path, text, (node) => {
    if (ts.isVariableDeclaration(node) && node.name.getText() === 'family') add('format', node.initializer);
    if (ts.isVariableDeclaration(node) && node.name.getText() === 'denseVariant')
      add('variant', property(node.initializer, 'name'));
    if (!ts.isCallExpression(node)) return;
    const [first, second] = node.arguments;
    const callee = node.expression.getText();
    if (/^define(Operator|Pointwise|Softmax)$/.test(callee)) add('operator', property(first, 'name'));
    if (callee === 'smaller' && path.endsWith('/variants.ts')) add('variant', first);
    if (callee === 'claimOf') {
      add('architecture', first);
      if (second !== undefined && ts.isArrayLiteralExpression(second))
        for (const each of second.elements) add('architecture', each);
    }
  });
  return found;
}

/** What reads or writes the names that others gave: cases and models of ONNX, for conformance and for peers. */
const foreign = /^(tooling\/src\/conformance|tooling\/src\/outside|packages\/bench\/src\/compare)\//;
const isTestOnly = (path) => /\.test\.(ts|mjs)$|\/(test|oracle)\/|\/check\.ts$/.test(path);

/**
 * Literals that equal a registered name outside the folder that registers it: what they are compared with is a value that can be
 * imported. `names` maps a name to `{ kind, folders }`. The types of attributes (`type: 'integer'`) are words of their own.
 */
export function registeredNameViolations(path, text, names) {
  if (isTestOnly(path) || foreign.test(path)) return [];
  const quoted = [...text.matchAll(/(['"`])([\w:+-]+)\1/g)].some(([, , word]) => names.has(word));
  if (!quoted) return [];
  const found = [];
  visit(path, text, (node) => {
    if (!ts.isStringLiteralLike(node) || !names.has(node.text)) return;
    const { parent } = node;
    if (ts.isLiteralTypeNode(parent) || ts.isImportDeclaration(parent)) return;
    if (ts.isPropertyAssignment(parent) && parent.initializer === node && parent.name.getText() === 'type')
      return;
    const { kind, folders } = names.get(node.text);
    if (folders.has(posix.dirname(path))) return;
    const line = node.getSourceFile().getLineAndCharacterOfPosition(node.getStart()).line + 1;
    found.push(
      `${path}:${line}: '${node.text}' is the name of a registered ${kind}; import the value and compare that`,
    );
  });
  return found;
}

function visit(path, text, see) {
  const walk = (node) => {
    see(node);
    ts.forEachChild(node, walk);
  };
  walk(ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true));
}

// A rule for shaders. WGSL begins a variable without an initial value with zeros whenever its declaration is reached; software adapters
// keep what an array held in the turn of the loop before. So what is read first, or added to, begins with a value that is written down.

/** Variables without an initial value that a loop may reach twice and whose first use is not an assignment. */
export function staleVariableViolations(path, text) {
  const code = text
    .replace(/\/\*[^]*?\*\//g, (comment) => comment.replace(/[^\n]/g, ' '))
    .replace(/\/\/.*/g, '');
  const declarations = [...code.matchAll(/\bvar (\w+): [^=;]+;/g)];
  return declarations.flatMap(({ 0: declaration, 1: name, index }) => {
    if (!isRepeated(code, index)) return [];
    const rest = code.slice(index + declaration.length);
    const use = rest.match(new RegExp(`(?<![.\\w])${name}\\b`));
    if (use && /^((\[[^=;]*\])|(\.\w+))*\s*=(?!=)/.test(rest.slice(use.index + name.length))) return [];
    const line = code.slice(0, index).split('\n').length;
    return [
      `${path}:${line}: '${name}' may hold what it held before; give it an initial value: ${fix(declaration)}`,
    ];
  });
}

/** In a loop, or in a function that a loop of this file calls. */
function isRepeated(code, index) {
  const heads = headsAt(code, index);
  if (heads.some(isLoop)) return true;
  const [, name] = heads[0]?.match(/\bfn (\w+)/) ?? [];
  const calls = [...code.matchAll(new RegExp(`\\b${name}\\(`, 'g'))];
  return calls.some((call) => headsAt(code, call.index).some(isLoop));
}

const isLoop = (head) => /^\s*(for|while|loop)\b/.test(head);

/** What stands in front of each brace that is open at a place, outermost first. */
function headsAt(code, index) {
  const heads = [];
  let head = '';
  for (const character of code.slice(0, index)) {
    if (character === '{') heads.push(head);
    else if (character === '}') heads.pop();
    head = '{};'.includes(character) && !isInFor(head, character) ? '' : head + character;
  }
  return heads;
}

/** The semicolons of `for (…; …; …)` end nothing. */
const isInFor = (head, character) => character === ';' && /^\s*for\b/.test(head);

const fix = (declaration) => declaration.replace(/: ([^;]+);/, ' = $1();');

/** Mutations of a source: where it is changed, and into what. */
import { parse } from 'acorn';

const OPERATORS = {
  '<': '<=',
  '<=': '<',
  '>': '>=',
  '>=': '>',
  '===': '!==',
  '!==': '===',
  '+': '-',
  '-': '+',
  '*': '/',
  '/': '*',
  '&&': '||',
  '||': '&&',
  '??': '&&',
};

/** All of them, in the order of the source. Texts are left alone: they are for people. */
export function mutationsOf(source) {
  const found = [];
  const add = (node, replacement, what) => found.push({ start: node.start, end: node.end, replacement, what });
  const empty = new Set();
  const { body } = parse(source, { ecmaVersion: 'latest' });
  visit({ body: body.filter((statement) => !isExport(statement)) }, (node) => {
    switch (node.type) {
      case 'MethodDefinition':
        if (node.kind === 'constructor') node.value.body.body.filter(isEmptyAtFirst).forEach((each) => empty.add(each));
        break;
      case 'IfStatement':
      case 'ConditionalExpression':
        add(node.test, 'true', 'always true');
        add(node.test, 'false', 'always false');
        break;
      case 'WhileStatement':
        add(node.test, 'false', 'never loops');
        break;
      case 'BinaryExpression':
      case 'LogicalExpression':
        if (OPERATORS[node.operator] && !isOfText(node)) {
          const [left, right] = [node.left, node.right].map(({ start, end }) => source.slice(start, end));
          const between = source.slice(node.left.end, node.right.start);
          const text = left + between.replace(node.operator, () => OPERATORS[node.operator]) + right;
          // In parentheses: it holds together what it held together before, and ?? takes no && beside it.
          add(node, `(${text})`, `${node.operator} is ${OPERATORS[node.operator]}`);
        }
        break;
      case 'UnaryExpression':
        if (node.operator === '!') add({ start: node.start, end: node.start + 1 }, '', 'no longer negated');
        break;
      case 'Literal':
        if (typeof node.value === 'boolean') add(node, String(!node.value), 'the opposite');
        break;
      case 'UpdateExpression':
        add(
          node,
          source.slice(node.start, node.end).replace(node.operator, node.operator === '++' ? '--' : '++'),
          'counts the other way',
        );
        break;
      case 'ExpressionStatement':
        if (isAction(node.expression) && !empty.has(node)) add(node, ';', 'left out');
        break;
      case 'ReturnStatement':
        if (node.argument && node.argument.type !== 'Literal' && node.argument.name !== 'undefined')
          add(node.argument, 'undefined', 'returns nothing');
        break;
    }
  });
  return found.toSorted((a, b) => a.start - b.start);
}

/** As the compiler writes them: `exports.a = b`, `Object.defineProperty(exports, …)`, and what it needs for these. */
function isExport({ type, expression, declarations }) {
  if (type === 'VariableDeclaration') return declarations.some(({ id }) => id.name?.startsWith('__'));
  if (type !== 'ExpressionStatement') return false;
  const { left, callee } = expression;
  return left?.object?.name === 'exports' || callee?.object?.name === 'Object';
}

/** `this.a = undefined` or `this.a = false`: a field that is left out is as empty. */
function isEmptyAtFirst({ expression }) {
  const { value, name } = expression?.right ?? {};
  return expression?.type === 'AssignmentExpression' && (value === false || name === 'undefined');
}

function isAction({ type, callee }) {
  return type === 'AssignmentExpression' || (type === 'CallExpression' && callee.type !== 'Super');
}

function isOfText({ left, right }) {
  return [left, right].some(
    ({ type, value }) => type === 'TemplateLiteral' || (typeof value === 'string' && value.length > 20),
  );
}

function visit(node, see) {
  see(node);
  for (const value of Object.values(node)) {
    for (const child of Array.isArray(value) ? value : [value]) {
      if (child && typeof child.type === 'string') visit(child, see);
    }
  }
}

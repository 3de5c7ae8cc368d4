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
  visit(parse(source, { ecmaVersion: 'latest' }), (node) => {
    switch (node.type) {
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
          const between = { start: node.left.end, end: node.right.start };
          const text = source.slice(between.start, between.end).replace(node.operator, () => OPERATORS[node.operator]);
          add(between, text, `${node.operator} is ${OPERATORS[node.operator]}`);
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
        if (isAction(node.expression)) add(node, ';', 'left out');
        break;
      case 'ReturnStatement':
        if (node.argument && node.argument.type !== 'Literal') add(node.argument, 'undefined', 'returns nothing');
        break;
    }
  });
  return found.toSorted((a, b) => a.start - b.start);
}

/** Statements of the module itself only import and export. */
function isAction({ type, callee, left }) {
  if (type === 'AssignmentExpression') return left.type !== 'MemberExpression' || left.object.name !== 'exports';
  return type === 'CallExpression' && callee.type !== 'Super' && callee.object?.name !== 'Object';
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

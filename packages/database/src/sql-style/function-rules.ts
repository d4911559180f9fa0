import type { CreateFunctionStmt, DefElem } from 'libpg-query';
import { lastName } from './names.ts';
import type { Finding, SqlScript, Statement } from './sql-script.ts';

/** Lines from `create` to the end of the body. */
const longestFunction = 100;

interface FunctionStatement extends Statement {
  definition: CreateFunctionStmt;
  name: string;
}

/**
 * Every function pins `search_path` to nothing, so that nobody can slip another table or operator under it. A body that
 * is parsed when it is created (`return …`) has no names left to look up, and without the setting it can be inlined.
 */
export function searchPath(script: SqlScript): Finding[] {
  return functionsOf(script)
    .filter(({ definition }) => definition.sql_body === undefined)
    .filter(({ definition }) => !optionsOf(definition).some(isEmptySearchPath))
    .map((statement) => finding(script, statement, 'search-path', "Add `set search_path = ''`."));
}

/** Volatility is stated, never the default. A trigger function is volatile by nature and may leave it out. */
export function volatility(script: SqlScript): Finding[] {
  return functionsOf(script)
    .filter(({ definition }) => definition.is_procedure !== true && !returnsTrigger(definition))
    .filter(({ definition }) => !optionsOf(definition).some(({ defname }) => defname === 'volatility'))
    .map((statement) => finding(script, statement, 'volatility', 'State immutable, stable or volatile.'));
}

/** A function with its owner's rights says why in a comment behind `security definer` or on the line above. */
export function definerReason(script: SqlScript): Finding[] {
  return functionsOf(script).flatMap((statement) => {
    const { tokens } = statement;
    const index = tokens.findIndex(
      ({ text }, at) => text.toLowerCase() === 'definer' && tokens[at - 1]?.text.toLowerCase() === 'security',
    );
    const definer = tokens[index];
    if (definer === undefined) return [];
    const line = script.lineAt(definer.start);
    const hasReason = tokens.some(
      ({ kind, start, end }) =>
        kind === 'comment' &&
        ((start > definer.start && script.lineAt(start) === line) || script.lineAt(end) === line - 1),
    );
    const message = "Say why it needs its owner's rights: `security definer -- reason`.";
    return hasReason ? [] : [{ ...finding(script, statement, 'definer-reason', message), line }];
  });
}

/** A function longer than a screen and a half hides a second one. */
export function functionLength(script: SqlScript): Finding[] {
  return functionsOf(script).flatMap((statement) => {
    const last = statement.tokens.at(-1);
    const lines = last === undefined ? 0 : script.lineAt(last.end) - statement.line + 1;
    const message = `It has ${lines} lines; ${longestFunction} is the most. Split off what has a name of its own.`;
    return lines > longestFunction ? [finding(script, statement, 'function-length', message)] : [];
  });
}

function functionsOf(script: SqlScript): FunctionStatement[] {
  return script.statements.flatMap((statement) => {
    if (!('CreateFunctionStmt' in statement.node)) return [];
    const definition = statement.node.CreateFunctionStmt;
    return [{ ...statement, definition, name: lastName(definition.funcname) }];
  });
}

function optionsOf(definition: CreateFunctionStmt): DefElem[] {
  return (definition.options ?? []).flatMap((option) => ('DefElem' in option ? [option.DefElem] : []));
}

function isEmptySearchPath({ arg }: DefElem): boolean {
  if (arg === undefined || !('VariableSetStmt' in arg) || arg.VariableSetStmt.name !== 'search_path')
    return false;
  const [value, ...others] = arg.VariableSetStmt.args ?? [];
  if (value === undefined || others.length > 0 || !('A_Const' in value)) return false;
  return value.A_Const.sval !== undefined && (value.A_Const.sval.sval ?? '') === '';
}

function returnsTrigger(definition: CreateFunctionStmt): boolean {
  return ['trigger', 'event_trigger'].includes(lastName(definition.returnType?.names));
}

function finding(
  script: SqlScript,
  { line, name }: FunctionStatement,
  rule: string,
  message: string,
): Finding {
  return { path: script.path, line, rule, message: `Function ${name}: ${message}` };
}

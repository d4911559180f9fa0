import type { CommentStmt, CreateFunctionStmt, Node } from 'libpg-query';
import { nameParts, relationName, typeName } from './names.ts';
import type { Finding, SqlScript } from './sql-script.ts';

/** Schemas whose functions others call by name: people through the API, the worker through its role. */
const exposedSchemas = ['public', 'worker'];

/**
 * Every table and view, and every function others may call, says in the catalogue what it is for.
 * Looks over all scripts at once: a later migration may bring the comment.
 */
export function catalogueComments(scripts: SqlScript[]): Finding[] {
  const commented = new Set(
    scripts.flatMap(({ statements }) =>
      statements.flatMap(({ node }) => ('CommentStmt' in node ? [commentTarget(node.CommentStmt)] : [])),
    ),
  );
  return scripts.flatMap(({ path, statements }) =>
    statements.flatMap(({ node, line }) => {
      const target = createdTarget(node);
      if (target === null || commented.has(target)) return [];
      return [{ path, line, rule: 'catalogue-comment', message: `Add \`comment on ${target} is '…'\`.` }];
    }),
  );
}

function createdTarget(node: Node): string | null {
  if ('CreateStmt' in node && node.CreateStmt.relation !== undefined) {
    const { relation, partbound } = node.CreateStmt;
    const isWorthless = relation.relpersistence === 't' || partbound !== undefined;
    return isWorthless ? null : `table ${relationName(relation)}`;
  }
  if ('ViewStmt' in node && node.ViewStmt.view !== undefined)
    return `view ${relationName(node.ViewStmt.view)}`;
  if (!('CreateFunctionStmt' in node)) return null;
  const name = nameParts(node.CreateFunctionStmt.funcname);
  return exposedSchemas.includes(name[0] ?? '')
    ? functionTarget(name, inputTypes(node.CreateFunctionStmt))
    : null;
}

function inputTypes({ parameters }: CreateFunctionStmt): string[] {
  return (parameters ?? []).flatMap((parameter) => {
    if (!('FunctionParameter' in parameter)) return [];
    const { mode, argType } = parameter.FunctionParameter;
    const isOutput = mode === 'FUNC_PARAM_OUT' || mode === 'FUNC_PARAM_TABLE';
    return isOutput || argType === undefined ? [] : [typeName(argType)];
  });
}

function commentTarget({ objtype, object }: CommentStmt): string {
  if (object === undefined) return '';
  if ('ObjectWithArgs' in object) {
    const { objname, objargs } = object.ObjectWithArgs;
    const types = (objargs ?? []).flatMap((type) => ('TypeName' in type ? [typeName(type.TypeName)] : []));
    return functionTarget(nameParts(objname), types);
  }
  const kind = objtype === 'OBJECT_VIEW' ? 'view' : 'table';
  return 'List' in object ? `${kind} ${nameParts(object.List.items).join('.')}` : '';
}

function functionTarget(name: string[], types: string[]): string {
  return `function ${name.join('.')}(${types.join(', ')})`;
}

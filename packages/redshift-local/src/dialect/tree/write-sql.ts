import type { A_Expr, BooleanTest, BoolExpr, Node, NullTest, SubLink } from 'libpg-query';
import { Deparser } from 'pgsql-deparser';

type Context = Parameters<Deparser['A_Expr']>[1];

/** Writes a parse tree as PostgreSQL SQL. */
export function writeSql(node: Node): string {
  return new ParenthesisingDeparser(node, { pretty: false }).deparseQuery();
}

/**
 * The library leaves out parentheses that some operators need: `(NOT a) IS NULL` came out as `NOT a IS NULL`. Every
 * operator expression gets its own here; too many change nothing.
 */
class ParenthesisingDeparser extends Deparser {
  override A_Expr(node: A_Expr, context: Context): string {
    return `(${super.A_Expr(node, context)})`;
  }

  override BoolExpr(node: BoolExpr, context: Context): string {
    return `(${super.BoolExpr(node, context)})`;
  }

  override NullTest(node: NullTest, context: Context): string {
    return `(${super.NullTest(node, context)})`;
  }

  override BooleanTest(node: BooleanTest, context: Context): string {
    return `(${super.BooleanTest(node, context)})`;
  }

  override SubLink(node: SubLink, context: Context): string {
    return `(${super.SubLink(node, context)})`;
  }
}

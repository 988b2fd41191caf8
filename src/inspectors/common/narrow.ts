/** Tables of which most columns are empty: only those that some row uses are kept. */

import type { FactTable } from '../../core/facts.js';

export function narrow(table: FactTable): FactTable {
  const used = table.columns.map((_, i) => table.rows.some(({ values }) => values[i] !== null));
  if (!used.includes(false)) return table;
  return {
    ...table,
    columns: table.columns.filter((_, i) => used[i]),
    rows: table.rows.map((row) => ({ ...row, values: row.values.filter((_, i) => used[i]) })),
  };
}

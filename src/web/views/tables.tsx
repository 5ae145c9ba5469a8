// The tables at the cursor. What changed since the cursor stood elsewhere is marked; what went is struck.

import type { JSX } from 'preact';
import type { TableName } from '../../view/tables.ts';
import { cursor, machine, moveTo, previous, run, table } from '../state.ts';
import { cell, count, micros } from './format.ts';

/** More rows would only slow the page down; the machine narrows them. */
const ROW_LIMIT = 200;

/** One table, of all machines or of the chosen one. */
export function TablesView(): JSX.Element | null {
  const index = run.value;
  if (index === null) return null;
  const { at } = cursor.value;
  const name = table.value;
  const [from, to] = [previous.value.at, at].sort((a, b) => a - b) as [number, number];
  const rows = index.table(name, at).filter(({ row }) => isOf(row, machine.value));
  const gone = index.removed(name, from, to).filter((row) => isOf(row, machine.value));
  const columns = Object.keys(rows[0]?.row ?? gone[0] ?? {});
  const { changesUntil } = index.record;
  const machines = index.table('machines', at).map(({ row }) => row.name);
  return (
    <div class="tables">
      <div class="tables-head">
        <label>
          table{' '}
          <select
            value={name}
            onChange={(event) => {
              table.value = event.currentTarget.value as TableName;
            }}
          >
            {index.tableNames().map((each) => (
              <option key={each}>{each}</option>
            ))}
          </select>
        </label>
        <label>
          machine{' '}
          <select
            value={machine.value ?? ''}
            onChange={(event) => {
              machine.value = event.currentTarget.value === '' ? null : event.currentTarget.value;
            }}
          >
            <option value="">all</option>
            {machines.map((each) => (
              <option key={each}>{each}</option>
            ))}
          </select>
        </label>
        <span class="muted">
          {count(rows.length)} rows at {micros(at)} s
          {rows.length > ROW_LIMIT ? `, the first ${ROW_LIMIT} are shown` : ''}
        </span>
      </div>
      {changesUntil !== null && at >= changesUntil ? (
        <p class="bad">
          Too much changed to be kept: this is how the table stood at {micros(changesUntil)} s.
        </p>
      ) : null}
      {rows.length + gone.length === 0 ? (
        <p class="empty">The table is empty at this instant.</p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls
        <section class="scroll" aria-label={`Table ${name}`} tabIndex={0}>
          <table>
            <thead>
              <tr>
                {columns.map((each) => (
                  <th key={each} scope="col">
                    {each}
                  </th>
                ))}
                <th scope="col">changed at</th>
              </tr>
            </thead>
            <tbody>
              {rows.slice(0, ROW_LIMIT).map(({ changedAt, key, row }) => (
                <tr key={key} class={changedAt > from && changedAt <= to ? 'changed' : ''}>
                  {Object.entries(row).map(([column, value]) => (
                    <td key={column}>{cell(column, value, at)}</td>
                  ))}
                  <td>
                    <button type="button" class="link" onClick={() => moveTo(changedAt)}>
                      {micros(changedAt)}
                    </button>
                  </td>
                </tr>
              ))}
              {gone.map((row, each) => (
                <tr key={`gone ${each}`} class="gone">
                  {Object.entries(row).map(([column, value]) => (
                    <td key={column}>{cell(column, value, at)}</td>
                  ))}
                  <td>gone</td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
    </div>
  );
}

/** Whether a row is about a machine; rows that belong to none of them always are. */
function isOf(row: object, name: string | null): boolean {
  if (name === null) return true;
  const { device, holder, machine: of, name: own, from } = row as Readonly<Record<string, unknown>>;
  const owner = of ?? holder ?? device ?? from ?? own;
  return owner === undefined || owner === name;
}

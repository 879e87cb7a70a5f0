import type { CoreType } from '../../../shared/contract/sites.ts';
import { formatBytes, formatDuration } from '../../../shared/domain/units.ts';
import table from '../../ui/plain-table/plain-table.module.css';

export interface CoreTypesTableProps {
  readonly coreTypes: readonly CoreType[];
  /** Id of the heading that names the table. */
  readonly labelledBy: string;
  /** What can be done with a core type, at the end of its row. */
  readonly renderActions?: (type: CoreType) => React.ReactNode;
}

/** Core types with what they have; columns that nobody fills are left out. */
export function CoreTypesTable({ coreTypes, labelledBy, renderActions }: CoreTypesTableProps): React.JSX.Element {
  const has = (key: 'accelerator' | 'account' | 'qos' | 'constraint'): boolean =>
    coreTypes.some((t) => t[key] !== null);
  const optional = (['accelerator', 'account', 'qos', 'constraint'] as const).filter(has);
  return (
    <table className={table.table} aria-labelledby={labelledBy}>
      <thead>
        <tr>
          <th scope="col">Name</th>
          <th scope="col" className={table.number}>
            Nodes
          </th>
          <th scope="col" className={table.number}>
            Cores
          </th>
          <th scope="col" className={table.number}>
            Memory
          </th>
          <th scope="col" className={table.number}>
            Time limit
          </th>
          {optional.map((key) => (
            <th key={key} scope="col">
              {HEADS[key]}
            </th>
          ))}
          <th scope="col" className={table.rest}>
            {renderActions === undefined ? '' : 'Actions'}
          </th>
        </tr>
      </thead>
      <tbody>
        {coreTypes.map((type) => (
          <tr key={type.name}>
            <td title={type.description}>{type.name}</td>
            <td className={table.number}>{type.nodes}</td>
            <td className={table.number}>{type.cores}</td>
            <td className={table.number}>{type.memoryBytes === 0 ? 'not known' : formatBytes(type.memoryBytes)}</td>
            <td className={table.number}>
              {type.maxWalltimeSeconds === null ? 'none' : formatDuration(type.maxWalltimeSeconds)}
            </td>
            {optional.map((key) => (
              <td key={key}>{type[key] ?? '–'}</td>
            ))}
            <td className={table.rest}>{renderActions?.(type)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const HEADS = { accelerator: 'Accelerator', account: 'Account', qos: 'QoS', constraint: 'Constraint' } as const;

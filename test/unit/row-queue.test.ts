/** Tests of rows in the inventory dialog, while its table changes. */
import assert from 'node:assert/strict';
import { RowQueue } from '../../nodes/phase0-inventory/editor/row-queue';
import { TableModel, type TableRow } from '../../nodes/phase0-inventory/editor/table-model';

function sceneOf(atATime = 4) {
  const rows = Array.from({ length: 8 }, (_, n) => ({ device_id: `lamp-${n}`, tags: n < 6 ? 'hall' : 'boiler' }));
  const model = new TableModel(rows);
  const started: string[] = [];
  const said: string[] = [];
  const running = new Map<string, () => void>();
  const nameOf = ({ device_id: id = '' }: TableRow) => id;
  const queue = new RowQueue<TableRow>({
    atATime,
    start(row, state, ended) {
      if (!model.rows.includes(row)) return undefined;
      const id = nameOf(row);
      started.push(`${id} ${state}`);
      const end = () => {
        running.delete(id);
        ended();
      };
      running.set(id, end);
      return () => {
        said.push(`${id} aborted`);
        end();
      };
    },
    cancelled: (row) => void said.push(`${nameOf(row)} cancelled`),
    idle: () => void said.push('idle'),
  });
  const endAll = () => {
    while (running.size > 0) for (const end of running.values()) end();
  };
  return { model, queue, started, said, running, endAll };
}

describe('tests of rows', () => {
  it('are of those that were found, whatever is deleted meanwhile, and none of a deleted one', () => {
    const { model, queue, started, said, endAll } = sceneOf();
    model.filter = 'hall';
    queue.add(model.foundRows(), true);
    assert.equal(started.length, 4);
    // One that is being tested, and one that waits.
    model.remove(0);
    model.remove(3);
    endAll();
    assert.deepEqual(started, ['lamp-0 true', 'lamp-1 true', 'lamp-2 true', 'lamp-3 true', 'lamp-5 true']);
    assert.deepEqual(said, ['idle']);
    assert.ok(queue.isIdle);
  });

  it('end also when all that wait were deleted', () => {
    const { model, queue, said, endAll } = sceneOf();
    queue.add(model.foundRows(), true);
    model.rows.length = 0;
    endAll();
    assert.deepEqual(said, ['idle']);
  });

  it('say of each row that it was cancelled', () => {
    const { model, queue, said, started } = sceneOf(1);
    queue.add(model.foundRows().slice(0, 3), true);
    queue.cancel();
    assert.deepEqual(said, ['lamp-1 cancelled', 'lamp-2 cancelled', 'lamp-0 aborted', 'idle']);
    assert.deepEqual(started, ['lamp-0 true']);
  });

  it('switch each row as it was asked for, and a row that is asked for again after its first test', () => {
    const { model, queue, started, running, endAll } = sceneOf(2);
    const [first, second, third] = model.foundRows() as [TableRow, TableRow, TableRow];
    queue.add([first, second, third], false);
    queue.add([first], true);
    assert.deepEqual(started, ['lamp-0 false', 'lamp-1 false']);
    running.get('lamp-1')?.();
    assert.deepEqual(started.slice(2), ['lamp-2 false']);
    queue.add([third], true);
    endAll();
    assert.deepEqual(started.slice(3), ['lamp-0 true', 'lamp-2 true']);
  });
});

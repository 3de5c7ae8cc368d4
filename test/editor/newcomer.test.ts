/** A newcomer's first steps in the editor: from an empty tab to a lamp that is on. */
import assert from 'node:assert/strict';
import { inEachEditor } from '../support/editor-scene';
import { switchFirstLamp } from '../support/first-lamp';
import { useSimulator } from '../support/fixtures';

inEachEditor('a newcomer', (scene, generation) => {
  const simulator = useSimulator();

  it('gets from an empty tab to a lamp that is on', async () => {
    await scene().show([{ id: 'f100000000000001', type: 'tab', label: 'Mine' }]);
    await switchFirstLamp(scene().editor, simulator().port, `test-reports/newcomer-${generation}`);
    assert.equal(simulator().states.get('lamp-1'), true);
  });
});
